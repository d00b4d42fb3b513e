-- Revenue and expense of fiscal months by account and department. Section by section the results add
-- up to gross, operating and net profit.
-- grain: period_start, account, department, currency
-- time column: period_start
SELECT
  f.period_start,
  p.period,
  p.fiscal_year,
  f.account,
  f.account_name,
  f.department,
  f.statement_line,
  f.statement_title,
  f.section,
  coalesce(s.place, 999) AS place,
  f.currency,
  CAST(sum(f.result) AS DECIMAL(38,2)) AS result,
  CAST(count(*) AS BIGINT) AS lines
FROM fact_ledger AS f
JOIN fiscal_periods AS p ON p.period_start = f.period_start
LEFT JOIN statement_lines AS s ON s.statement_line = f.statement_line
WHERE f.account_class IN ('revenue', 'expense')
GROUP BY f.period_start, p.period, p.fiscal_year, f.account, f.account_name, f.department, f.statement_line,
  f.statement_title, f.section, coalesce(s.place, 999), f.currency
