-- Accounts with the days each name holds; row -1 is the unknown member.
-- grain: account_key
SELECT
  row_hash(CAST(1 AS UBIGINT), account, effective_on) AS account_key,
  account,
  CASE
    WHEN row_number() OVER (PARTITION BY account ORDER BY effective_on) = 1 THEN DATE '1900-01-01'
    ELSE effective_on
  END AS valid_from,
  coalesce(lead(effective_on) OVER (PARTITION BY account ORDER BY effective_on), DATE '9999-12-31') AS valid_to,
  lead(effective_on) OVER (PARTITION BY account ORDER BY effective_on) IS NULL AS is_current,
  account_name, account_class
FROM accounts
UNION ALL
SELECT -1, '?', DATE '1900-01-01', DATE '9999-12-31', true, 'Unknown account', 'cost'
