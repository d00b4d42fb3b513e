-- In every fiscal month that was closed, what the profit and loss statement says of an account is
-- what the trial balance says: credits less debits, to the cent. Both sides count, so an account
-- that only one of them has is found.
WITH stated AS (
  SELECT b.period_start, b.account, b.currency, b.credit - b.debit AS result
  FROM trial_balance AS b
  LEFT JOIN accounts AS a ON a.account = b.account
  WHERE coalesce(a.account_class, 'expense') IN ('revenue', 'expense')
),
closed AS (
  SELECT DISTINCT period_start, currency FROM trial_balance
),
computed AS (
  SELECT p.period_start, p.account, p.currency, sum(p.result) AS result
  FROM profit_and_loss AS p
  JOIN closed AS c ON c.period_start = p.period_start AND c.currency = p.currency
  GROUP BY p.period_start, p.account, p.currency
)
SELECT coalesce(s.period_start, c.period_start) AS period_start, coalesce(s.account, c.account) AS account,
  coalesce(s.currency, c.currency) AS currency, s.result AS trial_balance, c.result AS profit_and_loss
FROM stated AS s
FULL JOIN computed AS c ON c.period_start = s.period_start AND c.account = s.account AND c.currency = s.currency
WHERE coalesce(s.result, 0) <> coalesce(c.result, 0)
