-- title: Categories by month
-- description: What was spent by category and month, with the share of the month.
-- parameter: from day = 2024-01-01; First day
SELECT merchant_category, month_key(dt) AS month, currency, sum(spend) AS spend, sum(transactions) AS transactions,
  ratio_1(100 * sum(spend), sum(sum(spend)) OVER (PARTITION BY month_key(dt), currency)) AS percent
FROM category_day
WHERE dt >= CAST($from AS DATE)
GROUP BY merchant_category, month_key(dt), currency
ORDER BY month, spend DESC, merchant_category
