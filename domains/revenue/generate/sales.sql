-- Orders with their lines, an invoice for each, and credit memos. Few customers buy much, and the
-- second half of the days sees more than the first.
CREATE OR REPLACE TABLE sales AS
WITH drawn AS (
  SELECT
    CAST(i AS BIGINT) AS i,
    CAST(pick(i, 21, (SELECT customers FROM all_customers)) AS BIGINT)
      * CAST(pick(i, 22, (SELECT customers FROM all_customers)) AS BIGINT) // (SELECT customers FROM all_customers) AS n,
    greatest(pick(i, 23, (SELECT days FROM sizes)),
      CASE WHEN pick(i, 24, 3) = 0 THEN pick(i, 25, (SELECT days FROM sizes)) ELSE 0 END) AS day,
    1 + pick(i, 26, 4) AS lines,
    pick(i, 27, 25) = 0 AS is_credited,
    pick(i, 28, 2) = 0 AS is_credited_whole,
    5 + pick(i, 29, 16) AS credited_after,
    pick(i, 30, 60) = 0 AS is_disputed
  FROM range(0, (SELECT invoices FROM sizes)) AS t(i)
)
SELECT d.*, concat('O', 100000 + d.i) AS order_id, concat('I', 100000 + d.i) AS invoice_id,
  c.customer_id, c.is_business, c.habit, day_of(d.day) AS ordered_on, day_of(d.day) AS invoice_date,
  day_of(d.day + CASE WHEN c.is_business THEN 30 ELSE 14 END) AS due_on,
  CASE WHEN c.is_business THEN 'direct' WHEN pick(d.i, 31, 3) = 0 THEN 'store' ELSE 'web' END AS channel
FROM drawn AS d
JOIN customers AS c ON c.n = d.n;

CREATE OR REPLACE TABLE order_rows AS
WITH lines AS (
  SELECT s.i, s.order_id, s.customer_id, s.ordered_on, s.channel, CAST(k AS INTEGER) AS k, p.product, p.product_name, p.category,
    p.cost_percent, 1 + pick(s.i * 8 + k, 32, CASE WHEN s.is_business THEN 12 ELSE 3 END) AS quantity, p.price_cents
  FROM sales AS s
  CROSS JOIN range(0, 4) AS t(k)
  JOIN products AS p ON p.product_index = pick(s.i * 8 + k, 33, 12)
  WHERE k < s.lines
)
SELECT *, CAST(quantity * price_cents AS BIGINT) AS cents, quantity * price_cents * cost_percent // 100 AS cost_cents,
  concat('L', (1000000 + i) * 10 + k) AS order_line_id
FROM lines
UNION ALL
-- Consumers pay for shipping.
SELECT s.i, s.order_id, s.customer_id, s.ordered_on, s.channel, 9, 'SHIP', 'Shipping', 'Shipping', 0, 1, 490, 490, 0,
  concat('L', (1000000 + s.i) * 10 + 9)
FROM sales AS s
WHERE NOT s.is_business AND s.channel = 'web';

CREATE OR REPLACE TABLE invoice_sums AS
SELECT i, CAST(sum(cents) AS BIGINT) AS cents,
  CAST(sum(CASE WHEN category = 'Service' THEN cents ELSE 0 END) AS BIGINT) AS service_cents,
  CAST(sum(cost_cents) AS BIGINT) AS cost_cents
FROM order_rows GROUP BY i;

CREATE OR REPLACE TABLE invoice_rows AS
SELECT s.i, s.invoice_id, concat('INV-', 100000 + s.i) AS invoice_number, 'invoice' AS document_type, CAST(NULL AS STRING) AS credits,
  s.customer_id, s.order_id, s.invoice_date, s.due_on, m.cents, m.service_cents, m.cost_cents, s.is_disputed
FROM sales AS s
JOIN invoice_sums AS m ON m.i = s.i;

CREATE OR REPLACE TABLE credit_rows AS
SELECT s.i, concat('M', 100000 + s.i) AS invoice_id, concat('CM-', 100000 + s.i) AS invoice_number, 'credit_memo' AS document_type,
  s.invoice_id AS credits, s.customer_id, s.order_id, s.invoice_date + s.credited_after AS invoice_date,
  CASE WHEN s.is_credited_whole THEN -m.cents ELSE -(m.cents // 3) END AS cents
FROM sales AS s
JOIN invoice_sums AS m ON m.i = s.i
WHERE s.is_credited AND s.day + s.credited_after < (SELECT days FROM sizes);

-- The first numbers that chance gives take the planted errors: one invoice, one error.
CREATE OR REPLACE TABLE planted_invoices AS
WITH turns AS (
  SELECT s.i, row_number() OVER (ORDER BY chance(s.i, 41), s.i) - 1 AS turn
  FROM sales AS s
  WHERE NOT s.is_credited AND s.day < (SELECT days FROM sizes) - 40
)
SELECT t.i, ['corrected', 'withdrawn', 'twice', 'bad_amount', 'other_currency', 'paid_twice', 'unknown_payer']
  [CAST(1 + t.turn // z.planted AS INTEGER)] AS kind
FROM turns AS t CROSS JOIN sizes AS z
WHERE z.planted > 0 AND t.turn < 7 * z.planted;
