-- Transactions whose account nobody has delivered yet. Each leaves by itself, into postings, with the
-- run that brings its account.
-- grain: transaction_id
SELECT
  t.transaction_id,
  t.dt,
  t.transaction_ts,
  t.account_id,
  t.transaction_type,
  t.amount,
  t.currency
FROM transactions AS t
ANTI JOIN account_owners AS a ON a.account_id = t.account_id
