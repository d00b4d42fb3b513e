-- Which credit pays which invoice as of the latest day, by the rules of receivables_ageing.sql.
-- Both sides are laid end to end along one line of money, the credits by day, the invoices by due
-- date: where a credit and an invoice lie over each other, the one pays the other.
-- grain: credit_id, invoice_id, rule
WITH latest AS (
  SELECT as_of FROM as_of_days WHERE is_latest
),
debits AS (
  SELECT i.invoice_id, i.customer_id, i.currency, i.invoice_date, i.due_on, CAST(i.amount AS DECIMAL(38,4)) AS amount
  FROM invoices AS i
  JOIN latest AS l ON i.invoice_date <= l.as_of
  WHERE i.amount > 0
),
credits AS (
  SELECT m.credit_id, m.customer_id, m.currency, m.invoice_id, min(m.moved_on) AS credited_on, sum(m.amount) AS amount
  FROM credit_moves AS m
  JOIN latest AS l ON m.moved_on <= l.as_of
  GROUP BY m.credit_id, m.customer_id, m.currency, m.invoice_id
  HAVING sum(m.amount) > 0
),
in_turn AS (
  SELECT c.credit_id, c.customer_id, c.currency, c.credited_on, c.amount, d.invoice_id, d.invoice_date,
    coalesce(d.amount, 0) AS room,
    sum(c.amount) OVER (
      PARTITION BY d.invoice_id ORDER BY c.credited_on NULLS LAST, c.credit_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS up_to
  FROM credits AS c
  JOIN debits AS d ON d.invoice_id = c.invoice_id
),
named AS (
  SELECT credit_id, customer_id, currency, credited_on, invoice_id, invoice_date, amount,
    least(room, up_to) - least(room, up_to - amount) AS taken
  FROM in_turn
),
named_of_invoice AS (
  SELECT invoice_id, sum(taken) AS taken FROM named GROUP BY invoice_id
),
free AS (
  SELECT credit_id, customer_id, currency, credited_on, amount FROM credits WHERE invoice_id IS NULL
  UNION ALL
  SELECT credit_id, customer_id, currency, credited_on, amount - taken FROM named WHERE amount > taken
),
credit_line AS (
  SELECT credit_id, customer_id, currency, credited_on, amount,
    sum(amount) OVER (
      PARTITION BY customer_id, currency ORDER BY credited_on NULLS LAST, credit_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS line_end
  FROM free
),
invoice_line AS (
  SELECT d.invoice_id, d.customer_id, d.currency, d.invoice_date, d.amount - coalesce(n.taken, 0) AS amount,
    sum(d.amount - coalesce(n.taken, 0)) OVER (
      PARTITION BY d.customer_id, d.currency ORDER BY d.due_on, d.invoice_date, d.invoice_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS line_end
  FROM debits AS d
  LEFT JOIN named_of_invoice AS n ON n.invoice_id = d.invoice_id
)
SELECT credit_id, invoice_id, customer_id, currency, 'named' AS rule,
  greatest(credited_on, invoice_date) AS allocated_on, CAST(taken AS DECIMAL(38,4)) AS amount
FROM named
WHERE taken > 0
UNION ALL
SELECT c.credit_id, i.invoice_id, c.customer_id, c.currency, 'oldest', greatest(c.credited_on, i.invoice_date),
  CAST(least(c.line_end, i.line_end) - greatest(c.line_end - c.amount, i.line_end - i.amount) AS DECIMAL(38,4))
FROM credit_line AS c
JOIN invoice_line AS i
  ON i.customer_id = c.customer_id AND i.currency = c.currency
    AND i.line_end > c.line_end - c.amount AND i.line_end - i.amount < c.line_end
WHERE i.amount > 0
