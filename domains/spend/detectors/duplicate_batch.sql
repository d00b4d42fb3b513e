-- A posting run or file that came twice is one case, not one for each of its rows.
SELECT
  'batch|' || t.first_batch_id || '|' || t.batch_id AS finding_key,
  'batch' AS subject_type,
  t.batch_id AS subject_id,
  e.expense_id AS row_id,
  'flagged' AS role,
  e.posted_on AS occurred_on,
  CAST(greatest(e.amount, CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  e.currency,
  CAST(ratio_4(t.rows_shared, t.rows_in) AS DECIMAL(5,4)) AS strength,
  'Run ' || t.batch_id || ' of ' || CAST(t.posted_on AS STRING) || ' holds ' || CAST(t.rows_shared AS STRING)
    || ' of its ' || CAST(t.rows_in AS STRING) || ' rows again that run ' || t.first_batch_id || ' of '
    || CAST(t.first_posted_on AS STRING) || ' has' AS reason
FROM batch_twins AS t
JOIN fact_expense AS e ON e.batch_id = t.batch_id
