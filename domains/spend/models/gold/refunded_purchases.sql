-- Purchases that were given back: each refund takes the latest earlier purchase of the same card that is
-- not taken yet, of the same amount, in {{ var('refund_days') }} days. Without a card the person and the place count.
-- grain: expense_id
WITH moves AS (
  SELECT
    expense_id,
    coalesce('card ' || card_id, coalesce(employee_id, '') || ' at ' || payee_id) AS owner,
    currency, abs(amount) AS size, spent_on,
    CASE WHEN amount > 0 THEN 1 ELSE -1 END AS step
  FROM fact_expense
  WHERE channel <> 'invoice' AND amount <> 0
),
-- Purchases lie on a pile and refunds take from the top of it.
piled AS (
  SELECT *,
    row_number() OVER (PARTITION BY owner, currency, size ORDER BY spent_on, step DESC, expense_id) AS turn,
    sum(step) OVER (
      PARTITION BY owner, currency, size ORDER BY spent_on, step DESC, expense_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS height
  FROM moves
),
-- What comes next on the place of a purchase in the pile is what takes it away.
placed AS (
  SELECT expense_id, spent_on, step,
    lead(step) OVER (PARTITION BY owner, currency, size, CASE WHEN step = 1 THEN height ELSE height + 1 END ORDER BY turn) AS next_step,
    lead(expense_id) OVER (PARTITION BY owner, currency, size, CASE WHEN step = 1 THEN height ELSE height + 1 END ORDER BY turn) AS refund_id,
    lead(spent_on) OVER (PARTITION BY owner, currency, size, CASE WHEN step = 1 THEN height ELSE height + 1 END ORDER BY turn) AS refunded_on
  FROM piled
)
SELECT expense_id, refund_id, refunded_on
FROM placed
WHERE step = 1 AND next_step = -1 AND refunded_on <= spent_on + {{ var('refund_days') }}
