-- The first payments of a vendor that was set up lately, when they are large for what is bought. Of
-- a ledger without a vendor master, a vendor is new when it first appears a year after the ledger began.
WITH made AS (
  SELECT c.vendor_cluster, min(v.created_on) AS created_on
  FROM vendor_versions AS v
  JOIN vendor_clusters AS c ON c.vendor_id = v.vendor_id
  GROUP BY c.vendor_cluster
),
bills AS (
  SELECT document_id, vendor_cluster, cluster_name, entity, category, invoice_number, posted_on, amount, currency
  FROM {{ documents() }} AS d
  WHERE document_type = 'invoice' AND amount > 0 AND NOT is_placeholder
),
counted AS (
  SELECT category, currency, amount, count(*) AS bills FROM bills GROUP BY category, currency, amount
),
ranked AS (
  SELECT category, currency, amount,
    sum(bills) OVER (PARTITION BY category, currency ORDER BY amount ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to,
    sum(bills) OVER (PARTITION BY category, currency) AS bills
  FROM counted
),
-- What half, and what nearly all, of the category's invoices do not exceed.
usual AS (
  SELECT category, currency,
    min(CASE WHEN 2 * up_to >= bills THEN amount END) AS median,
    min(CASE WHEN 100 * up_to >= (100 - {{ param('top_percent') }}) * bills THEN amount END) AS high
  FROM ranked
  GROUP BY category, currency
  HAVING max(bills) >= {{ param('min_category') }}
),
suspects AS (
  SELECT b.document_id, b.vendor_cluster, u.median
  FROM bills AS b
  JOIN usual AS u ON u.category = b.category AND u.currency = b.currency
  WHERE b.amount >= {{ param('min_amount') }} AND b.amount >= u.high AND b.amount >= {{ param('times_usual') }} * u.median
),
-- The payments of these vendors alone, in their order.
turns AS (
  SELECT b.document_id, b.vendor_cluster, b.cluster_name, b.entity, b.category, b.invoice_number, b.posted_on, b.amount, b.currency,
    row_number() OVER (PARTITION BY b.vendor_cluster ORDER BY b.posted_on, b.document_id) AS turn,
    min(b.posted_on) OVER (PARTITION BY b.vendor_cluster) AS first_on
  FROM bills AS b
  SEMI JOIN suspects AS s ON s.vendor_cluster = b.vendor_cluster
),
ledgers AS (
  SELECT entity, min(posted_on) AS ledger_from FROM bills GROUP BY entity
),
large AS (
  SELECT t.*, s.median, g.ledger_from, coalesce(m.created_on, t.first_on) AS known_from, m.created_on
  FROM turns AS t
  JOIN suspects AS s ON s.document_id = t.document_id
  JOIN ledgers AS g ON g.entity = t.entity
  LEFT JOIN made AS m ON m.vendor_cluster = t.vendor_cluster
  WHERE t.turn <= {{ param('first_payments') }}
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
  CAST(CASE WHEN l.turn = 1 THEN 0.75 ELSE 0.6 END AS DECIMAL(5,4)) AS strength,
  l.cluster_name || ', known since ' || CAST(l.known_from AS STRING) || ', was paid ' || l.currency || ' ' || CAST(l.amount AS STRING) || ' on '
    || CAST(l.posted_on AS STRING) || ' as payment number ' || CAST(l.turn AS STRING) || '; usual in ' || l.category || ' is ' || CAST(l.median AS STRING) AS reason
FROM large AS l
JOIN fact_invoice_line AS f ON f.document_id = l.document_id
-- bullion: allow sql-duckdb-only
WHERE date_diff('day', l.known_from, l.posted_on) BETWEEN 0 AND {{ param('new_days') }}
  -- bullion: allow sql-duckdb-only
  AND (l.created_on IS NOT NULL OR date_diff('day', l.ledger_from, l.first_on) >= 365)
