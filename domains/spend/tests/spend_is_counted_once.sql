-- The expense fact holds the invoice lines and the purchases, each once.
WITH parts AS (
  SELECT amount FROM invoice_lines
  UNION ALL
  SELECT amount FROM expenses
),
counted AS (
  SELECT sum(amount) AS amount, count(*) AS rows_in FROM parts
),
fact AS (
  SELECT sum(amount) AS amount, count(*) AS rows_in FROM fact_expense
)
SELECT c.amount, f.amount AS fact_amount, c.rows_in, f.rows_in AS fact_rows
FROM counted AS c
CROSS JOIN fact AS f
WHERE c.amount IS DISTINCT FROM f.amount OR c.rows_in <> f.rows_in
