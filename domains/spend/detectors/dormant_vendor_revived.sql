-- A vendor that had gone quiet for far longer than it ever did, and comes back with more than ever. A
-- month with invoices has no gap worth a look, so months are compared, and only the first invoice after
-- a quiet time is looked at. While an entity paid nobody, no vendor was quiet.
WITH months AS (
  SELECT d.vendor_cluster, d.currency, d.posted_month, row_hash(CAST(42 AS UBIGINT), d.vendor_cluster, d.currency) AS vendor_key,
    count(*) AS bills, max(d.amount) AS largest, min(d.posted_on) AS first_on, max(d.posted_on) AS last_on
  FROM {{ documents() }} AS d
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND NOT d.is_placeholder
  GROUP BY d.vendor_cluster, d.currency, d.posted_month
),
gaps AS (
  SELECT *,
    -- bullion: allow sql-duckdb-only
    coalesce(date_diff('day', lag(last_on) OVER (PARTITION BY vendor_key ORDER BY posted_month), first_on), 0) AS gap
  FROM months
),
past AS (
  SELECT *,
    sum(bills) OVER w AS past_bills,
    max(gap) OVER w AS past_gap,
    max(largest) OVER w AS past_amount
  FROM gaps
  WINDOW w AS (PARTITION BY vendor_key ORDER BY posted_month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
quiet AS (
  SELECT * FROM past
  WHERE gap >= {{ param('quiet_days') }} AND gap >= 3 * past_gap AND past_bills >= {{ param('min_bills') }}
    AND largest >= {{ param('times_largest') }} * past_amount AND largest >= {{ param('min_amount') }}
),
revived AS (
  SELECT q.vendor_cluster, q.gap, q.past_gap, q.past_amount, d.cluster_name, d.document_id, d.posted_on, d.amount, d.currency, d.entity,
    row_number() OVER (PARTITION BY q.vendor_cluster, q.currency, q.posted_month ORDER BY d.document_id) AS turn
  FROM quiet AS q
  JOIN {{ documents() }} AS d
    ON d.vendor_cluster = q.vendor_cluster AND d.currency = q.currency AND d.posted_on = q.first_on
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND NOT d.is_placeholder
),
follows AS (
  SELECT entity, min(posted_on) AS first_on, lag(max(posted_on)) OVER (PARTITION BY entity ORDER BY posted_month) AS last_before
  FROM fact_invoice_line
  WHERE is_first_line
  GROUP BY entity, posted_month
),
pauses AS (
  SELECT entity, last_before AS from_on, first_on AS to_on,
    -- bullion: allow sql-duckdb-only
    date_diff('day', last_before, first_on) AS days
  FROM follows
  -- bullion: allow sql-duckdb-only
  WHERE date_diff('day', last_before, first_on) > {{ param('pause_days') }}
),
paused AS (
  SELECT r.document_id, r.posted_on, r.currency, sum(p.days) AS days
  FROM revived AS r
  JOIN pauses AS p ON p.entity = r.entity AND p.to_on <= r.posted_on AND p.from_on >= r.posted_on - CAST(r.gap AS INTEGER)
  GROUP BY r.document_id, r.posted_on, r.currency
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
LEFT JOIN paused AS s ON s.document_id = p.document_id AND s.posted_on = p.posted_on AND s.currency = p.currency
WHERE p.gap - coalesce(s.days, 0) >= greatest({{ param('quiet_days') }}, 3 * p.past_gap) AND p.turn = 1 AND p.amount >= {{ param('times_largest') }} * p.past_amount AND p.amount >= {{ param('min_amount') }}
