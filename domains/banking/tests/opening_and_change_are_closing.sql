-- For every account, what it opened with and all that moved is what its last month closes with.
WITH last_months AS (
  SELECT account_id, max(month_start) AS month_start FROM account_month GROUP BY account_id
),
moved AS (
  SELECT account_id, sum(net_change) AS net_change FROM account_day GROUP BY account_id
)
SELECT m.account_id, o.opening_balance, d.net_change, m.closing_balance
FROM account_month AS m
JOIN last_months AS l ON l.account_id = m.account_id AND l.month_start = m.month_start
JOIN account_openings AS o ON o.account_id = m.account_id
JOIN moved AS d ON d.account_id = m.account_id
WHERE o.opening_balance + d.net_change <> m.closing_balance
