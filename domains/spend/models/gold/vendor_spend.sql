-- What companies were paid by month, with all their vendor numbers and names together.
-- grain: month_start, vendor_cluster, is_placeholder, entity, department, category, currency
-- time column: month_start
SELECT
  CAST(f.posted_month || '-01' AS DATE) AS month_start,
  k.vendor_cluster,
  k.cluster_name,
  k.is_placeholder,
  f.entity,
  f.department,
  f.category,
  CAST(sum(f.amount) AS DECIMAL(38,2)) AS amount,
  CAST(count(*) AS BIGINT) AS line_count,
  f.currency
FROM fact_invoice_line AS f
JOIN vendor_clusters AS k ON k.vendor_id = f.vendor_id
GROUP BY f.posted_month, k.vendor_cluster, k.cluster_name, k.is_placeholder, f.entity, f.department, f.category, f.currency
