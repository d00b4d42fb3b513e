-- What was booked in each fiscal month: all spend, and what the general ledger adds to it.
-- grain: period_start, department, account, campaign_id, currency
WITH booked AS (
  SELECT posted_on, department, account, coalesce(campaign_id, '') AS campaign_id, currency,
    CAST(sum(amount) AS DECIMAL(38,2)) AS amount
  FROM fact_expense
  GROUP BY posted_on, department, account, coalesce(campaign_id, ''), currency
  UNION ALL
  SELECT posted_on, department, account, campaign_id, currency, CAST(sum(amount) AS DECIMAL(38,2))
  FROM postings
  GROUP BY posted_on, department, account, campaign_id, currency
)
SELECT
  d.period_start,
  d.fiscal_year,
  b.department,
  b.account,
  b.campaign_id,
  b.currency,
  CAST(sum(b.amount) AS DECIMAL(38,2)) AS actual,
  max(b.posted_on) AS last_on
FROM booked AS b
JOIN fiscal_days AS d ON d.day = b.posted_on
GROUP BY d.period_start, d.fiscal_year, b.department, b.account, b.campaign_id, b.currency
