-- A vendor that had gone quiet for far longer than it ever did, and comes back with more than ever. A
-- month with invoices has no gap worth a look, so months are compared, and only the first invoice after
-- a quiet time is looked at.
WITH months AS (
  SELECT d.vendor_cluster, d.currency, d.posted_month, count(*) AS bills, max(d.amount) AS largest,
    min(d.posted_on) AS first_on, max(d.posted_on) AS last_on
  FROM {{ documents() }} AS d
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND NOT d.is_placeholder
  GROUP BY d.vendor_cluster, d.currency, d.posted_month
),
gaps AS (
  SELECT *,
    -- bullion: allow sql-duckdb-only
    coalesce(date_diff('day', lag(last_on) OVER (PARTITION BY vendor_cluster, currency ORDER BY posted_month), first_on), 0) AS gap
  FROM months
),
past AS (
  SELECT *,
    sum(bills) OVER w AS past_bills,
    max(gap) OVER w AS past_gap,
    max(largest) OVER w AS past_amount
  FROM gaps
  WINDOW w AS (PARTITION BY vendor_cluster, currency ORDER BY posted_month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
quiet AS (
  SELECT * FROM past
  WHERE gap >= {{ param('quiet_days') }} AND gap >= 3 * past_gap AND past_bills >= {{ param('min_bills') }}
    AND largest >= {{ param('times_largest') }} * past_amount AND largest >= {{ param('min_amount') }}
),
revived AS (
  SELECT q.vendor_cluster, q.gap, q.past_gap, q.past_amount, d.cluster_name, d.document_id, d.posted_on, d.amount, d.currency,
    row_number() OVER (PARTITION BY q.vendor_cluster, q.currency, q.posted_month ORDER BY d.document_id) AS turn
  FROM quiet AS q
  JOIN {{ documents() }} AS d
    ON d.vendor_cluster = q.vendor_cluster AND d.currency = q.currency AND d.posted_on = q.first_on
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND NOT d.is_placeholder
)
SELECT
  'dormant|' || p.vendor_cluster || '|' || CAST(p.posted_on AS STRING) AS finding_key,
  'vendor' AS subject_type,
  p.vendor_cluster AS subject_id,
  f.line_id AS row_id,
  'flagged' AS role,
  p.posted_on AS occurred_on,
  CAST(greatest(f.amount, CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  p.currency,
  CAST(0.7 AS DECIMAL(5,4)) AS strength,
  p.cluster_name || ' billed ' || p.currency || ' ' || CAST(p.amount AS STRING) || ' on ' || CAST(p.posted_on AS STRING) || ' after ' || CAST(p.gap AS STRING)
    || ' quiet days; before it never paused longer than ' || CAST(greatest(p.past_gap, 31) AS STRING) || ' days nor billed more than ' || CAST(p.past_amount AS STRING) AS reason
FROM revived AS p
JOIN fact_invoice_line AS f ON f.document_id = p.document_id
WHERE p.turn = 1 AND p.amount >= {{ param('times_largest') }} * p.past_amount AND p.amount >= {{ param('min_amount') }}
