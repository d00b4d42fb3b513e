-- Large round amounts of vendors and categories whose amounts hardly ever are round. Alone it proves
-- little, so its weight is low.
WITH bills AS (
  SELECT
    d.document_id, d.vendor_cluster, d.cluster_name, d.category, d.invoice_number, d.posted_on, d.amount, d.currency, d.contract_id,
    CASE WHEN d.amount = round(d.amount, -2) THEN 1 ELSE 0 END AS is_round,
    CASE WHEN d.amount = round(d.amount, -3) AND d.amount >= {{ param('min_amount') }} THEN 1 ELSE 0 END AS is_large_round
  FROM {{ documents() }} AS d
  LEFT JOIN batch_twins AS t ON t.batch_id = d.batch_id
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND t.batch_id IS NULL AND NOT d.is_placeholder
),
own AS (
  SELECT vendor_cluster, currency, count(*) AS own_bills, sum(is_round) AS own_round
  FROM bills
  GROUP BY vendor_cluster, currency
),
categories AS (
  SELECT category, currency, count(*) AS category_bills, sum(is_round) AS category_round
  FROM bills
  GROUP BY category, currency
),
counted AS (
  SELECT b.document_id, b.vendor_cluster, b.cluster_name, b.category, b.invoice_number, b.posted_on, b.amount, b.currency,
    b.contract_id, b.is_large_round, o.own_bills, o.own_round, c.category_bills, c.category_round
  FROM bills AS b
  LEFT JOIN own AS o ON o.vendor_cluster = b.vendor_cluster AND o.currency = b.currency
  LEFT JOIN categories AS c ON c.category = b.category AND c.currency = b.currency
  WHERE b.is_large_round = 1
)
SELECT
  'round|' || c.vendor_cluster AS finding_key,
  'vendor' AS subject_type,
  c.vendor_cluster AS subject_id,
  f.line_id AS row_id,
  'flagged' AS role,
  c.posted_on AS occurred_on,
  CAST(greatest(f.amount, CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  c.currency,
  CAST(ratio_4(greatest(30, 90 - 2 * CAST(round(ratio_0(100 * (c.own_round - 1), c.own_bills), 0) AS BIGINT)), 100) AS DECIMAL(5,4)) AS strength,
  'Invoice ' || c.invoice_number || ' of ' || c.cluster_name || ' is exactly ' || c.currency || ' ' || CAST(c.amount AS STRING) || '; '
    || CAST(c.own_round AS STRING) || ' of its ' || CAST(c.own_bills AS STRING) || ' invoices are round, and '
    || CAST(c.category_round AS STRING) || ' of ' || CAST(c.category_bills AS STRING) || ' in ' || c.category AS reason
FROM counted AS c
JOIN fact_invoice_line AS f ON f.document_id = c.document_id
WHERE c.is_large_round = 1 AND c.contract_id IS NULL AND c.own_bills >= {{ param('min_bills') }}
  AND 100 * (c.own_round - 1) <= {{ param('own_percent') }} * c.own_bills
  AND 100 * (c.category_round - 1) <= {{ param('category_percent') }} * c.category_bills
