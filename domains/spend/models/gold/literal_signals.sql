-- The five rules taken by the letter, one signal for each row that breaks one: many more than
-- anybody can work through, kept to compare with. The detectors are the better answer.
-- grain: rule, row_id
WITH paid AS (
  SELECT expense_id, payee_id, posted_on, amount, currency,
    row_hash(CAST(9 AS UBIGINT), payee_id, amount, currency) AS same_key
  FROM fact_expense
  WHERE amount > 0 AND channel = 'invoice'
),
repeated AS (
  SELECT same_key FROM paid GROUP BY same_key HAVING count(*) > 1
),
recurring AS (
  SELECT p.expense_id, p.posted_on, p.amount, p.currency,
    lag(p.posted_on) OVER (PARTITION BY p.same_key ORDER BY p.posted_on, p.expense_id) AS before_on
  FROM paid AS p
  SEMI JOIN repeated AS r ON r.same_key = p.same_key
),
campaigns AS (
  SELECT campaign_day_id, day, spend, currency, results,
    CAST(sum(spend) OVER (PARTITION BY campaign_id, currency) AS DECIMAL(38,2)) AS all_spend,
    sum(results) OVER (PARTITION BY campaign_id, currency) AS all_results,
    count(*) OVER (PARTITION BY campaign_id, currency) AS all_days
  FROM fact_campaign_day
)
SELECT 'duplicate invoice' AS rule, expense_id AS row_id, posted_on AS occurred_on, CAST(amount AS DECIMAL(38,2)) AS amount, currency
FROM recurring
-- bullion: allow sql-duckdb-only
WHERE before_on IS NOT NULL AND date_diff('day', before_on, posted_on) <= 90
UNION ALL
SELECT 'weekend or holiday', e.expense_id, e.spent_on, CAST(e.amount AS DECIMAL(38,2)), e.currency
FROM fact_expense AS e
JOIN entities AS n ON n.entity = e.entity
LEFT JOIN holidays AS h ON h.country = n.country AND h.day = e.spent_on
WHERE h.day IS NOT NULL OR e.spent_on >= CAST(date_trunc('week', e.spent_on) AS DATE) + 5
UNION ALL
SELECT 'round number', expense_id, posted_on, CAST(amount AS DECIMAL(38,2)), currency
FROM fact_expense
WHERE amount >= 100 AND amount % 100 = 0
UNION ALL
SELECT 'campaign spike', campaign_day_id, day, CAST(spend AS DECIMAL(38,2)), currency
FROM campaigns
WHERE spend * all_days >= 2 * all_spend AND results * all_days < 2 * all_results
UNION ALL
SELECT 'budget variance', department || '|' || period, period_start, variance, currency
FROM budget_actual
WHERE account_class = 'cost' AND budget > 0 AND 10 * abs(variance) > budget
