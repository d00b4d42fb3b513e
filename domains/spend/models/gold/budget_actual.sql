-- What was planned and what was booked, by department, class of account and fiscal month. The plan is
-- the version that bullion.yml names, `in_force` the one in force; a department without a plan, and a
-- plan without bookings, have zeros.
-- grain: department, account_class, period_start, currency
SELECT
  department,
  account_class,
  period,
  period_start,
  currency,
  CAST(sum(budget) AS DECIMAL(38,2)) AS budget,
  CAST(sum(actual) AS DECIMAL(38,2)) AS actual,
  CAST(-sum(favourable) AS DECIMAL(38,2)) AS variance,
  CAST(sum(committed) AS DECIMAL(38,2)) AS committed
FROM budget_position
WHERE CASE WHEN '{{ var('budget_version') }}' = 'in_force' THEN is_in_force
  ELSE budget_version IN ('{{ var('budget_version') }}', 'none') END
GROUP BY department, account_class, period, period_start, currency
