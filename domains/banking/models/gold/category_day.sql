-- What was spent by category, refunds taken off.
-- grain: dt, merchant_category, mcc, account_type, currency
SELECT
  p.dt,
  p.merchant_category,
  coalesce(g.category_group, 'Unmapped') AS category_group,
  coalesce(p.mcc, '') AS mcc,
  p.account_type,
  p.currency,
  CAST(count(*) AS BIGINT) AS transactions,
  CAST(sum(p.spend) AS DECIMAL(38,2)) AS spend,
  CAST(sum(CASE WHEN p.spend < 0 THEN -p.spend ELSE 0 END) AS DECIMAL(38,2)) AS refunds
FROM postings AS p
LEFT JOIN category_groups AS g ON g.merchant_category = p.merchant_category
WHERE p.merchant_category IS NOT NULL
GROUP BY p.dt, p.merchant_category, coalesce(g.category_group, 'Unmapped'), coalesce(p.mcc, ''), p.account_type, p.currency
