-- Transactions, one row each in its newest version, by the bank's day.
-- grain: transaction_id
-- The newest version is the one with the largest record_version, then the latest transaction_ts,
-- then the larger hash of its content: never the order in which files arrived. The rows that lost
-- stay in raw_transactions.
-- amount_signed is the literal rule: deposits and transfers are positive, the rest negative. It
-- knows one leg of a transfer only; postings has both, signed by what they do to the account.
SELECT
  lower(transaction_id) AS transaction_id,
  account_id,
  transaction_type,
  amount,
  CASE WHEN transaction_type IN ('Deposit', 'Transfer') THEN amount ELSE -amount END AS amount_signed,
  coalesce(currency, '{{ var('bank_currency') }}') AS currency,
  transaction_ts,
  local_date(transaction_ts, '{{ var('bank_zone') }}') AS dt,
  merchant_category,
  mcc,
  merchant_name,
  counter_account_id,
  direction,
  coalesce(record_version, 0) AS record_version
FROM raw_transactions
