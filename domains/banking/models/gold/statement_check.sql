-- Every later stated balance against the one that the account has come to by then.
-- grain: account_id, balance_on
SELECT
  s.account_id,
  o.account_type,
  s.balance_on,
  s.currency,
  s.balance AS stated_balance,
  CAST(o.opening_balance + coalesce(sum(d.net_change), 0) AS DECIMAL(38,2)) AS walked_balance,
  CAST(s.balance - o.opening_balance - coalesce(sum(d.net_change), 0) AS DECIMAL(38,2)) AS difference
FROM account_statements AS s
JOIN account_openings AS o ON o.account_id = s.account_id AND s.balance_on > o.stated_on
LEFT JOIN account_day AS d ON d.account_id = s.account_id AND d.dt < s.balance_on
GROUP BY s.account_id, o.account_type, s.balance_on, s.currency, s.balance, o.opening_balance
