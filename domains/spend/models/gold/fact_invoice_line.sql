-- One row per invoice line, with the keys of the dimensions as they were when it was posted; -1 where
-- a dimension does not know it (yet).
-- grain: line_id
-- time column: posted_on
SELECT
  i.line_id,
  i.document_id,
  coalesce(v.vendor_key, -1) AS vendor_key,
  coalesce(d.department_key, -1) AS department_key,
  coalesce(a.account_key, -1) AS account_key,
  coalesce(c.campaign_key, -1) AS campaign_key,
  i.entity,
  i.vendor_id,
  k.vendor_cluster,
  k.cluster_name,
  coalesce(k.is_placeholder, true) AS is_placeholder,
  coalesce(i.vendor_name, k.name) AS vendor_name,
  i.invoice_number,
  i.number_plain,
  i.number_parts,
  i.number_stem,
  i.document_type,
  i.reverses_number,
  i.invoice_date,
  i.received_on,
  i.posted_on,
  i.posted_month,
  coalesce(i.department, '?') AS department,
  coalesce(i.account, '?') AS account,
  coalesce(i.category, '?') AS category,
  i.campaign_id,
  i.item,
  i.quantity,
  i.unit_price,
  i.amount,
  i.currency,
  i.purchase_order,
  i.contract_id,
  i.batch_id
FROM invoice_lines AS i
LEFT JOIN vendor_clusters AS k ON k.vendor_id = i.vendor_id
LEFT JOIN dim_vendor AS v
  ON v.vendor_id = i.vendor_id AND i.posted_on >= v.valid_from AND i.posted_on < v.valid_to
LEFT JOIN dim_department AS d
  ON d.department = i.department AND i.posted_on >= d.valid_from AND i.posted_on < d.valid_to
LEFT JOIN dim_account AS a
  ON a.account = i.account AND i.posted_on >= a.valid_from AND i.posted_on < a.valid_to
LEFT JOIN dim_campaign AS c
  ON c.campaign_id = i.campaign_id AND i.posted_on >= c.valid_from AND i.posted_on < c.valid_to
