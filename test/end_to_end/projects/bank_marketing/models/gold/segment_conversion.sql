-- Calls and deposits taken, by segment.
-- grain: file, job, marital, education, contacted_before
SELECT
  _file_id AS file,
  coalesce(nullif(job, 'unknown'), 'not known') AS job,
  coalesce(nullif(marital, 'unknown'), 'not known') AS marital,
  coalesce(nullif(education, 'unknown'), 'not known') AS education,
  pdays NOT IN (-1, 999) AS contacted_before,
  CAST(count(*) AS BIGINT) AS calls,
  CAST(sum(CASE WHEN taken THEN 1 ELSE 0 END) AS BIGINT) AS deposits
FROM raw_calls
GROUP BY 1, 2, 3, 4, 5
