-- A file that came again under another name. Its rows are loaded once, so no money is counted twice; but a
-- month of which no file came may be the one that it should have been.
WITH twice AS (
  SELECT d.file_key, d.source, d.file_name, d.same_as, d.month, d.row_count, d.received_at, d.currency, f.file_key AS first_key
  FROM landed_files AS d
  JOIN landed_files AS f ON f.source = d.source AND f.file_id = d.file_id AND NOT f.is_duplicate
  WHERE d.is_duplicate AND NOT d.is_withdrawn AND d.file_name <> d.same_as AND d.month IS NOT NULL AND d.currency IS NOT NULL
),
supplied AS (
  SELECT source, month FROM landed_files WHERE NOT is_withdrawn AND month IS NOT NULL GROUP BY source, month
),
spans AS (
  SELECT source, min(month) AS first_month, max(month) AS last_month FROM supplied GROUP BY source
),
-- The months beside the one that came twice.
beside AS (
  SELECT file_key, source, month_key(CAST(month || '-01' AS DATE) - 1) AS month FROM twice
  UNION ALL
  SELECT file_key, source, month_key(CAST(month || '-01' AS DATE) + 31) FROM twice
),
missing AS (
  SELECT b.file_key, min(b.month) AS month
  FROM beside AS b
  JOIN spans AS s ON s.source = b.source
  LEFT JOIN supplied AS m ON m.source = b.source AND m.month = b.month
  WHERE m.month IS NULL AND b.month > s.first_month AND b.month < s.last_month
  GROUP BY b.file_key
),
shown AS (
  SELECT file_key, source, file_name, same_as, month, row_count, received_at, currency, file_key AS row_id, 'flagged' AS role FROM twice
  UNION ALL
  SELECT file_key, source, file_name, same_as, month, row_count, received_at, currency, first_key, 'compared' FROM twice
)
SELECT
  'file|' || s.source || '|' || s.same_as || '|' || s.file_name AS finding_key,
  'batch' AS subject_type,
  s.source || ' ' || s.same_as AS subject_id,
  s.row_id,
  s.role,
  CAST(s.received_at AS DATE) AS occurred_on,
  CAST(0 AS DECIMAL(28,6)) AS amount_at_risk,
  s.currency,
  CAST(CASE WHEN m.month IS NULL THEN 0.6 ELSE 0.95 END AS DECIMAL(5,4)) AS strength,
  'File ' || s.file_name || ' holds the same bytes as ' || s.same_as || ', ' || CAST(s.row_count AS STRING) || ' rows, most of '
    || s.month || CASE WHEN m.month IS NULL THEN '' ELSE '; ' || m.month || ' is missing' END AS reason
FROM shown AS s
LEFT JOIN missing AS m ON m.file_key = s.file_key
