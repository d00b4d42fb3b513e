-- Chance comes from row_hash only, so that a seed means the same everywhere; all arithmetic is on
-- integers. Amounts are cents.
CREATE OR REPLACE MACRO chance(number, purpose) AS
  row_hash(CAST({{ var('seed') }} AS UBIGINT), CAST(number AS BIGINT), CAST(purpose AS BIGINT))
  & CAST(9223372036854775807 AS BIGINT);
CREATE OR REPLACE MACRO pick(number, purpose, choices) AS
  CAST(chance(number, purpose) % CAST(choices AS BIGINT) AS INTEGER);
CREATE OR REPLACE MACRO day_of(n) AS DATE '{{ var('start_date') }}' + CAST(n AS INTEGER);

-- How much of everything there is.
CREATE OR REPLACE TABLE sizes AS
SELECT
  {{ var('events') }} AS events,
  CASE WHEN {{ var('vendors') }} > 0 THEN {{ var('vendors') }}
    ELSE greatest(50, {{ var('events') }} // 30) END AS vendors,
  greatest(25, {{ var('events') }} // 150) AS employees,
  greatest(6, least(60, {{ var('events') }} // 1500)) AS campaigns,
  -- One planted anomaly in 30 of the per-million rate for each kind of duplicate.
  CASE WHEN {{ var('anomalies_per_million') }} = 0 THEN 0
    ELSE greatest(1, CAST({{ var('events') }} AS BIGINT) * {{ var('anomalies_per_million') }} // 30000000)
  END AS planted,
  date_diff('day', DATE '{{ var('start_date') }}',
    CAST(DATE '{{ var('start_date') }}' + INTERVAL 1 YEAR AS DATE)) AS days;

CREATE OR REPLACE TABLE holidays AS
SELECT country, make_date(y + year(DATE '{{ var('start_date') }}'), m, d) AS day
FROM (VALUES
  ('DE', 1, 1), ('DE', 5, 1), ('DE', 10, 3), ('DE', 12, 25), ('DE', 12, 26),
  ('US', 1, 1), ('US', 7, 4), ('US', 11, 11), ('US', 12, 25)
) AS t(country, m, d), range(0, 2) AS r(y);

-- 0 to 6 days forward to the next working day of a country (weekends and one holiday).
CREATE OR REPLACE TABLE workdays AS
WITH days AS (
  SELECT c.country, day_of(n) AS day,
    dayofweek(day_of(n)) IN (0, 6)
      OR EXISTS (SELECT 1 FROM holidays AS h WHERE h.country = c.country AND h.day = day_of(n))
      AS is_off
  FROM range(-60, 500) AS t(n), (VALUES ('DE'), ('US')) AS c(country)
)
SELECT country, day, is_off,
  min(CASE WHEN NOT is_off THEN day END) OVER (
    PARTITION BY country ORDER BY day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS workday
FROM days;

CREATE OR REPLACE TABLE departments AS
SELECT * FROM (VALUES
  (0, 'D100', 'Operations'), (1, 'D200', 'Marketing'), (2, 'D300', 'Sales'), (3, 'D400', 'Finance'),
  (4, 'D500', 'People'), (5, 'D600', 'Technology'), (6, 'D700', 'Facilities')
) AS t(department_index, department, department_name);

-- What vendors sell. The last two categories have few vendors each.
CREATE OR REPLACE TABLE categories AS
SELECT * FROM (VALUES
  (0, 'Office supplies', '6100', 6, 9000), (1, 'Software', '6200', 5, 60000),
  (2, 'Consulting', '6300', 3, 250000), (3, 'Advertising', '6400', 1, 180000),
  (4, 'Cleaning', '6500', 6, 40000), (5, 'Maintenance', '6510', 6, 70000),
  (6, 'Rent', '6600', 6, 300000), (7, 'Training', '6700', 4, 80000),
  (8, 'Logistics', '6800', 0, 30000), (9, 'Raw materials', '6900', 0, 120000),
  (10, 'Security services', '6520', 6, 50000), (11, 'Translation', '6310', 2, 20000)
) AS t(category_index, category, account, department_index, scale_cents);
