-- Days with far fewer or more transactions, or far less or more money, than days of their kind have. A feed
-- that stops is a drop. One day is one finding, whatever of it is out of bounds.
SELECT
  'volume|' || CAST(dt AS STRING) || '|' || currency AS finding_key,
  'day' AS subject_type,
  CAST(dt AS STRING) AS subject_id,
  band_id AS row_id,
  'flagged' AS role,
  dt AS occurred_on,
  CAST(CASE WHEN measure = 'transactions' THEN 0 ELSE abs(value - expected) END AS DECIMAL(28,6)) AS amount_at_risk,
  currency,
  -- How many half bands it is away from what was expected.
  CAST(CASE
    WHEN value = 0 THEN 0.9
    WHEN abs(value - expected) >= 3 * (expected_high - expected) THEN 0.8
    ELSE 0.5
  END AS DECIMAL(5,4)) AS strength,
  CASE WHEN measure = 'transactions' THEN CAST(CAST(round(value, 0) AS BIGINT) AS STRING) || ' transactions'
    ELSE measure || ' of ' || currency || ' ' || CAST(value AS STRING) END
    || ' on ' || CAST(dt AS STRING) || ' (' || day_kind || '), a ' || status || ' from '
    || CASE WHEN measure = 'transactions' THEN CAST(CAST(round(expected, 0) AS BIGINT) AS STRING) ELSE CAST(expected AS STRING) END AS reason
FROM volume_bands
WHERE status IN ('drop', 'spike') AND abs(value - expected) * 100 >= {{ param('times_band_percent') }} * (expected_high - expected)
