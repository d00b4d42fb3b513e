-- What was planned and what was booked, by department and month. The plan is the version that
-- bullion.yml names; a department without a plan, and a plan without bookings, have zeros.
-- grain: department, month
WITH plan AS (
  SELECT department, month_key(fiscal_month) AS month, currency, CAST(sum(amount) AS DECIMAL(38,2)) AS budget
  FROM fact_budget
  WHERE budget_version = '{{ var('budget_version') }}'
  GROUP BY department, month_key(fiscal_month), currency
),
booked AS (
  SELECT department, posted_month AS month, currency, CAST(sum(amount) AS DECIMAL(38,2)) AS actual
  FROM fact_expense
  GROUP BY department, posted_month, currency
),
sides AS (
  SELECT
    coalesce(p.department, b.department) AS department,
    coalesce(p.month, b.month) AS month,
    coalesce(p.currency, b.currency) AS currency,
    coalesce(p.budget, CAST(0 AS DECIMAL(38,2))) AS budget,
    coalesce(b.actual, CAST(0 AS DECIMAL(38,2))) AS actual
  FROM plan AS p
  FULL OUTER JOIN booked AS b ON b.department = p.department AND b.month = p.month AND b.currency = p.currency
)
SELECT department, month, CAST(month || '-01' AS DATE) AS month_start, currency, budget, actual,
  CAST(actual - budget AS DECIMAL(38,2)) AS variance
FROM sides
