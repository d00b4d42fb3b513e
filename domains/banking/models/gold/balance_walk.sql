-- Balances of all accounts of a type, day by day: opening + net change = closing. Every day between
-- the first and the last has a row.
-- grain: dt, account_type, currency
WITH changes AS (
  SELECT dt, account_type, currency, sum(net_change) AS net_change, sum(debit) AS debit, sum(credit) AS credit
  FROM account_day
  GROUP BY dt, account_type, currency
),
openings AS (
  SELECT account_type, account_class, currency, sum(opening_balance) AS opening_balance, count(*) AS accounts
  FROM account_openings
  GROUP BY account_type, account_class, currency
),
bounds AS (
  SELECT min(dt) AS first_day, max(dt) AS last_day FROM changes
),
days AS (
  SELECT CAST(DATE '1990-01-01' + CAST(n AS INT) AS DATE) AS dt
  FROM range(0, 40177) AS t(n)
),
walked AS (
  SELECT
    days.dt,
    o.account_type,
    o.account_class,
    o.currency,
    o.opening_balance,
    o.accounts,
    coalesce(c.net_change, 0) AS net_change,
    coalesce(c.debit, 0) AS debit,
    coalesce(c.credit, 0) AS credit,
    sum(coalesce(c.net_change, 0)) OVER (PARTITION BY o.account_type, o.currency ORDER BY days.dt NULLS FIRST) AS moved
  FROM days
  JOIN bounds ON days.dt BETWEEN bounds.first_day AND bounds.last_day
  CROSS JOIN openings AS o
  LEFT JOIN changes AS c ON c.dt = days.dt AND c.account_type = o.account_type AND c.currency = o.currency
)
SELECT
  dt,
  account_type,
  account_class,
  currency,
  CAST(accounts AS BIGINT) AS accounts,
  CAST(opening_balance + moved - net_change AS DECIMAL(38,2)) AS opening_balance,
  CAST(net_change AS DECIMAL(38,2)) AS net_change,
  CAST(opening_balance + moved AS DECIMAL(38,2)) AS closing_balance,
  CAST(debit AS DECIMAL(38,2)) AS debit,
  CAST(credit AS DECIMAL(38,2)) AS credit
FROM walked
