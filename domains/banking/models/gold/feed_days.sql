-- What was delivered for each day, and how much of it is bad. Days without anything have rows.
-- grain: dt, currency
WITH good AS (
  SELECT dt, currency, sum(transactions) AS records
  FROM daily_volume
  GROUP BY dt, currency
),
bad AS (
  SELECT dt, currency, sum(records) AS records
  FROM bad_records
  GROUP BY dt, currency
)
SELECT
  v.dt,
  v.currency,
  CAST(coalesce(g.records, 0) AS BIGINT) AS good,
  CAST(coalesce(b.records, 0) AS BIGINT) AS bad,
  CAST(coalesce(g.records, 0) + coalesce(b.records, 0) AS BIGINT) AS delivered
FROM volume_bands AS v
LEFT JOIN good AS g ON g.dt = v.dt AND g.currency = v.currency
LEFT JOIN bad AS b ON b.dt = v.dt AND b.currency = v.currency
WHERE v.measure = 'transactions'
