-- Documents with what is paid of them on the latest day, and how long that took.
-- grain: invoice_id
WITH documents AS (
  SELECT invoice_id, invoice_number, document_type, customer_id, order_id, invoice_date, due_on, amount, currency, is_disputed
  FROM invoices
),
paid AS (
  SELECT invoice_id, sum(amount) AS amount, max(allocated_on) AS last_on
  FROM payment_allocations
  GROUP BY invoice_id
)
SELECT
  i.invoice_id,
  i.invoice_number,
  i.document_type,
  i.customer_id,
  coalesce(c.customer_cluster, '?') AS customer_cluster,
  coalesce(c.cluster_name, 'Unknown customer') AS customer_name,
  coalesce(p.segment, '?') AS segment,
  coalesce(p.country, '?') AS country,
  i.order_id,
  i.invoice_date,
  i.due_on,
  i.amount,
  i.currency,
  CAST(coalesce(a.amount, 0) AS DECIMAL(38,4)) AS paid_amount,
  CAST(CASE WHEN i.amount > 0 THEN i.amount - coalesce(a.amount, 0) ELSE 0 END AS DECIMAL(38,4)) AS open_amount,
  CASE WHEN i.amount > 0 AND a.amount = i.amount THEN a.last_on END AS settled_on,
  CASE WHEN i.amount > 0 AND a.amount = i.amount
    -- bullion: allow sql-duckdb-only
    THEN CAST(date_diff('day', i.invoice_date, a.last_on) AS BIGINT) END AS days_to_settle,
  CASE WHEN i.amount > 0 AND a.amount = i.amount
    -- bullion: allow sql-duckdb-only
    THEN greatest(CAST(0 AS BIGINT), CAST(date_diff('day', i.due_on, a.last_on) AS BIGINT)) END AS days_late,
  i.is_disputed
FROM documents AS i
LEFT JOIN paid AS a ON a.invoice_id = i.invoice_id
LEFT JOIN customer_clusters AS c ON c.customer_id = i.customer_id
LEFT JOIN customer_parties AS p ON p.customer_id = i.customer_id
