-- What a posting needs to know of an account. Balances are not in it, so that a new statement alone
-- recomputes nothing.
-- grain: account_id
SELECT
  a.account_id,
  a.customer_id,
  a.account_type,
  coalesce(t.account_class, 'asset') AS account_class,
  coalesce(t.has_purchases, false) AS has_purchases
FROM accounts AS a
LEFT JOIN account_types AS t ON t.account_type = a.account_type
