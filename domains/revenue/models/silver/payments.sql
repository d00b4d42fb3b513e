-- One row per attempt at a payment, in its newest version.
-- grain: payment_id, attempt
SELECT
  payment_id,
  attempt,
  version AS payment_version,
  coalesce(customer_id, '?') AS customer_id,
  invoice_id,
  order_id,
  method,
  installments,
  attempted_on,
  status,
  CASE WHEN status = 'settled' THEN coalesce(settled_on, attempted_on) END AS settled_on,
  failure_reason,
  amount,
  currency,
  coalesce(is_withdrawn, false) AS is_withdrawn,
  month_key(attempted_on) AS attempted_month
FROM raw_payments
