-- Where the ledger has an account for receivables, its balance at the end of each fiscal month is
-- what the ageing of that day sums to.
WITH books AS (
  SELECT p.next_period_start - 1 AS as_of, b.currency, sum(b.closing) AS amount
  FROM account_balances AS b
  JOIN fiscal_periods AS p ON p.period_start = b.period_start
  WHERE b.statement_line = 'receivables'
  GROUP BY p.next_period_start - 1, b.currency
),
aged AS (
  SELECT as_of, currency, sum(open_amount) AS amount
  FROM receivables_ageing
  GROUP BY as_of, currency
)
SELECT b.as_of, b.currency, b.amount AS ledger, a.amount AS aged
FROM books AS b
JOIN as_of_days AS d ON d.as_of = b.as_of
LEFT JOIN aged AS a ON a.as_of = b.as_of AND a.currency = b.currency
WHERE b.amount <> coalesce(a.amount, 0)
