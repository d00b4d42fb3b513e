-- Every account opens with nothing.
-- grain: account_id, balance_on
SELECT account_id, DATE '1900-01-01' AS balance_on, CAST(0 AS DECIMAL(18,2)) AS balance, 'CZK' AS currency, opened_on AS updated_on
FROM raw_accounts
