-- How far the year's budget is spent at the end of each fiscal month, and how far the year is gone:
-- pace is the one in percent of the other, 100 * actual_ytd * days_of_year / (budget_year * days_gone).
-- Months after the last bookings and years without a plan have no row. The plan is that of budget_actual.
-- grain: department, account_class, period_start, currency
WITH plan AS (
  SELECT department, account_class, currency, fiscal_year, period_start, sum(actual) AS actual, sum(budget + carried) AS budget
  FROM budget_position
  WHERE CASE WHEN '{{ var('budget_version') }}' = 'in_force' THEN is_in_force
    ELSE budget_version IN ('{{ var('budget_version') }}', 'none') END
  GROUP BY department, account_class, currency, fiscal_year, period_start
),
years AS (
  SELECT department, account_class, currency, fiscal_year, sum(budget) AS budget_year
  FROM plan
  GROUP BY department, account_class, currency, fiscal_year
),
months AS (
  SELECT p.fiscal_year, p.period, p.period_start, CAST(count(*) AS BIGINT) AS days_of_year,
    CAST(sum(CASE WHEN d.day < p.next_period_start THEN 1 ELSE 0 END) AS BIGINT) AS days_gone
  FROM fiscal_periods AS p
  JOIN fiscal_days AS d ON d.day >= p.year_start AND d.day < p.next_year_start
  WHERE p.period_start <= (SELECT max(period_start) FROM budget_bookings)
  GROUP BY p.fiscal_year, p.period, p.period_start
),
planned AS (
  SELECT fiscal_year FROM years GROUP BY fiscal_year HAVING sum(abs(budget_year)) > 0
)
SELECT
  y.department,
  y.account_class,
  m.period,
  m.period_start,
  y.currency,
  CAST(coalesce(sum(a.actual), 0) AS DECIMAL(38,2)) AS actual_ytd,
  CAST(y.budget_year AS DECIMAL(38,2)) AS budget_year,
  m.days_gone,
  m.days_of_year
FROM years AS y
JOIN months AS m ON m.fiscal_year = y.fiscal_year
JOIN planned AS n ON n.fiscal_year = y.fiscal_year
LEFT JOIN plan AS a
  ON a.department = y.department AND a.account_class = y.account_class AND a.currency = y.currency
    AND a.fiscal_year = y.fiscal_year AND a.period_start <= m.period_start
GROUP BY y.department, y.account_class, m.period, m.period_start, y.currency, y.budget_year, m.days_gone, m.days_of_year
