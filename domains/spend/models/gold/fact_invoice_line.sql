-- One row per invoice line, with the keys of the dimensions as they were when it was posted; -1 where
-- a dimension does not know it (yet). Which vendors are one company is an opinion of today: it stands
-- in vendor_clusters and changes no month of this table.
-- grain: line_id
-- time column: posted_on
WITH several AS (
  SELECT document_id, posted_month, min(line_id) AS first_line_id,
    CAST(sum(amount) AS DECIMAL(38,2)) AS amount, CAST(count(*) AS BIGINT) AS lines
  FROM invoice_lines
  GROUP BY document_id, posted_month
  HAVING count(*) > 1
)
SELECT
  i.line_id,
  i.document_id,
  coalesce(s.lines, 1) AS document_lines,
  coalesce(s.amount, CAST(i.amount AS DECIMAL(38,2))) AS document_amount,
  s.first_line_id IS NULL OR s.first_line_id = i.line_id AS is_first_line,
  CASE WHEN v.vendor_id IS NULL THEN -1 ELSE row_hash(CAST(1 AS UBIGINT), v.vendor_id, v.valid_from) END AS vendor_key,
  coalesce(d.department_key, -1) AS department_key,
  coalesce(a.account_key, -1) AS account_key,
  coalesce(c.campaign_key, -1) AS campaign_key,
  i.entity,
  i.vendor_id,
  coalesce(i.vendor_name, v.name, i.vendor_id) AS vendor_name,
  i.invoice_number,
  {{ number_plain('i.invoice_number') }} AS number_plain,
  {{ number_parts('i.invoice_number') }} AS number_parts,
  {{ number_stem('i.invoice_number') }} AS number_stem,
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
LEFT JOIN several AS s ON s.document_id = i.document_id AND s.posted_month = i.posted_month
LEFT JOIN vendor_versions AS v
  ON v.vendor_id = i.vendor_id AND i.posted_on >= v.valid_from AND i.posted_on < v.valid_to
LEFT JOIN dim_department AS d
  ON d.department = i.department AND i.posted_on >= d.valid_from AND i.posted_on < d.valid_to
LEFT JOIN dim_account AS a
  ON a.account = i.account AND i.posted_on >= a.valid_from AND i.posted_on < a.valid_to
LEFT JOIN dim_campaign AS c
  ON c.campaign_id = i.campaign_id AND i.posted_on >= c.valid_from AND i.posted_on < c.valid_to
