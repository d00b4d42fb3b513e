-- What each day had, and what was to be expected of it: the mean of the last days of its kind (var
-- band_days), and around it so many mean deviations (var band_width).
-- grain: dt, measure, currency
-- Kinds are the seven weekdays, holidays, and the last weekday of a month. Days without any
-- transaction have rows, so that a feed that stops is a drop.
WITH totals AS (
  SELECT
    dt,
    currency,
    sum(transactions) AS transactions,
    sum(debit) AS debit,
    sum(credit) AS credit
  FROM daily_volume
  GROUP BY dt, currency
),
bounds AS (
  SELECT currency, min(dt) AS first_day, max(dt) AS last_day FROM totals GROUP BY currency
),
days AS (
  SELECT CAST(DATE '1990-01-01' + CAST(n AS INT) AS DATE) AS dt
  FROM range(0, 40177) AS t(n)
),
weeks AS (
  SELECT
    dt,
    CAST(date_trunc('week', dt) AS DATE) AS monday,
    CAST(date_trunc('month', CAST(date_trunc('month', dt) AS DATE) + 32) AS DATE) - 1 AS month_end
  FROM days
),
closings AS (
  -- A month that ends on a weekend closes on the Friday before.
  SELECT
    dt,
    monday,
    CASE
      WHEN month_end = CAST(date_trunc('week', month_end) AS DATE) + 5 THEN month_end - 1
      WHEN month_end = CAST(date_trunc('week', month_end) AS DATE) + 6 THEN month_end - 2
      ELSE month_end
    END AS closing_day
  FROM weeks
),
kinds AS (
  SELECT
    c.dt,
    CASE
      WHEN h.day IS NOT NULL THEN 'holiday'
      WHEN c.dt = c.closing_day THEN 'month end'
      WHEN c.dt = c.monday THEN 'Monday'
      WHEN c.dt = c.monday + 1 THEN 'Tuesday'
      WHEN c.dt = c.monday + 2 THEN 'Wednesday'
      WHEN c.dt = c.monday + 3 THEN 'Thursday'
      WHEN c.dt = c.monday + 4 THEN 'Friday'
      WHEN c.dt = c.monday + 5 THEN 'Saturday'
      ELSE 'Sunday'
    END AS day_kind
  FROM closings AS c
  LEFT JOIN holidays AS h ON h.day = c.dt
),
every_day AS (
  SELECT k.dt, k.day_kind, b.currency, coalesce(t.transactions, 0) AS transactions,
    coalesce(t.debit, 0) AS debit, coalesce(t.credit, 0) AS credit
  FROM kinds AS k
  JOIN bounds AS b ON k.dt BETWEEN b.first_day AND b.last_day
  LEFT JOIN totals AS t ON t.dt = k.dt AND t.currency = b.currency
),
measured AS (
  SELECT dt, day_kind, currency, 'transactions' AS measure, CAST(transactions AS DECIMAL(28,2)) AS value FROM every_day
  UNION ALL
  SELECT dt, day_kind, currency, 'debit', CAST(debit AS DECIMAL(28,2)) FROM every_day
  UNION ALL
  SELECT dt, day_kind, currency, 'credit', CAST(credit AS DECIMAL(28,2)) FROM every_day
),
numbered AS (
  SELECT m.*, row_number() OVER (PARTITION BY measure, currency, day_kind ORDER BY dt NULLS FIRST) AS place
  FROM measured AS m
),
means AS (
  SELECT n.measure, n.currency, n.day_kind, n.place, CAST(count(*) AS BIGINT) AS days, CAST(sum(e.value) AS DECIMAL(28,2)) AS total
  FROM numbered AS n
  JOIN numbered AS e
    ON e.measure = n.measure AND e.currency = n.currency AND e.day_kind = n.day_kind
    AND e.place >= n.place - {{ var('band_days') }} AND e.place < n.place
  GROUP BY n.measure, n.currency, n.day_kind, n.place
),
deviations AS (
  -- The sum of all deviations from the mean, times the number of days, so that nothing is rounded.
  SELECT m.measure, m.currency, m.day_kind, m.place, m.days, m.total,
    CAST(sum(abs(e.value * m.days - m.total)) AS DECIMAL(36,2)) AS deviation
  FROM means AS m
  JOIN numbered AS e
    ON e.measure = m.measure AND e.currency = m.currency AND e.day_kind = m.day_kind
    AND e.place >= m.place - {{ var('band_days') }} AND e.place < m.place
  WHERE m.days >= {{ var('band_min_days') }}
  GROUP BY m.measure, m.currency, m.day_kind, m.place, m.days, m.total
),
expected AS (
  SELECT
    n.dt, n.day_kind, n.measure, n.currency, n.value,
    CAST(ratio(d.total, CAST(d.days AS DECIMAL(18,0)), 2) AS DECIMAL(28,2)) AS expected,
    CAST(greatest(
      ratio({{ var('band_width') }} * d.deviation, CAST(d.days * d.days AS DECIMAL(18,0)), 2),
      ratio({{ var('band_least_percent') }} * d.total, CAST(100 * d.days AS DECIMAL(18,0)), 2)
    ) AS DECIMAL(28,2)) AS half_band
  FROM numbered AS n
  LEFT JOIN deviations AS d
    ON d.measure = n.measure AND d.currency = n.currency AND d.day_kind = n.day_kind AND d.place = n.place
)
SELECT
  dt,
  measure,
  currency,
  day_kind,
  value,
  expected,
  CAST(greatest(expected - half_band, 0) AS DECIMAL(28,2)) AS expected_low,
  CAST(expected + half_band AS DECIMAL(28,2)) AS expected_high,
  CASE
    WHEN expected IS NULL THEN 'no history'
    WHEN value < expected - half_band THEN 'drop'
    WHEN value > expected + half_band THEN 'spike'
    ELSE 'as expected'
  END AS status
FROM expected
