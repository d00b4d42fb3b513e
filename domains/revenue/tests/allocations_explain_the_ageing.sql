-- What the allocations leave of an invoice is what the ageing of the latest day calls open, and no
-- credit pays more than it has.
SELECT i.invoice_id AS key, i.open_amount AS amount, coalesce(a.open_amount, 0) AS expected
FROM fact_invoice AS i
JOIN as_of_days AS d ON d.is_latest AND i.invoice_date <= d.as_of
LEFT JOIN receivables_ageing AS a ON a.receivable_id = i.invoice_id AND a.is_latest
WHERE i.amount > 0 AND i.open_amount <> coalesce(a.open_amount, 0)
UNION ALL
SELECT p.credit_id, p.amount, c.amount
FROM (SELECT credit_id, sum(amount) AS amount FROM payment_allocations GROUP BY credit_id) AS p
LEFT JOIN (
  SELECT m.credit_id, sum(m.amount) AS amount
  FROM credit_moves AS m
  JOIN as_of_days AS d ON d.is_latest AND m.moved_on <= d.as_of
  GROUP BY m.credit_id
) AS c ON c.credit_id = p.credit_id
WHERE p.amount > coalesce(c.amount, 0)
