-- One purchase paid in parts, each below what needs approval: the same person at the same place on
-- following days. Where people often buy several times a day it says less.
WITH bought AS (
  SELECT
    e.expense_id, e.channel, e.employee_id AS person, e.payee_id, e.payee_name, e.spent_on, e.amount, e.currency,
    l.approval_limit,
    lag(e.spent_on) OVER (PARTITION BY e.channel, e.currency, e.employee_id, e.payee_id ORDER BY e.spent_on, e.expense_id) AS before_on
  FROM fact_expense AS e
  JOIN approval_limits AS l ON l.channel = e.channel AND l.currency = e.currency
  LEFT JOIN batch_twins AS t ON t.batch_id = e.batch_id
  LEFT JOIN refunded_purchases AS r ON r.expense_id = e.expense_id
  WHERE e.amount > 0 AND e.amount < l.approval_limit AND e.employee_id IS NOT NULL AND t.batch_id IS NULL AND r.expense_id IS NULL
),
grouped AS (
  SELECT *,
    -- bullion: allow sql-duckdb-only
    sum(CASE WHEN before_on IS NULL OR date_diff('day', before_on, spent_on) > {{ param('days') }} THEN 1 ELSE 0 END) OVER (
      PARTITION BY channel, currency, person, payee_id ORDER BY spent_on, expense_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
  FROM bought
),
runs AS (
  SELECT channel, currency, person, payee_id, run, count(*) AS parts, CAST(sum(amount) AS DECIMAL(38,2)) AS total,
    min(approval_limit) AS approval_limit, min(spent_on) AS first_on, max(spent_on) AS last_on, max(amount) AS largest
  FROM grouped
  GROUP BY channel, currency, person, payee_id, run
),
habits AS (
  SELECT payee_id, count(*) AS all_runs, sum(CASE WHEN total >= approval_limit AND parts > 1 THEN 1 ELSE 0 END) AS large_runs
  FROM runs
  GROUP BY payee_id
),
split AS (
  SELECT r.*,
    -- Of a place's visits, how many end above the limit anyway, in percent.
    CAST(round(ratio_0(100 * (h.large_runs - 1), h.all_runs), 0) AS BIGINT) AS habit_percent
  FROM runs AS r
  JOIN habits AS h ON h.payee_id = r.payee_id
  WHERE r.parts BETWEEN 2 AND {{ param('max_parts') }} AND r.total >= r.approval_limit
    AND 100 * r.largest >= {{ param('part_percent') }} * r.approval_limit
)
SELECT
  'split|' || s.person || '|' || s.payee_id || '|' || CAST(s.first_on AS STRING) AS finding_key,
  'employee' AS subject_type,
  s.person AS subject_id,
  g.expense_id AS row_id,
  'flagged' AS role,
  s.last_on AS occurred_on,
  CAST(g.amount AS DECIMAL(28,6)) AS amount_at_risk,
  s.currency,
  CAST(ratio_4(CASE WHEN s.parts > 2 THEN 85 ELSE 70 END * greatest(20, 100 - 2 * s.habit_percent), 10000) AS DECIMAL(5,4)) AS strength,
  s.person || ' paid ' || s.currency || ' ' || CAST(s.total AS STRING) || ' to ' || g.payee_name || ' in ' || CAST(s.parts AS STRING)
    || ' parts from ' || CAST(s.first_on AS STRING) || ' to ' || CAST(s.last_on AS STRING) || ', each below the limit of '
    || CAST(s.approval_limit AS STRING) AS reason
FROM split AS s
JOIN grouped AS g
  ON g.channel = s.channel AND g.currency = s.currency AND g.person = s.person AND g.payee_id = s.payee_id AND g.run = s.run
