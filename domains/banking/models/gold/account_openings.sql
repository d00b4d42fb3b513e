-- What was on each account before its first transaction: the first stated balance, less all that
-- moved before the day it is of.
-- grain: account_id
WITH first_days AS (
  SELECT account_id, min(balance_on) AS balance_on
  FROM account_statements
  GROUP BY account_id
),
moved AS (
  SELECT f.account_id, CAST(sum(d.net_change) AS DECIMAL(38,2)) AS net_change
  FROM first_days AS f
  JOIN account_day AS d ON d.account_id = f.account_id AND d.dt < f.balance_on
  GROUP BY f.account_id
)
SELECT
  o.account_id,
  o.account_type,
  o.account_class,
  s.currency,
  f.balance_on AS stated_on,
  CAST(s.balance - coalesce(m.net_change, 0) AS DECIMAL(38,2)) AS opening_balance
FROM account_owners AS o
JOIN first_days AS f ON f.account_id = o.account_id
JOIN account_statements AS s ON s.account_id = f.account_id AND s.balance_on = f.balance_on
LEFT JOIN moved AS m ON m.account_id = o.account_id
