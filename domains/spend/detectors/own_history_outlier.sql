-- Purchases far above what the same card, the same merchant or the same account of a department ever
-- shows. Each is compared with its own past and present, never with a limit for all.
WITH bought AS (
  SELECT e.expense_id, e.employee_id, e.card_id, e.payee_id, e.payee_name, e.department, e.account, e.spent_on, e.amount, e.currency
  FROM fact_expense AS e
  LEFT JOIN batch_twins AS t ON t.batch_id = e.batch_id
  LEFT JOIN refunded_purchases AS r ON r.expense_id = e.expense_id
  WHERE e.channel <> 'invoice' AND e.amount > 0 AND t.batch_id IS NULL AND r.expense_id IS NULL
),
histories AS (
  SELECT 'card' AS kind, card_id AS owner, expense_id, amount, currency FROM bought WHERE card_id IS NOT NULL
  UNION ALL
  SELECT 'merchant', payee_id, expense_id, amount, currency FROM bought
  UNION ALL
  SELECT 'account', department || ' ' || account, expense_id, amount, currency FROM bought
),
placed AS (
  SELECT *,
    row_number() OVER (PARTITION BY kind, owner, currency ORDER BY amount, expense_id) AS place,
    count(*) OVER (PARTITION BY kind, owner, currency) AS purchases
  FROM histories
),
-- The largest of the lower nine tenths.
usual AS (
  SELECT kind, owner, currency, max(purchases) AS purchases, max(CASE WHEN 10 * place <= 9 * purchases THEN amount END) AS high
  FROM placed
  GROUP BY kind, owner, currency
  HAVING max(purchases) >= {{ param('min_purchases') }}
),
outliers AS (
  SELECT p.expense_id, p.kind, p.owner, p.currency, p.amount, u.high, u.purchases,
    row_number() OVER (PARTITION BY p.expense_id ORDER BY u.high NULLS LAST, p.kind, p.owner NULLS LAST) AS turn
  FROM placed AS p
  JOIN usual AS u ON u.kind = p.kind AND u.owner = p.owner AND u.currency = p.currency
  WHERE p.amount >= {{ param('times_high') }} * u.high AND p.amount >= {{ param('min_amount') }}
)
SELECT
  'outlier|' || coalesce(b.employee_id, b.card_id, '') || '|' || CAST(b.spent_on AS STRING) || '|' || b.payee_id || '|' || CAST(b.amount AS STRING) AS finding_key,
  o.kind AS subject_type,
  o.owner AS subject_id,
  o.expense_id AS row_id,
  'flagged' AS role,
  b.spent_on AS occurred_on,
  CAST(b.amount - o.high AS DECIMAL(28,6)) AS amount_at_risk,
  b.currency,
  CAST(ratio_4(least(90, 50 + 2 * CAST(round(ratio_0(o.amount, o.high), 0) AS BIGINT)), 100) AS DECIMAL(5,4)) AS strength,
  'Purchase of ' || b.currency || ' ' || CAST(b.amount AS STRING) || ' at ' || b.payee_name || ' on ' || CAST(b.spent_on AS STRING) || '; nine in ten of the '
    || CAST(o.purchases AS STRING) || ' purchases of ' || o.kind || ' ' || o.owner || ' are at most ' || CAST(o.high AS STRING) AS reason
FROM outliers AS o
JOIN bought AS b ON b.expense_id = o.expense_id
WHERE o.turn = 1
