-- The first payments of a vendor that was set up lately, when they are large for what is bought. Of
-- a ledger without a vendor master, a vendor is new when it first appears a year after the ledger began.
WITH made AS (
  SELECT c.vendor_cluster, min(v.created_on) AS created_on
  FROM vendor_versions AS v
  JOIN vendor_clusters AS c ON c.vendor_id = v.vendor_id
  GROUP BY c.vendor_cluster
),
bills AS (
  SELECT d.document_id, d.vendor_cluster, d.cluster_name, d.category, d.invoice_number, d.posted_on, d.amount, d.currency,
    row_number() OVER (PARTITION BY d.vendor_cluster ORDER BY d.posted_on, d.document_id) AS turn,
    min(d.posted_on) OVER (PARTITION BY d.vendor_cluster) AS first_on,
    min(d.posted_on) OVER (PARTITION BY d.entity) AS ledger_from
  FROM invoice_documents AS d
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND NOT d.is_placeholder
),
ranked AS (
  SELECT category, currency, amount,
    row_number() OVER (PARTITION BY category, currency ORDER BY amount, document_id) AS place,
    count(*) OVER (PARTITION BY category, currency) AS bills
  FROM bills
),
-- What half, and what nearly all, of the category's invoices stay below.
usual AS (
  SELECT category, currency,
    max(CASE WHEN 2 * place <= bills + 1 THEN amount END) AS median,
    max(CASE WHEN 100 * place <= (100 - {{ param('top_percent') }}) * bills THEN amount END) AS high
  FROM ranked
  GROUP BY category, currency
  HAVING max(bills) >= {{ param('min_category') }}
),
large AS (
  SELECT b.*, u.median, coalesce(m.created_on, b.first_on) AS known_from, m.created_on
  FROM bills AS b
  JOIN usual AS u ON u.category = b.category AND u.currency = b.currency
  LEFT JOIN made AS m ON m.vendor_cluster = b.vendor_cluster
  WHERE b.turn <= {{ param('first_payments') }} AND b.amount >= {{ param('min_amount') }}
    AND b.amount >= u.high AND b.amount >= {{ param('times_usual') }} * u.median
)
SELECT
  'new|' || l.vendor_cluster AS finding_key,
  'vendor' AS subject_type,
  l.vendor_cluster AS subject_id,
  f.line_id AS row_id,
  'flagged' AS role,
  l.posted_on AS occurred_on,
  CAST(greatest(f.amount, CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  l.currency,
  CAST(CASE WHEN l.turn = 1 THEN 0.8 ELSE 0.65 END AS DECIMAL(5,4)) AS strength,
  l.cluster_name || ', known since ' || CAST(l.known_from AS STRING) || ', was paid ' || l.currency || ' ' || CAST(l.amount AS STRING) || ' on '
    || CAST(l.posted_on AS STRING) || ' as payment number ' || CAST(l.turn AS STRING) || '; usual in ' || l.category || ' is ' || CAST(l.median AS STRING) AS reason
FROM large AS l
JOIN fact_invoice_line AS f ON f.document_id = l.document_id
-- bullion: allow sql-duckdb-only
WHERE date_diff('day', l.known_from, l.posted_on) BETWEEN 0 AND {{ param('new_days') }}
  -- bullion: allow sql-duckdb-only
  AND (l.created_on IS NOT NULL OR date_diff('day', l.ledger_from, l.first_on) >= 365)
