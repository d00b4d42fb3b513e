-- The trial balance as the ledger gives it: each account in every fiscal month from its first
-- posting to the last month of the ledger. Revenue and expense accounts begin each year with zero,
-- and the first account of the line retained_earnings opens it with what the year before earned.
-- grain: period_start, account, currency
WITH posted AS (
  SELECT f.period_start, p.fiscal_year, f.account, f.currency, f.account_name, f.account_class, f.statement_line, f.amount
  FROM fact_ledger AS f
  JOIN fiscal_periods AS p ON p.period_start = f.period_start
),
last_period AS (
  SELECT max(period_start) AS last_period FROM posted
),
carried AS (
  SELECT f.period_start, a.account, e.currency, a.account_name, a.account_class, a.statement_line, e.amount
  FROM (
    SELECT fiscal_year, currency, sum(amount) AS amount
    FROM posted
    WHERE account_class IN ('revenue', 'expense')
    GROUP BY fiscal_year, currency
  ) AS e
  JOIN fiscal_periods AS f ON f.fiscal_year = e.fiscal_year + 1 AND f.fiscal_period = 1
  JOIN last_period AS l ON f.period_start <= l.last_period
  CROSS JOIN (
    SELECT account, account_name, account_class, statement_line
    FROM accounts
    WHERE statement_line = 'retained_earnings'
    QUALIFY row_number() OVER (ORDER BY account) = 1
  ) AS a
),
moves AS (
  SELECT period_start, account, currency, min(account_name) AS account_name, min(account_class) AS account_class,
    min(statement_line) AS statement_line, sum(debit) AS debit, sum(credit) AS credit, sum(carried) AS carried
  FROM (
    SELECT period_start, account, currency, account_name, account_class, statement_line,
      CASE WHEN amount > 0 THEN amount ELSE 0 END AS debit,
      CASE WHEN amount < 0 THEN -amount ELSE 0 END AS credit,
      CAST(0 AS DECIMAL(38,2)) AS carried
    FROM posted
    UNION ALL
    SELECT period_start, account, currency, account_name, account_class, statement_line, 0, 0, amount
    FROM carried
  ) AS parts
  GROUP BY period_start, account, currency
),
spans AS (
  SELECT account, currency, min(account_name) AS account_name, min(account_class) AS account_class,
    min(statement_line) AS statement_line, min(period_start) AS first_period
  FROM moves
  GROUP BY account, currency
),
grid AS (
  SELECT p.period_start, p.fiscal_year, s.account, s.currency, s.account_name, s.account_class, s.statement_line,
    coalesce(m.debit, 0) AS debit, coalesce(m.credit, 0) AS credit, coalesce(m.carried, 0) AS carried
  FROM spans AS s
  CROSS JOIN last_period AS e
  JOIN fiscal_periods AS p ON p.period_start >= s.first_period AND p.period_start <= e.last_period
  LEFT JOIN moves AS m ON m.period_start = p.period_start AND m.account = s.account AND m.currency = s.currency
),
running AS (
  SELECT *, sum(debit - credit + carried) OVER (
      PARTITION BY account, currency,
        CASE WHEN account_class IN ('revenue', 'expense') THEN fiscal_year ELSE 0 END
      ORDER BY period_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS closing
  FROM grid
)
SELECT
  period_start,
  account,
  account_name,
  account_class,
  statement_line,
  currency,
  CAST(closing - debit + credit AS DECIMAL(38,2)) AS opening,
  CAST(debit AS DECIMAL(38,2)) AS debit,
  CAST(credit AS DECIMAL(38,2)) AS credit,
  CAST(closing AS DECIMAL(38,2)) AS closing
FROM running
