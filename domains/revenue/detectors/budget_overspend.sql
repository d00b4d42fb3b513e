-- Budget lines whose bookings and open orders exceed the plan of their fiscal year by an amount and
-- by a share that matter. A line and year is one finding, however often the line is looked at: its
-- row is the month in which both were reached first, its money what the year is over the plan now.
WITH judged AS (
  SELECT fiscal_year, period_start, period, department, account, currency, budget_line_month, budget_year, actual_ytd,
    committed_ytd, overspent_ytd,
    overspent_ytd >= {{ param('min_amount') }} AND 100 * overspent_ytd >= {{ param('min_percent') }} * budget_year AS is_material,
    row_number() OVER (PARTITION BY fiscal_year, department, account, currency ORDER BY period_start DESC) AS months_after
  FROM budget_position
  WHERE account_class = 'expense'
),
newest AS (
  SELECT fiscal_year, department, account, currency, budget_year, actual_ytd, committed_ytd, overspent_ytd
  FROM judged
  WHERE months_after = 1 AND is_material
),
reached AS (
  SELECT fiscal_year, period_start, period, department, account, currency, budget_line_month,
    row_number() OVER (PARTITION BY fiscal_year, department, account, currency ORDER BY period_start) AS turn
  FROM judged
  WHERE is_material
)
SELECT
  'overspend|' || n.department || '|' || n.account || '|' || n.currency || '|' || CAST(n.fiscal_year AS STRING) AS finding_key,
  -- The lines of a department are one case: whoever answers for its budget.
  'budget' AS subject_type,
  n.department || ' FY' || CAST(n.fiscal_year AS STRING) AS subject_id,
  r.budget_line_month AS row_id,
  'flagged' AS role,
  r.period_start AS occurred_on,
  CAST(n.overspent_ytd AS DECIMAL(28,6)) AS amount_at_risk,
  n.currency,
  -- What is booked is spent; what is ordered can still be cancelled.
  CAST(CASE WHEN n.actual_ytd > n.budget_year THEN 0.95 ELSE 0.75 END AS DECIMAL(5,4)) AS strength,
  n.department || ' ' || n.account || ': booked ' || n.currency || ' ' || CAST(n.actual_ytd AS STRING) || ' and ordered '
    || CAST(n.committed_ytd AS STRING) || ' exceed the plan of FY' || CAST(n.fiscal_year AS STRING) || ', '
    || CAST(n.budget_year AS STRING) || ', by ' || CAST(n.overspent_ytd AS STRING)
    || CASE WHEN n.budget_year > 0 THEN ' (' || CAST(ratio_1(100 * n.overspent_ytd, n.budget_year) AS STRING) || ' %)' ELSE '' END
    || '; over it since ' || r.period AS reason
FROM newest AS n
JOIN reached AS r
  ON r.fiscal_year = n.fiscal_year AND r.department = n.department AND r.account = n.account AND r.currency = n.currency AND r.turn = 1
