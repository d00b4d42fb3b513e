-- Every day from 2000 to 2049 with its month and quarter; -1 never happens, for facts have a date.
-- grain: day
SELECT
  DATE '2000-01-01' + CAST(n AS INT) AS day,
  month_key(DATE '2000-01-01' + CAST(n AS INT)) AS month,
  CAST(year(DATE '2000-01-01' + CAST(n AS INT)) AS INT) AS year,
  CAST(quarter(DATE '2000-01-01' + CAST(n AS INT)) AS INT) AS quarter,
  DATE '2000-01-01' + CAST(n AS INT)
    >= CAST(date_trunc('week', DATE '2000-01-01' + CAST(n AS INT)) AS DATE) + 5 AS is_weekend
FROM range(0, 18263) AS t(n)
