-- One row per line of an order, in its newest version.
-- grain: order_line_id
SELECT
  order_line_id,
  version AS line_version,
  order_id,
  coalesce(customer_id, '?') AS customer_id,
  ordered_on,
  product,
  upper(trim(product)) AS product_code, -- bullion: allow sql-upper
  trim(description) AS description,
  category,
  channel,
  quantity,
  unit_price,
  amount,
  currency,
  coalesce(is_withdrawn, false) AS is_withdrawn,
  month_key(ordered_on) AS ordered_month
FROM raw_orders
