-- Large round amounts of vendors and categories whose amounts hardly ever are round. Alone it proves
-- little, so its weight is low.
WITH bills AS (
  SELECT d.vendor_cluster, d.category, d.currency, CASE WHEN try_cast(d.amount AS DECIMAL(18,2)) % 100 = 0 THEN 1 ELSE 0 END AS is_round
  FROM {{ documents() }} AS d
  LEFT JOIN batch_twins AS t ON t.batch_id = d.batch_id
  WHERE d.document_type = 'invoice' AND d.amount > 0 AND t.batch_id IS NULL AND NOT d.is_placeholder
),
bought AS (
  SELECT vendor_cluster, category, currency, count(*) AS bills, sum(is_round) AS round_bills
  FROM bills
  GROUP BY vendor_cluster, category, currency
),
own AS (
  SELECT vendor_cluster, currency, CAST(sum(bills) AS BIGINT) AS own_bills, CAST(sum(round_bills) AS BIGINT) AS own_round
  FROM bought
  GROUP BY vendor_cluster, currency
),
categories AS (
  SELECT category, currency, CAST(sum(bills) AS BIGINT) AS category_bills, CAST(sum(round_bills) AS BIGINT) AS category_round
  FROM bought
  GROUP BY category, currency
),
-- The texts of those alone that are large and round.
counted AS (
  SELECT d.document_id, d.vendor_cluster, d.cluster_name, d.category, d.invoice_number, d.posted_on, d.amount, d.currency,
    o.own_bills, o.own_round, c.category_bills, c.category_round
  FROM {{ documents() }} AS d
  LEFT JOIN own AS o ON o.vendor_cluster = d.vendor_cluster AND o.currency = d.currency
  LEFT JOIN categories AS c ON c.category = d.category AND c.currency = d.currency
  LEFT JOIN batch_twins AS t ON t.batch_id = d.batch_id
  WHERE d.document_type = 'invoice' AND d.amount >= {{ param('min_amount') }} AND try_cast(d.amount AS DECIMAL(18,2)) % 1000 = 0 AND d.contract_id IS NULL
    AND t.batch_id IS NULL AND NOT d.is_placeholder
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
WHERE c.own_bills >= {{ param('min_bills') }}
  AND 100 * (c.own_round - 1) <= {{ param('own_percent') }} * c.own_bills
  AND 100 * (c.category_round - 1) <= {{ param('category_percent') }} * c.category_bills
