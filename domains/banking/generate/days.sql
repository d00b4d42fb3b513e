-- The days with their share of the transactions: fewer on weekends and holidays, more on Fridays and
-- on the last weekday of a month, and some days planted far off.
CREATE OR REPLACE TABLE generated_days AS
WITH days AS (
  SELECT
    k AS day_index,
    DATE '{{ var('start_date') }}' + CAST(k AS INTEGER) AS day,
    isodow(DATE '{{ var('start_date') }}' + CAST(k AS INTEGER)) AS weekday,
    last_day(DATE '{{ var('start_date') }}' + CAST(k AS INTEGER)) AS month_end
  FROM range(0, {{ var('days') }}) AS t(k)
),
kinds AS (
  SELECT
    day_index,
    weekday,
    CASE
      WHEN (month(day), day(day)) IN ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
        OR (weekday = 1 AND (month(day), day(day)) IN ((1, 2), (6, 20), (7, 5), (11, 12), (12, 26)))
        OR (weekday = 1 AND ((month(day) IN (1, 2) AND day(day) BETWEEN 15 AND 21)
          OR (month(day) = 5 AND day(day) >= 25) OR (month(day) = 9 AND day(day) <= 7)
          OR (month(day) = 10 AND day(day) BETWEEN 8 AND 14)))
        OR (weekday = 4 AND month(day) = 11 AND day(day) BETWEEN 22 AND 28)
      THEN 'holiday'
      WHEN day = month_end - greatest(0, CAST(isodow(month_end) AS INTEGER) - 5) THEN 'month end'
      ELSE 'plain'
    END AS kind
  FROM days
),
-- Tuesdays to Thursdays of the second half that are nothing else, evenly spread.
candidates AS (
  SELECT
    day_index,
    row_number() OVER (ORDER BY day_index) - 1 AS place,
    count(*) OVER () AS places
  FROM kinds
  WHERE kind = 'plain' AND weekday BETWEEN 2 AND 4 AND 2 * day_index >= {{ var('days') }}
),
planted AS (
  SELECT c.day_index, CASE WHEN p.n % 2 = 0 AND p.n < 2 * {{ var('drop_days') }} THEN 'drop' ELSE 'spike' END AS planted
  FROM (
    SELECT 2 * n AS n FROM range(0, {{ var('drop_days') }}) AS t(n)
    UNION ALL
    SELECT 2 * n + 1 FROM range(0, {{ var('spike_days') }}) AS t(n)
  ) AS p
  JOIN candidates AS c
    ON c.place = (2 * p.n + 1) * c.places // (4 * greatest({{ var('drop_days') }}, {{ var('spike_days') }}))
),
weights AS (
  SELECT
    k.day_index,
    k.kind,
    p.planted,
    CASE
      WHEN p.planted = 'drop' THEN 30
      WHEN p.planted = 'spike' THEN 260
      WHEN k.kind = 'holiday' THEN 45
      WHEN k.kind = 'month end' THEN 150
      WHEN k.weekday = 7 THEN 50
      WHEN k.weekday = 6 THEN 70
      WHEN k.weekday = 5 THEN 115
      ELSE 100
    END AS weight
  FROM kinds AS k
  LEFT JOIN planted AS p ON p.day_index = k.day_index
),
sums AS (
  SELECT
    *,
    sum(weight) OVER (ORDER BY day_index) - weight AS before,
    sum(weight) OVER () AS total
  FROM weights
),
bounds AS (
  SELECT
    day_index,
    kind,
    planted,
    CAST({{ var('events') }} * before // total AS BIGINT) AS first_event,
    CAST({{ var('events') }} * (before + weight) // total AS BIGINT) AS end_event
  FROM sums
)
SELECT day_index, kind, planted, first_event, end_event
FROM bounds
ORDER BY day_index;

-- What is planted, and how often. Kinds follow each other at the beginning of a day's transactions.
CREATE OR REPLACE TABLE generated_rates AS
SELECT * FROM (VALUES
  (1, 'bad_amount', {{ var('bad_amount_per_million') }}),
  (2, 'missing_account', {{ var('missing_account_per_million') }}),
  (3, 'bad_id', {{ var('bad_id_per_million') }}),
  (4, 'bad_type', {{ var('bad_type_per_million') }}),
  (5, 'bad_time', {{ var('bad_time_per_million') }}),
  (6, 'orphan', {{ var('orphan_per_million') }}),
  (7, 'duplicate', {{ var('duplicate_per_million') }}),
  (8, 'corrected', {{ var('corrected_per_million') }})
) AS t(turn, kind, per_million);

-- The rate holds over all days together, however small a day is.
CREATE OR REPLACE TABLE generated_planted AS
WITH counts AS (
  SELECT
    d.day_index,
    d.first_event,
    d.end_event,
    r.turn,
    r.kind,
    CAST(r.per_million * d.end_event // 1000000 - r.per_million * d.first_event // 1000000 AS BIGINT) AS planted
  FROM generated_days AS d
  CROSS JOIN generated_rates AS r
),
blocks AS (
  SELECT
    day_index,
    end_event,
    kind,
    first_event + CAST(sum(planted) OVER (PARTITION BY day_index ORDER BY turn) AS BIGINT) - planted AS from_event,
    planted
  FROM counts
)
SELECT day_index, kind, event_number
FROM (SELECT day_index, kind, end_event, unnest(range(from_event, from_event + planted)) AS event_number FROM blocks) AS b
WHERE event_number < end_event
ORDER BY event_number;

CREATE OR REPLACE MACRO generated_file_name(file_index) AS
  CASE file_index
    WHEN 0 THEN 'customers.csv'
    WHEN 1 THEN 'accounts.csv'
    ELSE concat('transactions-', generated_date(file_index - 2), '.csv')
  END;
