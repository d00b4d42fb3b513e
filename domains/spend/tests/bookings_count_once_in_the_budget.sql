-- Every booking counts on one line of each version of its year's budget, and every planned amount in its version.
WITH booked AS (
  SELECT fiscal_year, currency, sum(actual) AS amount
  FROM budget_bookings
  GROUP BY fiscal_year, currency
),
counted AS (
  SELECT budget_version, fiscal_year, currency, sum(actual) AS amount
  FROM budget_position
  GROUP BY budget_version, fiscal_year, currency
),
planned AS (
  SELECT budget_version, sum(amount) AS amount
  FROM fact_budget
  GROUP BY budget_version
),
placed AS (
  SELECT budget_version, sum(budget) AS amount
  FROM budget_position
  GROUP BY budget_version
)
SELECT c.budget_version, c.fiscal_year, c.amount, b.amount AS expected
FROM counted AS c
LEFT JOIN booked AS b ON b.fiscal_year = c.fiscal_year AND b.currency = c.currency
WHERE c.amount <> coalesce(b.amount, 0)
UNION ALL
SELECT p.budget_version, CAST(NULL AS INT), x.amount, p.amount
FROM planned AS p
LEFT JOIN placed AS x ON x.budget_version = p.budget_version
WHERE coalesce(x.amount, 0) <> p.amount
