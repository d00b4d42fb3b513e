-- Invoices as documents: the sum of the lines, and what the first line says of the document.
-- grain: document_id, posted_month
WITH sums AS (
  SELECT
    document_id,
    posted_month,
    min(line_id) AS first_line_id,
    CAST(sum(amount) AS DECIMAL(38,2)) AS amount,
    CAST(count(*) AS BIGINT) AS line_count
  FROM fact_invoice_line
  GROUP BY document_id, posted_month
)
SELECT
  s.document_id,
  s.posted_month,
  f.vendor_cluster,
  f.cluster_name,
  f.is_placeholder,
  f.vendor_id,
  f.vendor_name,
  f.entity,
  f.invoice_number,
  f.number_plain,
  f.number_parts,
  f.number_stem,
  f.document_type,
  f.reverses_number,
  f.invoice_date,
  f.posted_on,
  f.category,
  f.contract_id,
  f.batch_id,
  f.currency,
  s.amount,
  s.line_count,
  s.first_line_id
FROM sums AS s
JOIN fact_invoice_line AS f ON f.line_id = s.first_line_id AND f.posted_month = s.posted_month
