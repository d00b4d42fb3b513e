-- The price of an article that goes up a little with nearly every invoice, and never down. One rise
-- is a new price list, and prices that go up and down are a market. The first bill and those that
-- raised the price by little stand beside the ones that cost more.
WITH priced AS (
  SELECT f.line_id, k.vendor_cluster, k.cluster_name, f.item, f.posted_on, f.quantity, f.unit_price, f.currency,
    lag(f.unit_price) OVER w AS before_price,
    first_value(f.unit_price) OVER w AS first_price
  FROM fact_invoice_line AS f
  JOIN vendor_clusters AS k ON k.vendor_id = f.vendor_id
  WHERE f.item IS NOT NULL AND f.unit_price > 0 AND f.quantity > 0 AND f.document_type = 'invoice'
  WINDOW w AS (PARTITION BY k.vendor_cluster, f.item, f.currency ORDER BY f.posted_on, f.line_id)
),
items AS (
  SELECT vendor_cluster, item, currency, count(*) AS bills,
    sum(CASE WHEN unit_price > before_price THEN 1 ELSE 0 END) AS rises,
    sum(CASE WHEN unit_price < before_price THEN 1 ELSE 0 END) AS falls,
    min(first_price) AS first_price,
    max(unit_price) AS last_price
  FROM priced
  GROUP BY vendor_cluster, item, currency
),
creeping AS (
  SELECT * FROM items
  WHERE rises >= {{ param('min_rises') }} AND falls * 10 <= rises
    AND 100 * last_price >= (100 + {{ param('total_percent') }}) * first_price
)
SELECT
  'creep|' || p.vendor_cluster || '|' || p.item AS finding_key,
  'vendor' AS subject_type,
  p.vendor_cluster AS subject_id,
  p.line_id AS row_id,
  CASE WHEN 100 * p.unit_price >= (100 + {{ param('line_percent') }}) * c.first_price THEN 'flagged' ELSE 'compared' END AS role,
  p.posted_on AS occurred_on,
  CAST(CASE WHEN 100 * p.unit_price >= (100 + {{ param('line_percent') }}) * c.first_price THEN ratio_6((p.unit_price - p.first_price) * p.quantity, 1) ELSE 0 END AS DECIMAL(28,6)) AS amount_at_risk,
  p.currency,
  CAST(ratio_4(least(90, 50 + 5 * c.rises), 100) AS DECIMAL(5,4)) AS strength,
  p.cluster_name || ' raised the price of ' || p.item || ' ' || CAST(c.rises AS STRING) || ' times, from ' || CAST(c.first_price AS STRING) || ' to '
    || CAST(c.last_price AS STRING) || ' ' || p.currency AS reason
FROM creeping AS c
JOIN priced AS p ON p.vendor_cluster = c.vendor_cluster AND p.item = c.item AND p.currency = c.currency
WHERE 100 * p.unit_price >= (100 + {{ param('line_percent') }}) * c.first_price OR p.before_price IS NULL OR p.unit_price > p.before_price
