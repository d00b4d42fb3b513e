-- title: Profit and loss
-- description: The statement of a fiscal month with the month before, the year before, the quarter and the year so far and twelve months; gross, operating and net profit stand between their lines.
-- parameter: month month of latest from fiscal_days.day = latest; A day of the fiscal month as YYYY-MM-DD, the month as YYYY-MM, or latest
WITH chosen AS (
  SELECT max(p.period_start) AS period_start, max(p.fiscal_year) AS fiscal_year, max(p.fiscal_quarter) AS fiscal_quarter,
    max(p.fiscal_period) AS fiscal_period, max(p.period) AS period
  FROM fiscal_periods AS p
  WHERE CASE
    WHEN $month = 'latest' THEN p.period_start = (SELECT max(period_start) FROM profit_and_loss)
    ELSE CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) >= p.period_start
      AND CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) < p.next_period_start
  END
),
numbered AS (
  SELECT period_start, fiscal_year, fiscal_quarter, fiscal_period, row_number() OVER (ORDER BY period_start) AS turn
  FROM fiscal_periods
),
months AS (
  SELECT p.period_start,
    p.turn = n.turn AS is_month,
    p.turn = n.turn - 1 AS is_prior_period,
    p.fiscal_year = c.fiscal_year - 1 AND p.fiscal_period = c.fiscal_period AS is_prior_year,
    p.fiscal_year = c.fiscal_year AND p.fiscal_quarter = c.fiscal_quarter AND p.turn <= n.turn AS is_qtd,
    p.fiscal_year = c.fiscal_year AND p.turn <= n.turn AS is_ytd,
    p.turn > n.turn - 12 AND p.turn <= n.turn AS is_ltm
  FROM numbered AS p
  CROSS JOIN chosen AS c
  JOIN numbered AS n ON n.period_start = c.period_start
),
lines AS (
  SELECT section, place, statement_title, currency, period_start, result FROM profit_and_loss
  UNION ALL
  SELECT 'total', t.place, t.title, p.currency, p.period_start, p.result
  FROM profit_and_loss AS p
  JOIN (
    SELECT 'revenue' AS section, max(CASE WHEN section = 'revenue' THEN place END) + 0.5 AS place, 'Revenue' AS title FROM statement_lines
    UNION ALL SELECT s.section, m.place + 0.5, 'Gross profit' FROM (SELECT DISTINCT section FROM statement_lines WHERE section IN ('revenue', 'cost_of_sales')) AS s
      CROSS JOIN (SELECT max(place) AS place FROM statement_lines WHERE section IN ('revenue', 'cost_of_sales')) AS m
    UNION ALL SELECT s.section, m.place + 0.5, 'Operating profit' FROM (SELECT DISTINCT section FROM statement_lines WHERE section IN ('revenue', 'cost_of_sales', 'operating')) AS s
      CROSS JOIN (SELECT max(place) AS place FROM statement_lines WHERE section IN ('revenue', 'cost_of_sales', 'operating')) AS m
    UNION ALL SELECT s.section, 1000, 'Net profit' FROM (SELECT DISTINCT section FROM statement_lines WHERE section <> 'balance_sheet') AS s
  ) AS t ON t.section = p.section
)
SELECT l.statement_title AS line, l.currency, c.period,
  sum(CASE WHEN m.is_month THEN l.result ELSE 0 END) AS month,
  sum(CASE WHEN m.is_prior_period THEN l.result ELSE 0 END) AS prior_period,
  sum(CASE WHEN m.is_prior_year THEN l.result ELSE 0 END) AS prior_year,
  sum(CASE WHEN m.is_month THEN l.result WHEN m.is_prior_period THEN -l.result ELSE 0 END) AS change,
  sum(CASE WHEN m.is_qtd THEN l.result ELSE 0 END) AS qtd,
  sum(CASE WHEN m.is_ytd THEN l.result ELSE 0 END) AS ytd,
  sum(CASE WHEN m.is_ltm THEN l.result ELSE 0 END) AS ltm
FROM lines AS l
JOIN months AS m ON m.period_start = l.period_start
CROSS JOIN chosen AS c
GROUP BY l.section = 'total', l.place, l.statement_title, l.currency, c.period
ORDER BY l.currency, l.place
