-- Accounts in their newest version.
-- grain: account_id
SELECT
  account_id,
  customer_id,
  account_type,
  coalesce(currency, '{{ var('bank_currency') }}') AS currency,
  opened_on,
  coalesce(updated_on, balance_on, opened_on, DATE '1900-01-01') AS updated_on
FROM raw_accounts
