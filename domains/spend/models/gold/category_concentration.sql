-- How much of what is bought in a category comes from how few companies, by year. HHI is the sum of
-- the squared shares, 0 to 10000; 2500 and more is commonly called concentrated.
-- grain: concentration_id
WITH bought AS (
  SELECT category, substr(CAST(month_start AS STRING), 1, 4) AS year, currency, vendor_cluster, min(cluster_name) AS cluster_name,
    CAST(sum(amount) AS DECIMAL(38,2)) AS amount
  FROM vendor_spend
  WHERE NOT is_placeholder
  GROUP BY category, substr(CAST(month_start AS STRING), 1, 4), currency, vendor_cluster
),
positive AS (
  SELECT category, year, currency, vendor_cluster, cluster_name, amount,
    CAST(sum(amount) OVER (PARTITION BY category, year, currency) AS DECIMAL(38,2)) AS total,
    row_number() OVER (PARTITION BY category, year, currency ORDER BY amount DESC, vendor_cluster) AS place
  FROM bought
  WHERE amount > 0
),
shares AS (
  SELECT *, ratio_6(amount, total) AS share FROM positive
),
years AS (
  SELECT
    category, year, currency,
    CAST(max(total) AS DECIMAL(38,2)) AS amount,
    CAST(count(*) AS BIGINT) AS vendors,
    CAST(round(sum(CAST(share AS DECIMAL(12,6)) * CAST(share AS DECIMAL(12,6))) * 10000, 0) AS BIGINT) AS hhi,
    max(CASE WHEN place = 1 THEN vendor_cluster END) AS top_vendor,
    max(CASE WHEN place = 1 THEN cluster_name END) AS top_vendor_name,
    CAST(max(CASE WHEN place = 1 THEN amount END) AS DECIMAL(38,2)) AS top_amount,
    CAST(max(share) * 100 AS DECIMAL(7,4)) AS top_percent,
    CAST(sum(CASE WHEN place <= 5 THEN share END) * 100 AS DECIMAL(7,4)) AS top_five_percent
  FROM shares
  GROUP BY category, year, currency
)
SELECT
  category || '|' || year || CASE WHEN currency = 'EUR' THEN '' ELSE '|' || currency END AS concentration_id,
  category, year, make_date(CAST(year AS INT), 1, 1) AS year_start, currency, amount, vendors, hhi, top_vendor, top_vendor_name, top_amount, top_percent, top_five_percent,
  vendors = 1 AS is_single_source,
  CAST(top_percent - lag(top_percent) OVER (PARTITION BY category, currency ORDER BY year) AS DECIMAL(7,4)) AS top_percent_change
FROM years
