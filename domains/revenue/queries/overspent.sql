-- title: Overspent budget lines
-- description: Lines whose bookings and open orders exceed the plan of the fiscal year, with what of it is committed only.
-- parameter: month month of latest from fiscal_days.day = latest; A day of the fiscal month as YYYY-MM-DD, the month as YYYY-MM, or latest
WITH chosen AS (
  SELECT max(p.period_start) AS period_start, max(p.fiscal_year) AS fiscal_year
  FROM fiscal_periods AS p
  WHERE CASE
    WHEN $month = 'latest' THEN p.period_start = (SELECT max(period_start) FROM budget_position WHERE actual <> 0 OR committed <> 0)
    ELSE CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) >= p.period_start
      AND CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) < p.next_period_start
  END
),
latest AS (
  SELECT b.department, b.account, b.currency, max(b.period_start) AS period_start
  FROM budget_position AS b
  JOIN chosen AS c ON c.fiscal_year = b.fiscal_year AND b.period_start <= c.period_start
  WHERE b.account_class = 'expense'
  GROUP BY b.department, b.account, b.currency
)
SELECT b.department, b.account, b.currency, b.budget_year, b.actual_ytd, b.committed_ytd, b.available, b.overspent_ytd,
  CASE WHEN b.actual_ytd <= b.budget_year THEN 'yes' ELSE '' END AS by_orders_alone
FROM budget_position AS b
JOIN latest AS l
  ON l.department = b.department AND l.account = b.account AND l.currency = b.currency AND l.period_start = b.period_start
WHERE b.overspent_ytd > 0
ORDER BY b.overspent_ytd DESC, b.department, b.account
