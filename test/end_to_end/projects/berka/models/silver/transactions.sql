-- The bank's words in those of the template.
-- grain: transaction_id
SELECT
  trans_id AS transaction_id,
  account_id,
  CASE
    WHEN operation IN ('remittance to another bank', 'collection from another bank') THEN 'Transfer'
    WHEN type = 'credit' THEN 'Deposit'
    ELSE 'Withdrawal'
  END AS transaction_type,
  amount,
  CASE WHEN type = 'credit' OR operation = 'remittance to another bank' THEN amount ELSE -amount END AS amount_signed,
  'CZK' AS currency,
  transaction_ts,
  local_date(transaction_ts, '{{ var('bank_zone') }}') AS dt,
  CAST(NULL AS STRING) AS merchant_category,
  CAST(NULL AS STRING) AS mcc,
  CAST(NULL AS STRING) AS merchant_name,
  bank || '/' || account AS counter_account_id,
  CASE WHEN type = 'credit' THEN 'in' ELSE 'out' END AS direction,
  0 AS record_version
FROM raw_transactions
