-- Fiscal months that have both a plan of costs and bookings: where the budget pages end.
-- grain: period_start, currency
-- time column: period_start
SELECT period, period_start, currency,
  CAST(sum(budget) AS DECIMAL(38,2)) AS budget,
  CAST(sum(actual) AS DECIMAL(38,2)) AS actual
FROM budget_actual
WHERE account_class = 'cost'
GROUP BY period, period_start, currency
HAVING sum(budget) <> 0 AND sum(actual) <> 0
