-- Lines of orders with what they are: goods, or something else that stands among them by its code.
-- Lines that are equal in every column but their key are all kept, for two equal lines may well
-- have been sold; `repetition` numbers them, so that they can be counted and left out.
-- grain: order_line_id
WITH codes AS (
  SELECT DISTINCT product_code FROM order_lines
),
classes AS (
  SELECT c.product_code, min(k.place) AS place
  FROM codes AS c
  JOIN line_classes AS k ON lower(c.product_code) LIKE k.code_like
  GROUP BY c.product_code
)
SELECT
  o.order_line_id,
  o.order_id,
  o.customer_id,
  coalesce(c.customer_cluster, '?') AS customer_cluster,
  coalesce(c.cluster_name, 'Unknown customer') AS customer_name,
  o.ordered_on,
  o.product_code,
  o.description,
  coalesce(o.category, '?') AS category,
  coalesce(o.channel, '?') AS channel,
  coalesce(k.line_class, 'unclassified') AS line_class,
  CASE WHEN o.quantity < 0 OR o.amount < 0 THEN 'return' ELSE 'sale' END AS direction,
  o.quantity,
  o.unit_price,
  o.amount,
  o.currency,
  CAST(row_number() OVER (
    PARTITION BY o.order_id, o.customer_id, o.ordered_on, o.product, o.description, o.category, o.channel,
      o.quantity, o.unit_price, o.amount, o.currency
    ORDER BY o.order_line_id
  ) AS BIGINT) AS repetition
FROM order_lines AS o
LEFT JOIN customer_clusters AS c ON c.customer_id = o.customer_id
LEFT JOIN classes AS x ON x.product_code = o.product_code
LEFT JOIN line_classes AS k ON k.place = x.place
