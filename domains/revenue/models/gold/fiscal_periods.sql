-- The months of the fiscal calendar of bullion.yml: calendar months from any first month, or the
-- four and five weeks of 4-4-5.
-- grain: period_start
SELECT
  period_start,
  next_period_start,
  'FY' || CAST(fiscal_year AS STRING) || '-' || lpad(CAST(fiscal_period AS STRING), 2, '0') AS period,
  fiscal_year,
  fiscal_quarter,
  fiscal_period,
  year_start,
  next_year_start
FROM fiscal_days
GROUP BY period_start, next_period_start, fiscal_year, fiscal_quarter, fiscal_period, year_start, next_year_start
