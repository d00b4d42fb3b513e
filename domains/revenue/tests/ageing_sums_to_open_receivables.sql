-- On each day, the ageing with what is on account sums to what was invoiced less what reduced it.
WITH invoiced AS (
  SELECT d.as_of, i.currency, sum(i.amount) AS amount
  FROM as_of_days AS d
  JOIN invoices AS i ON i.invoice_date <= d.as_of
  WHERE i.amount > 0
  GROUP BY d.as_of, i.currency
),
reduced AS (
  SELECT d.as_of, m.currency, sum(m.amount) AS amount
  FROM as_of_days AS d
  JOIN credit_moves AS m ON m.moved_on <= d.as_of
  GROUP BY d.as_of, m.currency
),
aged AS (
  SELECT as_of, currency, sum(open_amount) AS amount
  FROM receivables_ageing
  GROUP BY as_of, currency
),
sides AS (
  SELECT as_of, currency, amount, 0 AS aged_amount FROM invoiced
  UNION ALL
  SELECT as_of, currency, -amount, 0 FROM reduced
  UNION ALL
  SELECT as_of, currency, 0, amount FROM aged
)
SELECT as_of, currency, sum(amount) AS open_receivables, sum(aged_amount) AS aged
FROM sides
GROUP BY as_of, currency
HAVING sum(amount) <> sum(aged_amount)
