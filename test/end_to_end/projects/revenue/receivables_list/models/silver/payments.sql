-- One payment for each invoice of the list, on the day it was settled.
-- grain: payment_id, attempt
SELECT
  invoice_number AS payment_id,
  1 AS attempt,
  1 AS payment_version,
  customer_id,
  invoice_number AS invoice_id,
  CAST(NULL AS STRING) AS order_id,
  'transfer' AS method,
  1 AS installments,
  settled_date AS attempted_on,
  'settled' AS status,
  settled_date AS settled_on,
  CAST(NULL AS STRING) AS failure_reason,
  amount,
  'USD' AS currency,
  false AS is_withdrawn,
  month_key(settled_date) AS attempted_month
FROM receivables_list
