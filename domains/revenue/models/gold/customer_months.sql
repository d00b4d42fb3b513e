-- What each customer was invoiced in each calendar month, with the month of its first invoice: the
-- cohort. Customers without a number have none.
-- grain: customer_cluster, month_start, currency
-- time column: month_start
WITH firsts AS (
  SELECT customer_cluster, CAST(date_trunc('month', min(invoice_date)) AS DATE) AS cohort_month
  FROM fact_invoice
  WHERE amount > 0 AND document_type = 'invoice' AND customer_cluster <> '?'
  GROUP BY customer_cluster
),
months AS (
  SELECT customer_cluster, CAST(date_trunc('month', invoice_date) AS DATE) AS month_start, currency,
    sum(CASE WHEN amount > 0 AND document_type = 'invoice' THEN 1 ELSE 0 END) AS invoices,
    sum(amount) AS amount
  FROM fact_invoice
  WHERE document_type <> 'adjustment'
  GROUP BY customer_cluster, CAST(date_trunc('month', invoice_date) AS DATE), currency
)
SELECT
  m.customer_cluster,
  m.month_start,
  f.cohort_month,
  month_key(f.cohort_month) AS cohort,
  CAST((year(m.month_start) - year(f.cohort_month)) * 12 + month(m.month_start) - month(f.cohort_month) AS BIGINT) AS months_since,
  m.currency,
  CAST(m.invoices AS BIGINT) AS invoices,
  CAST(m.amount AS DECIMAL(38,4)) AS amount
FROM months AS m
JOIN firsts AS f ON f.customer_cluster = m.customer_cluster
