-- How far each payment came: attempted, however often; settled; paid back, whole or in part.
-- grain: payment_id, stage
-- time column: attempted_on
WITH payments_once AS (
  SELECT payment_id, currency,
    min(attempted_on) AS attempted_on,
    max(CASE WHEN is_last_attempt THEN method END) AS method,
    max(CASE WHEN is_last_attempt THEN customer_cluster END) AS customer_cluster,
    max(CASE WHEN is_last_attempt THEN amount END) AS amount,
    sum(settled_amount) AS settled_amount,
    sum(refunded_amount) AS refunded_amount,
    max(CASE WHEN is_settled THEN 1 ELSE 0 END) AS is_settled
  FROM fact_payment
  GROUP BY payment_id, currency
)
SELECT payment_id, '1 attempted' AS stage, attempted_on, coalesce(method, '?') AS method,
  coalesce(customer_cluster, '?') AS customer_cluster, currency, CAST(coalesce(amount, 0) AS DECIMAL(38,4)) AS amount
FROM payments_once
UNION ALL
SELECT payment_id, '2 settled', attempted_on, coalesce(method, '?'), coalesce(customer_cluster, '?'), currency,
  CAST(settled_amount AS DECIMAL(38,4))
FROM payments_once
WHERE is_settled = 1
UNION ALL
SELECT payment_id, '3 refunded', attempted_on, coalesce(method, '?'), coalesce(customer_cluster, '?'), currency,
  CAST(refunded_amount AS DECIMAL(38,4))
FROM payments_once
WHERE refunded_amount > 0
