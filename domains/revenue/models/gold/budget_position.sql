-- Plan, bookings and open orders. A line is overspent when what is booked since the start of the
-- fiscal year and what is ordered and not booked yet exceed the plan of the whole year.
-- grain: period_start, department, account, currency
-- time column: period_start
WITH sides AS (
  SELECT d.period_start, b.department, b.account, b.currency,
    CAST(sum(b.amount) AS DECIMAL(38,2)) AS budget, CAST(0 AS DECIMAL(38,2)) AS actual, CAST(0 AS DECIMAL(38,2)) AS committed
  FROM budget_lines AS b
  JOIN fiscal_days AS d ON d.day = b.fiscal_month
  GROUP BY d.period_start, b.department, b.account, b.currency
  UNION ALL
  SELECT period_start, department, account, currency, 0,
    CAST(sum(CASE WHEN section = 'revenue' THEN result ELSE -result END) AS DECIMAL(38,2)), 0
  FROM profit_and_loss
  GROUP BY period_start, department, account, currency
  UNION ALL
  SELECT d.period_start, c.department, c.account, c.currency, 0, 0, CAST(sum(c.open_amount) AS DECIMAL(38,2))
  FROM commitment_position AS c
  JOIN fiscal_days AS d ON d.day = c.ordered_on
  GROUP BY d.period_start, c.department, c.account, c.currency
),
months AS (
  SELECT p.period_start, p.period, p.fiscal_year, s.department, s.account, s.currency,
    coalesce(a.account_class, 'expense') AS account_class,
    sum(s.budget) AS budget, sum(s.actual) AS actual, sum(s.committed) AS committed
  FROM sides AS s
  JOIN fiscal_periods AS p ON p.period_start = s.period_start
  LEFT JOIN accounts AS a ON a.account = s.account
  GROUP BY p.period_start, p.period, p.fiscal_year, s.department, s.account, s.currency, coalesce(a.account_class, 'expense')
),
running AS (
  SELECT *,
    sum(budget) OVER (PARTITION BY fiscal_year, department, account, currency) AS budget_year,
    sum(actual) OVER (
      PARTITION BY fiscal_year, department, account, currency ORDER BY period_start
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS actual_ytd,
    sum(committed) OVER (
      PARTITION BY fiscal_year, department, account, currency ORDER BY period_start
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS committed_ytd
  FROM months
),
judged AS (
  SELECT *,
    CASE WHEN account_class = 'expense' THEN greatest(0, actual_ytd + committed_ytd - budget_year) ELSE 0 END AS overspent_ytd
  FROM running
)
SELECT
  department || '|' || account || '|' || currency || '|' || CAST(period_start AS STRING) AS budget_line_month,
  period_start, period, fiscal_year, department, account, account_class, currency,
  CAST(budget AS DECIMAL(38,2)) AS budget,
  CAST(actual AS DECIMAL(38,2)) AS actual,
  CAST(committed AS DECIMAL(38,2)) AS committed,
  CAST(budget_year AS DECIMAL(38,2)) AS budget_year,
  CAST(actual_ytd AS DECIMAL(38,2)) AS actual_ytd,
  CAST(committed_ytd AS DECIMAL(38,2)) AS committed_ytd,
  CAST(budget_year - actual_ytd - committed_ytd AS DECIMAL(38,2)) AS available,
  CAST(overspent_ytd AS DECIMAL(38,2)) AS overspent_ytd,
  CAST(overspent_ytd - coalesce(lag(overspent_ytd) OVER (
    PARTITION BY fiscal_year, department, account, currency ORDER BY period_start
  ), 0) AS DECIMAL(38,2)) AS overspent
FROM judged
