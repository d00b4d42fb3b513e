-- One row per line of the export. An invoice is an order here, and its country the channel.
-- grain: order_line_id
SELECT
  _row_id AS order_line_id,
  1 AS line_version,
  invoice AS order_id,
  coalesce(customer_id, '?') AS customer_id,
  CAST(invoiced_at AS DATE) AS ordered_on,
  stock_code AS product,
  upper(trim(stock_code)) AS product_code, -- bullion: allow sql-upper
  trim(description) AS description,
  CAST(NULL AS STRING) AS category,
  country AS channel,
  CAST(quantity AS DECIMAL(18,4)) AS quantity,
  price AS unit_price,
  quantity * price AS amount,
  'GBP' AS currency,
  false AS is_withdrawn,
  month_key(invoiced_at) AS ordered_month
FROM online_retail
