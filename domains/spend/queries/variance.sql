-- title: Budget variance
-- description: Plan and bookings of each department for a month, the year so far and the whole year; F is favourable, U unfavourable.
-- parameter: month text = latest; The month as YYYY-MM, or latest
WITH month AS (
  SELECT CASE WHEN $month = 'latest' THEN max(CASE WHEN budget > 0 AND actual <> 0 THEN month END) ELSE $month END AS month
  FROM budget_actual
),
sides AS (
  SELECT b.department, b.currency, m.month,
    sum(CASE WHEN b.month = m.month THEN b.budget ELSE 0 END) AS budget,
    sum(CASE WHEN b.month = m.month THEN b.actual ELSE 0 END) AS actual,
    sum(CASE WHEN b.month <= m.month THEN b.budget ELSE 0 END) AS budget_ytd,
    sum(CASE WHEN b.month <= m.month THEN b.actual ELSE 0 END) AS actual_ytd,
    sum(b.budget) AS budget_year
  FROM budget_actual AS b
  CROSS JOIN month AS m
  WHERE substr(b.month, 1, 4) = substr(m.month, 1, 4)
  GROUP BY b.department, b.currency, m.month
)
SELECT department, currency, month, budget, actual, actual - budget AS variance,
  CASE WHEN actual > budget THEN 'U' WHEN actual < budget THEN 'F' ELSE '' END AS fu,
  ratio_1(100 * (actual - budget), budget) AS percent,
  budget_ytd, actual_ytd, actual_ytd - budget_ytd AS variance_ytd,
  budget_year,
  -- At the pace of the year so far.
  ratio_2(actual_ytd * 12, CAST(substr(month, 6, 2) AS INT)) AS run_rate_year
FROM sides
ORDER BY department, currency
