-- What is open of each invoice at the end of each day of as_of_days, with what was known on that day
-- alone: documents, payments and refunds dated up to it. A credit pays the invoice that it names as
-- far as that is open. What is left of it, and credits that name none, pay the customer's invoices
-- that fell due first; what no invoice takes stays on account, below zero. So the rows of a day sum
-- to the balance of receivables on that day.
-- grain: as_of, receivable_id
-- time column: as_of
WITH debits AS (
  SELECT d.as_of, i.invoice_id, i.customer_id, i.currency, i.invoice_date, i.due_on, i.is_disputed,
    CAST(i.amount AS DECIMAL(38,4)) AS amount
  FROM as_of_days AS d
  JOIN invoices AS i ON i.invoice_date <= d.as_of
  WHERE i.amount > 0
),
credits AS (
  SELECT d.as_of, m.credit_id, m.customer_id, m.currency, m.invoice_id, sum(m.amount) AS amount
  FROM as_of_days AS d
  JOIN credit_moves AS m ON m.moved_on <= d.as_of
  GROUP BY d.as_of, m.credit_id, m.customer_id, m.currency, m.invoice_id
),
named AS (
  SELECT as_of, invoice_id, sum(greatest(amount, 0)) AS amount
  FROM credits
  WHERE invoice_id IS NOT NULL
  GROUP BY as_of, invoice_id
),
by_name AS (
  SELECT d.as_of, d.invoice_id, d.customer_id, d.currency, d.invoice_date, d.due_on, d.is_disputed, d.amount,
    least(d.amount, coalesce(n.amount, 0)) AS named,
    coalesce(n.amount, 0) - least(d.amount, coalesce(n.amount, 0)) AS too_much
  FROM debits AS d
  LEFT JOIN named AS n ON n.as_of = d.as_of AND n.invoice_id = d.invoice_id
),
pools AS (
  SELECT as_of, customer_id, currency, sum(amount) AS amount
  FROM (
    SELECT as_of, customer_id, currency, greatest(amount, 0) AS amount FROM credits WHERE invoice_id IS NULL
    UNION ALL
    SELECT as_of, customer_id, currency, too_much FROM by_name
  ) AS parts
  GROUP BY as_of, customer_id, currency
),
queued AS (
  SELECT as_of, invoice_id, customer_id, currency, invoice_date, due_on, is_disputed, amount, amount - named AS rest,
    sum(amount - named) OVER (
      PARTITION BY as_of, customer_id, currency ORDER BY due_on, invoice_date, invoice_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS up_to
  FROM by_name
),
opened AS (
  SELECT q.as_of, q.invoice_id, q.customer_id, q.currency, q.invoice_date, q.due_on, q.is_disputed, q.amount,
    CAST(q.rest - least(q.up_to, coalesce(p.amount, 0)) + least(q.up_to - q.rest, coalesce(p.amount, 0))
      AS DECIMAL(38,4)) AS open_amount
  FROM queued AS q
  LEFT JOIN pools AS p ON p.as_of = q.as_of AND p.customer_id = q.customer_id AND p.currency = q.currency
),
on_account AS (
  SELECT as_of, customer_id, currency, CAST(sum(amount) AS DECIMAL(38,4)) AS amount
  FROM (
    SELECT as_of, customer_id, currency, amount - open_amount AS amount FROM opened
    UNION ALL
    SELECT as_of, customer_id, currency, -amount FROM credits
  ) AS sides
  GROUP BY as_of, customer_id, currency
  HAVING sum(amount) <> 0
),
stated AS (
  SELECT as_of, invoice_id AS receivable_id, customer_id, currency, invoice_date, due_on,
    -- bullion: allow sql-duckdb-only
    CAST(date_diff('day', due_on, as_of) AS BIGINT) AS days_past_due, amount AS invoiced, open_amount, is_disputed
  FROM opened
  WHERE open_amount <> 0
  UNION ALL
  SELECT as_of, '@' || customer_id || '|' || currency, customer_id, currency, CAST(NULL AS DATE), CAST(NULL AS DATE),
    CAST(NULL AS BIGINT), CAST(0 AS DECIMAL(38,4)), amount, false
  FROM on_account
)
SELECT
  s.as_of,
  d.is_latest,
  s.receivable_id,
  s.customer_id,
  coalesce(c.customer_cluster, '?') AS customer_cluster,
  coalesce(c.cluster_name, 'Unknown customer') AS customer_name,
  s.currency,
  s.invoice_date,
  s.due_on,
  s.days_past_due,
  CASE WHEN s.due_on IS NULL THEN 'on account' ELSE coalesce(b.bucket, 'other') END AS bucket,
  CASE WHEN s.due_on IS NULL THEN 0 ELSE coalesce(b.place, 99) END AS bucket_place,
  s.invoiced,
  s.open_amount,
  s.is_disputed
FROM stated AS s
JOIN as_of_days AS d ON d.as_of = s.as_of
LEFT JOIN age_buckets AS b ON s.days_past_due >= b.from_days AND s.days_past_due <= b.to_days
LEFT JOIN customer_clusters AS c ON c.customer_id = s.customer_id
