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
  SELECT vendor_cluster, entity, category, posted_on, posted_month, amount, currency
  FROM {{ documents() }} AS d
  WHERE document_type = 'invoice' AND amount > 0 AND NOT is_placeholder
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
first_days AS (
  SELECT vendor_cluster, min(posted_on) AS first_on FROM bills GROUP BY vendor_cluster
),
large AS (
  SELECT document_id, vendor_cluster, entity, category, currency, amount, posted_on, posted_month
  FROM {{ documents() }} AS d
  WHERE document_type = 'invoice' AND amount >= {{ param('min_amount') }} AND NOT is_placeholder
),
-- Of vendors that were new then.
early AS (
  SELECT b.document_id, b.vendor_cluster, b.category, b.currency, b.amount, b.posted_month,
    coalesce(m.created_on, f.first_on) AS known_from
  FROM large AS b
  JOIN first_days AS f ON f.vendor_cluster = b.vendor_cluster
  JOIN ledgers AS g ON g.entity = b.entity AND f.first_on >= g.ledger_from AND (g.next_from IS NULL OR f.first_on < g.next_from)
  LEFT JOIN made AS m ON m.vendor_cluster = b.vendor_cluster
  -- bullion: allow sql-duckdb-only
  WHERE date_diff('day', coalesce(m.created_on, f.first_on), b.posted_on) BETWEEN 0 AND {{ param('new_days') }}
    -- bullion: allow sql-duckdb-only
    AND (m.created_on IS NOT NULL OR date_diff('day', g.ledger_from, f.first_on) >= 365)
),
-- What half, and what nearly all, of the category's invoices do not exceed.
usual AS (
  SELECT b.category, b.currency,
    CAST(percentile_disc(0.5) WITHIN GROUP (ORDER BY b.amount) AS DECIMAL(38,2)) AS median,
    CAST(percentile_disc(0.01 * (100 - {{ param('top_percent') }})) WITHIN GROUP (ORDER BY b.amount) AS DECIMAL(38,2)) AS high
  FROM bills AS b
  SEMI JOIN early AS e ON e.category = b.category AND e.currency = b.currency
  GROUP BY b.category, b.currency
  HAVING count(*) >= {{ param('min_category') }}
),
high AS (
  SELECT l.document_id, l.vendor_cluster, l.category, l.currency, l.amount, l.posted_month, u.median
  FROM large AS l
  JOIN usual AS u ON u.category = l.category AND u.currency = l.currency
  WHERE l.amount >= u.high AND l.amount >= {{ param('times_usual') }} * u.median
),
rates AS (
  SELECT category, currency, amount, posted_month
  FROM high
  GROUP BY category, currency, amount, posted_month
  HAVING count(DISTINCT vendor_cluster) >= {{ param('rate_vendors') }}
),
suspects AS (
  SELECT e.document_id, e.vendor_cluster, e.known_from, h.median
  FROM early AS e
  JOIN high AS h ON h.document_id = e.document_id AND h.posted_month = e.posted_month
  LEFT JOIN rates AS r
    ON r.category = h.category AND r.currency = h.currency AND r.amount = h.amount AND r.posted_month = h.posted_month
  WHERE r.category IS NULL
),
-- The payments of these vendors alone, in their order.
turns AS (
  SELECT b.document_id, b.vendor_cluster, b.cluster_name, b.category, b.invoice_number, b.posted_on, b.posted_month, b.amount, b.currency,
    row_number() OVER (PARTITION BY b.vendor_cluster ORDER BY b.posted_on, b.document_id) AS turn
  FROM {{ documents() }} AS b
  SEMI JOIN suspects AS s ON s.vendor_cluster = b.vendor_cluster
  WHERE b.document_type = 'invoice' AND b.amount > 0 AND NOT b.is_placeholder
)
SELECT
  'new|' || t.vendor_cluster AS finding_key,
  'vendor' AS subject_type,
  t.vendor_cluster AS subject_id,
  f.line_id AS row_id,
  'flagged' AS role,
  t.posted_on AS occurred_on,
  CAST(greatest(f.amount, CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  t.currency,
  CAST(CASE WHEN t.turn = 1 THEN 0.75 ELSE 0.6 END AS DECIMAL(5,4)) AS strength,
  t.cluster_name || ', known since ' || CAST(s.known_from AS STRING) || ', was paid ' || t.currency || ' ' || CAST(t.amount AS STRING) || ' on '
    || CAST(t.posted_on AS STRING) || ' as payment number ' || CAST(t.turn AS STRING) || '; usual in ' || t.category || ' is ' || CAST(s.median AS STRING) AS reason
FROM turns AS t
JOIN suspects AS s ON s.document_id = t.document_id
JOIN fact_invoice_line AS f ON f.document_id = t.document_id
WHERE t.turn <= {{ param('first_payments') }}
