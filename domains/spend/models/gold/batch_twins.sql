-- Posting runs and import files whose content stands in an earlier one again. A run is compared by
-- its documents and purchases, not by its name, so it does not matter what the file was called.
-- grain: batch_id
WITH rows_in AS (
  SELECT batch_id, payee_id, coalesce(invoice_number, card_id, employee_id, '') AS mark, spent_on, amount, currency, posted_on,
    row_hash(CAST(8 AS UBIGINT), payee_id, coalesce(invoice_number, card_id, employee_id, ''), spent_on, amount, currency) AS row_key
  FROM fact_expense
  WHERE batch_id IS NOT NULL
),
-- Most rows stand there once and need no further look.
repeated AS (
  SELECT row_key FROM rows_in GROUP BY row_key HAVING count(*) > 1
),
entries AS (
  SELECT r.batch_id, r.payee_id || '|' || r.mark || '|' || CAST(r.spent_on AS STRING) || '|' || CAST(r.amount AS STRING) || '|' || r.currency AS entry,
    r.amount
  FROM rows_in AS r
  SEMI JOIN repeated AS x ON x.row_key = r.row_key
),
-- Equal coffees of one day are numbered, so that the second meets the second.
numbered AS (
  SELECT batch_id, entry, row_number() OVER (PARTITION BY batch_id, entry ORDER BY amount) AS turn
  FROM entries
),
sizes AS (
  SELECT batch_id, count(*) AS rows_in, CAST(sum(amount) AS DECIMAL(38,2)) AS amount, min(posted_on) AS posted_on
  FROM rows_in
  GROUP BY batch_id
),
-- What stands in more than eight runs tells nothing about any two of them.
telling AS (
  SELECT entry, turn
  FROM numbered
  GROUP BY entry, turn
  HAVING count(*) BETWEEN 2 AND 8
),
kept AS (
  SELECT n.batch_id, n.entry, n.turn
  FROM numbered AS n
  JOIN telling AS t ON t.entry = n.entry AND t.turn = n.turn
),
met AS (
  SELECT a.batch_id AS first_batch_id, b.batch_id, count(*) AS rows_shared
  FROM kept AS a
  JOIN kept AS b ON b.entry = a.entry AND b.turn = a.turn
  JOIN sizes AS x ON x.batch_id = a.batch_id
  JOIN sizes AS y ON y.batch_id = b.batch_id
  WHERE x.posted_on < y.posted_on OR (x.posted_on = y.posted_on AND a.batch_id < b.batch_id)
  GROUP BY a.batch_id, b.batch_id
),
ranked AS (
  SELECT
    m.first_batch_id, m.batch_id, m.rows_shared, y.rows_in, y.amount, y.posted_on, x.posted_on AS first_posted_on,
    row_number() OVER (PARTITION BY m.batch_id ORDER BY m.rows_shared DESC, m.first_batch_id NULLS LAST) AS turn
  FROM met AS m
  JOIN sizes AS x ON x.batch_id = m.first_batch_id
  JOIN sizes AS y ON y.batch_id = m.batch_id
  WHERE m.rows_shared >= {{ var('batch_min_rows') }}
    AND 100 * m.rows_shared >= {{ var('batch_shared_percent') }} * y.rows_in
)
SELECT
  batch_id,
  first_batch_id,
  CAST(rows_in AS BIGINT) AS rows_in,
  CAST(rows_shared AS BIGINT) AS rows_shared,
  amount,
  posted_on,
  first_posted_on
FROM ranked
WHERE turn = 1
