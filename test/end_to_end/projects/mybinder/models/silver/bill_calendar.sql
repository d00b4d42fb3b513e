-- A row for every day between the first and the last one of any export. A day is complete when the
-- newest export whose range covers it has rows for it.
WITH exports AS (
  SELECT _as_of, _file_id, min(date) AS first_day, max(date) AS last_day
  FROM cloud_bill_export
  GROUP BY _as_of, _file_id
),
days AS (
  SELECT CAST(unnest(generate_series(min(first_day), max(last_day), INTERVAL 1 DAY)) AS DATE) AS usage_date
  FROM exports
),
covering AS (
  SELECT days.usage_date, max(exports._as_of) AS _as_of
  FROM days JOIN exports ON days.usage_date BETWEEN exports.first_day AND exports.last_day
  GROUP BY days.usage_date
),
present AS (
  SELECT date AS usage_date, _as_of, count(*) AS line_count
  FROM cloud_bill_export
  GROUP BY date, _as_of
)
SELECT covering.usage_date,
       coalesce(present.line_count, 0) AS line_count,
       present.line_count IS NOT NULL AS data_complete
FROM covering
LEFT JOIN present ON present.usage_date = covering.usage_date AND present._as_of = covering._as_of
