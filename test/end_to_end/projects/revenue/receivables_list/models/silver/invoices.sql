-- One row per invoice of the list.
-- grain: invoice_id
SELECT
  invoice_number AS invoice_id,
  1 AS invoice_version,
  invoice_number,
  'invoice' AS document_type,
  CAST(NULL AS STRING) AS credits_invoice_id,
  customer_id,
  CAST(NULL AS STRING) AS order_id,
  invoice_date,
  due_date AS due_on,
  amount,
  'USD' AS currency,
  disputed = 'Yes' AS is_disputed,
  false AS is_withdrawn,
  month_key(invoice_date) AS invoice_month
FROM receivables_list
