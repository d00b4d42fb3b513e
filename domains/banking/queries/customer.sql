-- title: Customer
-- description: The accounts of a customer with what is on them and what the last 30 days brought.
-- parameter: customer text; The customer, such as C0001
WITH last_day AS (
  SELECT max(dt) - 30 AS since FROM account_day
),
moved AS (
  SELECT d.account_id, sum(d.net_change) AS net_change, max(d.dt) AS last_movement,
    sum(CASE WHEN d.dt > l.since THEN d.credit ELSE 0 END) AS credit,
    sum(CASE WHEN d.dt > l.since THEN d.debit ELSE 0 END) AS debit,
    sum(CASE WHEN d.dt > l.since THEN d.spend ELSE 0 END) AS spend
  FROM account_day AS d
  CROSS JOIN last_day AS l
  WHERE d.customer_id = $customer
  GROUP BY d.account_id
)
SELECT o.account_id, o.account_type, p.currency, p.opening_balance + coalesce(m.net_change, 0) AS balance,
  coalesce(m.credit, 0) AS credit_30_days, coalesce(m.debit, 0) AS debit_30_days,
  coalesce(m.spend, 0) AS spend_30_days, m.last_movement
FROM account_owners AS o
JOIN account_openings AS p ON p.account_id = o.account_id
LEFT JOIN moved AS m ON m.account_id = o.account_id
WHERE o.customer_id = $customer
ORDER BY o.account_id
