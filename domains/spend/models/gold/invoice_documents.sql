-- Invoices as documents: the lines of one document together, to be compared with each other.
-- grain: document_id, posted_month
SELECT
  document_id,
  posted_month,
  min(vendor_cluster) AS vendor_cluster,
  min(cluster_name) AS cluster_name,
  max(is_placeholder) AS is_placeholder,
  min(vendor_id) AS vendor_id,
  min(vendor_name) AS vendor_name,
  min(entity) AS entity,
  min(invoice_number) AS invoice_number,
  min(number_plain) AS number_plain,
  min(number_parts) AS number_parts,
  min(number_stem) AS number_stem,
  min(document_type) AS document_type,
  max(reverses_number) AS reverses_number,
  min(invoice_date) AS invoice_date,
  min(posted_on) AS posted_on,
  min(category) AS category,
  max(contract_id) AS contract_id,
  min(batch_id) AS batch_id,
  min(currency) AS currency,
  CAST(sum(amount) AS DECIMAL(38,2)) AS amount,
  CAST(count(*) AS BIGINT) AS line_count,
  min(line_id) AS first_line_id
FROM fact_invoice_line
GROUP BY document_id, posted_month
