-- Attempts at payments with what became of them. A refund is the first settled attempt's.
-- grain: payment_id, attempt
WITH turns AS (
  SELECT payment_id, attempt, customer_id, invoice_id, order_id, method, installments, attempted_on, settled_on, status,
    failure_reason, currency, amount,
    row_number() OVER (PARTITION BY payment_id ORDER BY attempt DESC) = 1 AS is_last_attempt,
    status = 'settled' AS is_settled,
    row_number() OVER (PARTITION BY payment_id, status ORDER BY settled_on NULLS LAST, attempt) AS turn
  FROM payments
),
back AS (
  SELECT payment_id, currency, sum(amount) AS amount
  FROM refunds
  GROUP BY payment_id, currency
)
SELECT
  t.payment_id,
  t.attempt,
  t.is_last_attempt,
  t.customer_id,
  coalesce(c.customer_cluster, '?') AS customer_cluster,
  t.invoice_id,
  t.order_id,
  t.method,
  t.installments,
  t.attempted_on,
  t.settled_on,
  CASE WHEN t.is_settled AND t.turn = 1 AND b.amount >= t.amount THEN 'refunded' ELSE t.status END AS status,
  t.failure_reason,
  t.currency,
  t.amount,
  CAST(CASE WHEN t.is_settled THEN t.amount ELSE 0 END AS DECIMAL(38,4)) AS settled_amount,
  CAST(CASE WHEN t.is_settled AND t.turn = 1 THEN coalesce(b.amount, 0) ELSE 0 END AS DECIMAL(38,4)) AS refunded_amount,
  t.is_settled
FROM turns AS t
LEFT JOIN back AS b ON b.payment_id = t.payment_id AND b.currency = t.currency
LEFT JOIN customer_clusters AS c ON c.customer_id = t.customer_id
