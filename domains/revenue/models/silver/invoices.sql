-- One row per invoice, credit memo or adjustment, in its newest version.
-- grain: invoice_id
SELECT
  invoice_id,
  version AS invoice_version,
  invoice_number,
  document_type,
  credits_invoice_id,
  coalesce(customer_id, '?') AS customer_id,
  order_id,
  invoice_date,
  coalesce(due_on, invoice_date) AS due_on,
  amount,
  currency,
  coalesce(is_disputed, false) AS is_disputed,
  coalesce(is_withdrawn, false) AS is_withdrawn,
  month_key(invoice_date) AS invoice_month
FROM raw_invoices
