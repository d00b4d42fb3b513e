-- In every fiscal month that was closed, each account's opening and closing balance is the ledger's.
WITH closed AS (
  SELECT DISTINCT period_start, currency FROM trial_balance
),
computed AS (
  SELECT b.period_start, b.account, b.currency, b.opening, b.closing
  FROM account_balances AS b
  JOIN closed AS c ON c.period_start = b.period_start AND c.currency = b.currency
)
SELECT coalesce(t.period_start, c.period_start) AS period_start, coalesce(t.account, c.account) AS account,
  t.opening, c.opening AS ledger_opening, t.closing, c.closing AS ledger_closing
FROM trial_balance AS t
FULL JOIN computed AS c ON c.period_start = t.period_start AND c.account = t.account AND c.currency = t.currency
WHERE coalesce(t.opening, 0) <> coalesce(c.opening, 0) OR coalesce(t.closing, 0) <> coalesce(c.closing, 0)
