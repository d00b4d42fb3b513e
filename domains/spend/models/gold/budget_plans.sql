-- What each version of the budget plans for a fiscal month and line; lines of one key are added up.
-- grain: budget_version, period_start, department, account, campaign_id, currency
SELECT
  b.budget_version,
  d.fiscal_year,
  d.period_start,
  b.department,
  b.account,
  coalesce(b.campaign_id, '') AS campaign_id,
  b.currency,
  CAST(sum(b.amount) AS DECIMAL(38,2)) AS budget,
  min(b.budget_line_id) AS first_line_id
FROM fact_budget AS b
JOIN fiscal_days AS d ON d.day = b.fiscal_month
GROUP BY b.budget_version, d.fiscal_year, d.period_start, b.department, b.account, coalesce(b.campaign_id, ''), b.currency
