-- Every balance that was stated: the first one of an account opens its balances, later ones must be
-- met by them.
-- grain: account_id, balance_on
SELECT
  account_id,
  coalesce(balance_on, DATE '1900-01-01') AS balance_on,
  balance,
  coalesce(currency, '{{ var('bank_currency') }}') AS currency,
  coalesce(updated_on, balance_on, opened_on, DATE '1900-01-01') AS updated_on
FROM raw_accounts
