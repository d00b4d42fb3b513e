-- Which version of a fiscal year's budget is in force at the end of each of its months: of the plans
-- that were decided by then the one that budget_versions orders last. A version without a row in
-- budget_decisions is in force from the first day of its year; drafts never are.
-- grain: fiscal_year, period_start
WITH planned AS (
  SELECT DISTINCT p.budget_version, p.fiscal_year, v.version_order, d.in_force_from
  FROM budget_plans AS p
  JOIN budget_versions AS v ON v.budget_version = p.budget_version AND v.role = 'plan'
  LEFT JOIN budget_decisions AS d
    ON d.budget_version = p.budget_version AND d.fiscal_year = p.fiscal_year
),
last_booked AS (
  SELECT fiscal_year, max(period_start) AS period_start
  FROM budget_bookings
  GROUP BY fiscal_year
),
decided AS (
  SELECT f.fiscal_year, f.period_start, p.budget_version
  FROM fiscal_periods AS f
  JOIN planned AS p
    ON p.fiscal_year = f.fiscal_year AND coalesce(p.in_force_from, f.year_start) < f.next_period_start
  QUALIFY row_number() OVER (
    PARTITION BY f.fiscal_year, f.period_start ORDER BY p.version_order DESC, p.budget_version
  ) = 1
)
SELECT d.fiscal_year, d.period_start, d.budget_version,
  -- The month as of which the year is seen: the last with bookings, of a year to come the last.
  d.period_start = coalesce(l.period_start, max(d.period_start) OVER (PARTITION BY d.fiscal_year)) AS is_current
FROM decided AS d
LEFT JOIN last_booked AS l ON l.fiscal_year = d.fiscal_year
