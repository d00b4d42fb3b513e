-- A vendor that had gone quiet for far longer than it ever did, and comes back with more than ever.
WITH bills AS (
  SELECT d.document_id, d.vendor_cluster, d.cluster_name, d.invoice_number, d.posted_on, d.amount, d.currency,
    lag(d.posted_on) OVER (PARTITION BY d.vendor_cluster, d.currency ORDER BY d.posted_on, d.document_id) AS before_on
  FROM {{ documents() }} AS d
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND NOT d.is_placeholder
),
gaps AS (
  -- bullion: allow sql-duckdb-only
  SELECT *, coalesce(date_diff('day', before_on, posted_on), 0) AS gap FROM bills
),
past AS (
  SELECT *,
    count(*) OVER w AS past_bills,
    max(gap) OVER w AS past_gap,
    max(amount) OVER w AS past_amount
  FROM gaps
  WINDOW w AS (PARTITION BY vendor_cluster, currency ORDER BY posted_on, document_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
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
    || ' quiet days; before it never paused longer than ' || CAST(p.past_gap AS STRING) || ' days nor billed more than ' || CAST(p.past_amount AS STRING) AS reason
FROM past AS p
JOIN fact_invoice_line AS f ON f.document_id = p.document_id
WHERE p.gap >= {{ param('quiet_days') }} AND p.past_bills >= {{ param('min_bills') }} AND p.gap >= 3 * p.past_gap
  AND p.amount >= {{ param('times_largest') }} * p.past_amount AND p.amount >= {{ param('min_amount') }}
