-- What was booked in each fiscal month: all spend, and what the general ledger adds to it.
-- grain: ledger, period_start, department, account, campaign_id, currency
SELECT
  'spend' AS ledger,
  d.period_start,
  d.fiscal_year,
  e.department,
  e.account,
  coalesce(e.campaign_id, '') AS campaign_id,
  e.currency,
  CAST(sum(e.amount) AS DECIMAL(38,2)) AS actual,
  max(e.posted_on) AS last_on
FROM fact_expense AS e
JOIN fiscal_days AS d ON d.day = e.posted_on
GROUP BY d.period_start, d.fiscal_year, e.department, e.account, coalesce(e.campaign_id, ''), e.currency
UNION ALL
SELECT
  'general' AS ledger,
  d.period_start,
  d.fiscal_year,
  p.department,
  p.account,
  p.campaign_id,
  p.currency,
  CAST(sum(p.amount) AS DECIMAL(38,2)) AS actual,
  max(p.posted_on) AS last_on
FROM postings AS p
JOIN fiscal_days AS d ON d.day = p.posted_on
GROUP BY d.period_start, d.fiscal_year, p.department, p.account, p.campaign_id, p.currency
