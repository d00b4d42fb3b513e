-- What each day had, and what was to be expected of it: the median of the last days of its kind (var
-- band_days), and around it so many median deviations (var band_width). A day far off moves neither.
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
-- The days before of the same kind, each with its place among their values.
before AS (
  SELECT
    n.measure, n.currency, n.day_kind, n.place, e.value,
    row_number() OVER (
      PARTITION BY n.measure, n.currency, n.day_kind, n.place ORDER BY e.value NULLS FIRST, e.place NULLS FIRST
    ) AS turn,
    count(*) OVER (PARTITION BY n.measure, n.currency, n.day_kind, n.place) AS days
  FROM numbered AS n
  JOIN numbered AS e
    ON e.measure = n.measure AND e.currency = n.currency AND e.day_kind = n.day_kind
    AND e.place >= n.place - {{ var('band_days') }} AND e.place < n.place
),
-- Twice the median is the sum of the two values in the middle, so that nothing is rounded.
medians AS (
  SELECT
    measure, currency, day_kind, place,
    CAST(sum(CASE WHEN 2 * turn = days + 1 THEN 2 * value WHEN 2 * turn IN (days, days + 2) THEN value ELSE 0 END)
      AS DECIMAL(28,2)) AS twice_median
  FROM before
  WHERE days >= {{ var('band_min_days') }}
  GROUP BY measure, currency, day_kind, place
),
away AS (
  SELECT
    m.measure, m.currency, m.day_kind, m.place, m.twice_median, b.days,
    abs(2 * b.value - m.twice_median) AS twice_away,
    row_number() OVER (
      PARTITION BY m.measure, m.currency, m.day_kind, m.place
      ORDER BY abs(2 * b.value - m.twice_median) NULLS FIRST, b.turn NULLS FIRST
    ) AS turn
  FROM medians AS m
  JOIN before AS b
    ON b.measure = m.measure AND b.currency = m.currency AND b.day_kind = m.day_kind AND b.place = m.place
),
-- Four times the median of how far the days are away from their median.
deviations AS (
  SELECT
    measure, currency, day_kind, place, twice_median,
    CAST(sum(CASE WHEN 2 * turn = days + 1 THEN 2 * twice_away WHEN 2 * turn IN (days, days + 2) THEN twice_away ELSE 0 END)
      AS DECIMAL(30,2)) AS four_deviations
  FROM away
  GROUP BY measure, currency, day_kind, place, twice_median
),
expected AS (
  SELECT
    n.dt, n.day_kind, n.measure, n.currency, n.value,
    CAST(ratio(d.twice_median, CAST(2 AS DECIMAL(18,0)), 2) AS DECIMAL(28,2)) AS expected,
    CAST(greatest(
      ratio({{ var('band_width') }} * d.four_deviations, CAST(4 AS DECIMAL(18,0)), 2),
      ratio({{ var('band_least_percent') }} * d.twice_median, CAST(200 AS DECIMAL(18,0)), 2)
    ) AS DECIMAL(28,2)) AS half_band
  FROM numbered AS n
  LEFT JOIN deviations AS d
    ON d.measure = n.measure AND d.currency = n.currency AND d.day_kind = n.day_kind AND d.place = n.place
)
SELECT
  CAST(dt AS STRING) || '|' || measure || '|' || currency AS band_id,
  dt,
  measure,
  currency,
  day_kind,
  value,
  expected,
  CAST(CASE WHEN expected > half_band THEN expected - half_band WHEN expected IS NOT NULL THEN 0 END AS DECIMAL(28,2)) AS expected_low,
  CAST(expected + half_band AS DECIMAL(28,2)) AS expected_high,
  CASE
    WHEN expected IS NULL THEN 'no history'
    WHEN value < expected - half_band THEN 'drop'
    WHEN value > expected + half_band THEN 'spike'
    ELSE 'as expected'
  END AS status
FROM expected
