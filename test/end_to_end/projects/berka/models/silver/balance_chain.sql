-- Each balance against the one before it in the file: previous balance + amount = balance.
-- grain: trans_id
WITH ordered AS (
  SELECT
    trans_id,
    account_id,
    local_date(transaction_ts, '{{ var('bank_zone') }}') AS dt,
    file_order,
    CASE WHEN type = 'credit' THEN amount ELSE -amount END AS signed,
    balance,
    coalesce(lag(balance) OVER (PARTITION BY account_id ORDER BY file_order NULLS FIRST), 0) AS balance_before
  FROM raw_transactions
)
SELECT trans_id, account_id, dt, file_order, signed, balance, balance_before, balance_before + signed = balance AS holds
FROM ordered
