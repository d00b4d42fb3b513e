-- The first payments of a vendor that was set up lately, when they are large for what is bought. Of
-- a ledger without a vendor master, a vendor is new when it first appears a year after the ledger began,
-- at first or after a pause. What several companies are paid at once is a rate, and large for none.
WITH made AS (
  SELECT c.vendor_cluster, min(v.created_on) AS created_on
  FROM vendor_versions AS v
  JOIN vendor_clusters AS c ON c.vendor_id = v.vendor_id
  GROUP BY c.vendor_cluster
),
bills AS (
  SELECT document_id, vendor_cluster, cluster_name, entity, category, invoice_number, posted_on, posted_month, amount, currency
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
high AS (
  SELECT b.document_id, b.vendor_cluster, b.category, b.currency, b.amount, b.posted_month, u.median
  FROM bills AS b
  JOIN usual AS u ON u.category = b.category AND u.currency = b.currency
  WHERE b.amount >= {{ param('min_amount') }} AND b.amount >= u.high AND b.amount >= {{ param('times_usual') }} * u.median
),
rates AS (
  SELECT category, currency, amount, posted_month
  FROM high
  GROUP BY category, currency, amount, posted_month
  HAVING count(DISTINCT vendor_cluster) >= {{ param('rate_vendors') }}
),
suspects AS (
  SELECT h.document_id, h.vendor_cluster, h.median
  FROM high AS h
  LEFT JOIN rates AS r
    ON r.category = h.category AND r.currency = h.currency AND r.amount = h.amount AND r.posted_month = h.posted_month
  WHERE r.category IS NULL
),
-- The payments of these vendors alone, in their order.
turns AS (
  SELECT b.document_id, b.vendor_cluster, b.cluster_name, b.entity, b.category, b.invoice_number, b.posted_on, b.amount, b.currency,
    row_number() OVER (PARTITION BY b.vendor_cluster ORDER BY b.posted_on, b.document_id) AS turn,
    min(b.posted_on) OVER (PARTITION BY b.vendor_cluster) AS first_on
  FROM bills AS b
  SEMI JOIN suspects AS s ON s.vendor_cluster = b.vendor_cluster
),
days AS (
  SELECT entity, posted_month, min(posted_on) AS first_on, max(posted_on) AS last_on FROM bills GROUP BY entity, posted_month
),
follows AS (
  SELECT entity, first_on, lag(last_on) OVER (PARTITION BY entity ORDER BY posted_month) AS last_before FROM days
),
-- From when on an entity's payments are known without a pause, and until when.
ledgers AS (
  SELECT entity, first_on AS ledger_from, lead(first_on) OVER (PARTITION BY entity ORDER BY first_on NULLS FIRST) AS next_from
  FROM follows
  -- bullion: allow sql-duckdb-only
  WHERE last_before IS NULL OR date_diff('day', last_before, first_on) > {{ param('pause_days') }}
),
large AS (
  SELECT t.*, s.median, g.ledger_from, coalesce(m.created_on, t.first_on) AS known_from, m.created_on
  FROM turns AS t
  JOIN suspects AS s ON s.document_id = t.document_id
  JOIN ledgers AS g ON g.entity = t.entity AND t.first_on >= g.ledger_from AND (g.next_from IS NULL OR t.first_on < g.next_from)
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
