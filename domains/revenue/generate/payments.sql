-- Payments and their attempts, refunds, tickets. Consumers pay by card at once, companies by
-- transfer around the due date; some pay in two parts or do not say what they pay, some not at all.
CREATE OR REPLACE TABLE payers AS
SELECT
  r.i, r.invoice_id, r.customer_id, r.cents, s.is_business, s.habit, s.invoice_date, s.due_on, p.kind,
  CASE WHEN s.is_business THEN 'transfer' WHEN pick(r.i, 51, 5) = 0 THEN 'debit' ELSE 'card' END AS method,
  pick(r.i, 52, 100) AS luck,
  -- The day the money comes.
  CASE WHEN NOT s.is_business THEN s.invoice_date + pick(r.i, 53, 3)
    ELSE s.due_on - 4 + pick(r.i, 53, 6) + CASE s.habit WHEN 0 THEN 0 WHEN 1 THEN 6 + pick(r.i, 54, 15) ELSE 30 + pick(r.i, 54, 90) END
  END AS paid_on
FROM invoice_rows AS r
JOIN sales AS s ON s.i = r.i
LEFT JOIN planted_invoices AS p ON p.i = r.i
WHERE coalesce(p.kind, '') NOT IN ('withdrawn', 'bad_amount', 'other_currency');

CREATE OR REPLACE TABLE payment_rows AS
WITH whole AS (
  SELECT i, 0 AS part, invoice_id AS paid_invoice, customer_id, method, paid_on,
    CASE WHEN luck BETWEEN 80 AND 87 THEN cents // 2 ELSE cents END AS cents,
    luck BETWEEN 88 AND 93 AS is_silent, luck >= 97 AS is_unpaid, luck
  FROM payers
  UNION ALL
  SELECT i, 1, invoice_id, customer_id, method, paid_on + 20, cents - cents // 2, false, luck = 80, luck
  FROM payers WHERE luck BETWEEN 80 AND 87
  UNION ALL
  -- Planted: the money came twice.
  SELECT i, 2, invoice_id, customer_id, method, paid_on + 1, cents, false, false, 0 FROM payers WHERE kind = 'paid_twice'
  UNION ALL
  -- Planted: somebody who is in no master paid something.
  SELECT i, 3, NULL, concat('C9', 90000 + i), 'transfer', paid_on + 2, cents // 10 + 100, true, false, 0 FROM payers WHERE kind = 'unknown_payer'
),
due AS (
  SELECT *, concat('P', (100000 + i) * 10 + part) AS payment_id FROM whole
  WHERE NOT is_unpaid AND paid_on < day_of((SELECT days FROM sizes))
)
-- One card payment in twelve fails at first; one in eighty for good.
SELECT i, part, payment_id, CAST(attempt AS INTEGER) AS attempt, customer_id, CASE WHEN NOT is_silent THEN paid_invoice END AS invoice_id,
  method, CASE WHEN method = 'card' AND cents > 20000 THEN 3 ELSE 1 END AS installments,
  paid_on + CAST(attempt - 1 AS INTEGER) AS attempted_on,
  CASE
    WHEN attempt < tries THEN 'failed'
    WHEN fails_for_good THEN 'failed'
    WHEN paid_on + CAST(attempt - 1 AS INTEGER) + settle_days >= day_of((SELECT days FROM sizes)) THEN 'pending'
    ELSE 'settled' END AS status,
  paid_on + CAST(attempt - 1 AS INTEGER) + settle_days AS settled_on, cents
FROM (
  SELECT d.*,
    CASE WHEN method = 'card' AND pick(i * 4 + part, 55, 12) = 0 THEN 2 ELSE 1 END AS tries,
    method = 'card' AND pick(i * 4 + part, 56, 80) = 0 AS fails_for_good,
    CASE method WHEN 'card' THEN 1 WHEN 'debit' THEN 2 ELSE 0 END AS settle_days
  FROM due AS d
) AS x
CROSS JOIN range(1, 3) AS t(attempt)
WHERE attempt <= tries;

-- What was credited after it had been paid goes back to the card.
CREATE OR REPLACE TABLE refund_rows AS
SELECT c.i, concat('R', 100000 + c.i) AS refund_id, p.payment_id,
  greatest(c.invoice_date, p.settled_on) + 2 AS refunded_on, least(-c.cents, p.cents) AS cents
FROM credit_rows AS c
JOIN payment_rows AS p ON p.i = c.i AND p.part = 0 AND p.status = 'settled' AND p.method <> 'transfer'
WHERE greatest(c.invoice_date, p.settled_on) + 2 < day_of((SELECT days FROM sizes));

CREATE OR REPLACE TABLE ticket_rows AS
SELECT concat('T', 100000 + i) AS ticket_id, customer_id, invoice_date + pick(i, 61, 30) AS opened_on,
  CASE WHEN pick(i, 62, 10) > 0 THEN invoice_date + pick(i, 61, 30) + 1 + pick(i, 63, 12) END AS closed_on,
  ['delivery', 'billing', 'product', 'account'][1 + pick(i, 64, 4)] AS category,
  ['low', 'normal', 'normal', 'high'][1 + pick(i, 65, 4)] AS priority,
  CASE WHEN pick(i, 66, 3) > 0 THEN 1 + pick(i, 67, 5) END AS satisfaction
FROM sales
WHERE pick(i, 60, 9) = 0 AND day + pick(i, 61, 30) < (SELECT days FROM sizes) - 13;
