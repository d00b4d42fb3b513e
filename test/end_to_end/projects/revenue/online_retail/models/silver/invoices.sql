-- One row per document of the export. Numbers that begin with C take goods back, those that begin
-- with A write debts off.
-- grain: invoice_id
SELECT
  order_id AS invoice_id,
  1 AS invoice_version,
  order_id AS invoice_number,
  CASE WHEN order_id LIKE 'C%' THEN 'credit_memo' WHEN order_id LIKE 'A%' THEN 'adjustment' ELSE 'invoice' END AS document_type,
  CAST(NULL AS STRING) AS credits_invoice_id,
  max(customer_id) AS customer_id,
  order_id,
  min(ordered_on) AS invoice_date,
  min(ordered_on) AS due_on,
  CAST(sum(amount) AS DECIMAL(38,4)) AS amount,
  currency,
  false AS is_disputed,
  false AS is_withdrawn,
  month_key(min(ordered_on)) AS invoice_month
FROM order_lines
GROUP BY order_id, currency
