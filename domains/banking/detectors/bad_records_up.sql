-- Days on which a far larger share of the records was refused, came twice or waited than in the weeks before.
WITH shares AS (
  SELECT
    dt, currency, bad, delivered,
    count(*) OVER w AS days_before,
    sum(bad) OVER w AS bad_before,
    sum(delivered) OVER w AS delivered_before
  FROM feed_days
  WINDOW w AS (PARTITION BY currency ORDER BY dt ROWS BETWEEN {{ param('days_before') }} PRECEDING AND 1 PRECEDING)
),
worse AS (
  SELECT * FROM shares
  WHERE bad >= {{ param('min_records') }} AND days_before >= {{ param('days_before') }}
    AND bad * delivered_before >= {{ param('times') }} * bad_before * delivered
)
SELECT
  'bad|' || CAST(w.dt AS STRING) || '|' || w.currency AS finding_key,
  'day' AS subject_type,
  CAST(w.dt AS STRING) AS subject_id,
  b.bad_record_id AS row_id,
  'flagged' AS role,
  w.dt AS occurred_on,
  CAST(coalesce(abs(b.amount), 0) AS DECIMAL(28,6)) AS amount_at_risk,
  w.currency,
  CAST(CASE WHEN 10 * w.bad >= w.delivered THEN 0.9 ELSE 0.7 END AS DECIMAL(5,4)) AS strength,
  CAST(w.bad AS STRING) || ' of ' || CAST(w.delivered AS STRING) || ' records of ' || CAST(w.dt AS STRING)
    || ' are bad; in the ' || CAST(w.days_before AS STRING) || ' days before it were ' || CAST(w.bad_before AS STRING) || ' of '
    || CAST(w.delivered_before AS STRING) AS reason
FROM worse AS w
JOIN bad_records AS b ON b.dt = w.dt AND b.currency = w.currency
