-- How much of what is invoiced in a fiscal year depends on how few customers. HHI is the sum of the
-- squared shares, 0 to 10000; 2500 and more is commonly called concentrated.
-- grain: fiscal_year, currency
WITH bought AS (
  SELECT d.fiscal_year, min(d.year_start) AS year_start, i.currency, i.customer_cluster, min(i.customer_name) AS name,
    CAST(sum(i.amount) AS DECIMAL(38,4)) AS amount
  FROM fact_invoice AS i
  JOIN fiscal_days AS d ON d.day = i.invoice_date
  WHERE i.document_type <> 'adjustment' AND i.customer_cluster <> '?'
  GROUP BY d.fiscal_year, i.currency, i.customer_cluster
),
placed AS (
  SELECT *,
    CAST(sum(amount) OVER (PARTITION BY fiscal_year, currency) AS DECIMAL(38,4)) AS total,
    CAST(count(*) OVER (PARTITION BY fiscal_year, currency) AS BIGINT) AS customers,
    row_number() OVER (PARTITION BY fiscal_year, currency ORDER BY amount DESC, customer_cluster) AS place
  FROM bought
  WHERE amount > 0
),
shares AS (
  SELECT *, CAST(ratio_8(amount, total) AS DECIMAL(12,8)) AS share FROM placed
)
SELECT
  fiscal_year,
  min(year_start) AS year_start,
  currency,
  CAST(max(customers) AS BIGINT) AS customers,
  CAST(max(total) AS DECIMAL(38,4)) AS amount,
  CAST(round(sum(share * share) * 10000, 0) AS BIGINT) AS hhi,
  max(CASE WHEN place = 1 THEN customer_cluster END) AS top_customer,
  max(CASE WHEN place = 1 THEN name END) AS top_customer_name,
  CAST(round(max(share) * 100, 2) AS DECIMAL(18,2)) AS top_percent,
  CAST(round(sum(CASE WHEN place <= 5 THEN share ELSE 0 END) * 100, 2) AS DECIMAL(18,2)) AS top_five_percent,
  CAST(round(sum(CASE WHEN 10 * place <= customers THEN share ELSE 0 END) * 100, 2) AS DECIMAL(18,2)) AS top_tenth_percent
FROM shares
GROUP BY fiscal_year, currency
