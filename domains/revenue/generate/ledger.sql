-- The journal entries of everything that happened, each of lines that sum to zero, and the trial
-- balance that its owner closes each month with.
CREATE OR REPLACE TABLE entries AS
SELECT 'opening' AS journal_id, day_of(0) AS posted_on, account, '' AS department, cents, 'opening' AS document_id, memo
FROM (VALUES ('1000', 50000000, 'Opening cash'), ('1500', 12000000, 'Opening equipment'), ('2100', -20000000, 'Opening loan'),
  ('3000', -42000000, 'Opening capital')) AS t(account, cents, memo)
UNION ALL
SELECT 'J' || r.invoice_id, r.invoice_date, x.account, x.department, x.cents, r.invoice_id, 'Invoice'
FROM invoice_rows AS r
LEFT JOIN planted_invoices AS p ON p.i = r.i
CROSS JOIN LATERAL (VALUES ('1200', '', r.cents), ('4000', 'D100', -(r.cents - r.service_cents)), ('4010', 'D300', -r.service_cents),
  ('5000', 'D300', r.cost_cents), ('2000', '', -r.cost_cents)) AS x(account, department, cents)
WHERE coalesce(p.kind, '') NOT IN ('withdrawn', 'bad_amount', 'other_currency') AND x.cents <> 0
UNION ALL
SELECT 'J' || c.invoice_id, c.invoice_date, x.account, x.department, x.cents, c.invoice_id, 'Credit memo'
FROM credit_rows AS c
CROSS JOIN LATERAL (VALUES ('1200', '', c.cents), ('4090', 'D100', -c.cents)) AS x(account, department, cents)
UNION ALL
SELECT 'J' || p.payment_id || '-' || p.attempt, p.settled_on, x.account, x.department, x.cents, p.payment_id, 'Payment'
FROM payment_rows AS p
CROSS JOIN LATERAL (VALUES ('1000', '', p.cents - CASE WHEN p.method = 'card' THEN p.cents // 70 ELSE 0 END),
  ('5010', 'D400', CASE WHEN p.method = 'card' THEN p.cents // 70 ELSE 0 END), ('1200', '', -p.cents)) AS x(account, department, cents)
WHERE p.status = 'settled' AND x.cents <> 0
UNION ALL
SELECT 'J' || r.refund_id, r.refunded_on, x.account, x.department, x.cents, r.refund_id, 'Refund'
FROM refund_rows AS r
CROSS JOIN LATERAL (VALUES ('1200', '', r.cents), ('1000', '', -r.cents)) AS x(account, department, cents)
UNION ALL
SELECT concat('JX', 10000 + e.id), e.first_day + e.after_days, x.account, x.department, x.cents, concat('X', 10000 + e.id), 'Expense'
FROM cost_rows AS e
CROSS JOIN LATERAL (VALUES (e.account, e.department, e.cents), ('2000', '', -e.cents)) AS x(account, department, cents)
UNION ALL
-- At the end of the month: vendors are paid, equipment loses value, the bank takes interest, tax is set aside.
SELECT concat('JM', 100 + m.month_index, x.what), m.last_day, x.account, x.department, x.cents, concat('M', 100 + m.month_index), x.memo
FROM months AS m
CROSS JOIN scale AS s
CROSS JOIN LATERAL (VALUES
  ('a', '2000', '', s.cents * 80 // 100, 'Vendors paid'), ('a', '1000', '', -(s.cents * 80 // 100), 'Vendors paid'),
  ('b', '6950', 'D300', 100000, 'Depreciation'), ('b', '1500', '', -100000, 'Depreciation'),
  ('c', '7000', 'D400', 75000 - m.month_index * 100, 'Interest'), ('c', '1000', '', -(75000 - m.month_index * 100), 'Interest'),
  ('d', '7900', 'D400', s.cents * 2 // 100, 'Tax'), ('d', '2300', '', -(s.cents * 2 // 100), 'Tax')) AS x(what, account, department, cents, memo);

CREATE OR REPLACE TABLE ledger_rows AS
SELECT *, concat('G', 10000000 + row_number() OVER (ORDER BY posted_on, journal_id, account, department)) AS line_id,
  month_number(posted_on) AS month_index
FROM entries
WHERE posted_on < day_of((SELECT days FROM sizes));

-- Revenue and expense begin each calendar year with zero; what the year before earned opens account
-- 3100.
CREATE OR REPLACE TABLE balance_rows AS
WITH moves AS (
  SELECT month_index, account,
    sum(CASE WHEN cents > 0 THEN cents ELSE 0 END) AS debit, sum(CASE WHEN cents < 0 THEN -cents ELSE 0 END) AS credit, 0 AS carried
  FROM ledger_rows GROUP BY month_index, account
  UNION ALL
  SELECT m.month_index, '3100', 0, 0, sum(l.cents)
  FROM ledger_rows AS l
  JOIN months AS m ON month(m.first_day) = 1 AND year(m.first_day) = year(l.posted_on) + 1
  WHERE l.account >= '4000'
  GROUP BY m.month_index
),
grid AS (
  SELECT m.month_index, m.first_day, a.account, coalesce(v.debit, 0) AS debit, coalesce(v.credit, 0) AS credit,
    coalesce(v.carried, 0) AS carried
  FROM months AS m
  CROSS JOIN (SELECT account, min(month_index) AS first_month FROM moves GROUP BY account) AS a
  LEFT JOIN moves AS v ON v.month_index = m.month_index AND v.account = a.account
  WHERE m.month_index >= a.first_month
)
SELECT *, sum(debit - credit + carried) OVER (
    PARTITION BY account, CASE WHEN account >= '4000' THEN year(first_day) ELSE 0 END ORDER BY first_day
  ) AS closing
FROM grid;
