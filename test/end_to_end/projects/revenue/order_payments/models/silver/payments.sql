-- One payment for each part of an order's payment. The day of the export stands in for the days
-- that it does not say.
-- grain: payment_id, attempt
SELECT
  order_id || '-' || CAST(part AS STRING) AS payment_id,
  1 AS attempt,
  1 AS payment_version,
  '?' AS customer_id,
  CAST(NULL AS STRING) AS invoice_id,
  order_id,
  method,
  installments,
  DATE '2018-10-17' AS attempted_on,
  'settled' AS status,
  DATE '2018-10-17' AS settled_on,
  CAST(NULL AS STRING) AS failure_reason,
  amount,
  'BRL' AS currency,
  false AS is_withdrawn,
  '2018-10' AS attempted_month
FROM order_payments
