-- Every document, payment and line of an order is in its fact once, with its amount.
SELECT 'invoices' AS what, f.amount, d.amount AS expected
FROM (SELECT sum(amount) AS amount, count(*) AS n FROM fact_invoice) AS f
CROSS JOIN (SELECT sum(amount) AS amount, count(*) AS n FROM invoices) AS d
WHERE f.amount IS DISTINCT FROM d.amount OR f.n <> d.n
UNION ALL
SELECT 'payments', f.amount, d.amount
FROM (SELECT sum(amount) AS amount, count(*) AS n FROM fact_payment) AS f
CROSS JOIN (SELECT sum(amount) AS amount, count(*) AS n FROM payments) AS d
WHERE f.amount IS DISTINCT FROM d.amount OR f.n <> d.n
UNION ALL
SELECT 'customers', f.amount, d.amount
FROM (SELECT sum(lifetime_value) AS amount FROM customer_360) AS f
CROSS JOIN (
  SELECT sum(i.amount) AS amount
  FROM invoices AS i
  JOIN as_of_days AS d ON d.is_latest AND i.invoice_date <= d.as_of
  WHERE i.document_type <> 'adjustment' AND i.customer_id <> '?'
) AS d
WHERE coalesce(f.amount, 0) <> coalesce(d.amount, 0)
