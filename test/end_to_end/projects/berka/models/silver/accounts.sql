-- Accounts with their owners.
-- grain: account_id
SELECT
  a.account_id,
  d.client_id AS customer_id,
  'Checking' AS account_type,
  'CZK' AS currency,
  a.opened_on,
  a.opened_on AS updated_on
FROM raw_accounts AS a
JOIN raw_dispositions AS d ON d.account_id = a.account_id AND d.type = 'OWNER'
