-- Quantities and amounts of articles by fiscal month, as planned in each version and as booked, for
-- bridges of price, volume and mix. Rows without an article or a quantity are not in it.
-- grain: scenario, period_start, department, account, item, currency
WITH sides AS (
  SELECT budget_version AS scenario, fiscal_month AS day, department, account, item, quantity, amount, currency
  FROM fact_budget
  WHERE item IS NOT NULL AND quantity IS NOT NULL
  UNION ALL
  SELECT 'actual', posted_on, department, account, item, quantity, amount, currency
  FROM fact_invoice_line
  WHERE item IS NOT NULL AND quantity IS NOT NULL
  UNION ALL
  SELECT 'actual', posted_on, department, account, item, quantity, amount, currency
  FROM postings
  WHERE item IS NOT NULL AND quantity IS NOT NULL
)
SELECT
  s.scenario,
  d.period_start,
  d.fiscal_year,
  s.department,
  s.account,
  s.item,
  s.currency,
  CAST(sum(s.quantity) AS DECIMAL(28,4)) AS quantity,
  CAST(sum(s.amount) AS DECIMAL(28,2)) AS amount
FROM sides AS s
JOIN fiscal_days AS d ON d.day = s.day
GROUP BY s.scenario, d.period_start, d.fiscal_year, s.department, s.account, s.item, s.currency
