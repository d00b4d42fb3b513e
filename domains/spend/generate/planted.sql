-- What is planted: each kind `planted` times. Every planted row knows its kind, what is special
-- about it (detail) and the label it belongs to; several rows may share a label.
ALTER TABLE documents ADD COLUMN kind STRING;
ALTER TABLE documents ADD COLUMN detail STRING;
ALTER TABLE documents ADD COLUMN label_id STRING;
ALTER TABLE documents ADD COLUMN batch_of BIGINT;
ALTER TABLE purchases ADD COLUMN kind STRING;
ALTER TABLE purchases ADD COLUMN detail STRING;
ALTER TABLE purchases ADD COLUMN label_id STRING;
ALTER TABLE purchases ADD COLUMN batch_of BIGINT;

CREATE OR REPLACE TABLE duplicate_kinds AS
SELECT * FROM (VALUES
  (0, 'exact'), (1, 'case_punctuation'), (2, 'leading_zeros'), (3, 'letter_o'), (4, 'letter_i'),
  (5, 'transposed'), (6, 'typo'), (7, 'suffix'), (8, 'other_vendor_id'), (9, 'name_variant'),
  (10, 'other_entity'), (11, 'next_month')
) AS t(kind_index, detail);

-- Originals: ordinary one-line invoices, each taken once. Kinds that need a certain number take
-- only what fits.
CREATE OR REPLACE TABLE originals AS
WITH eligible AS (
  SELECT d.*, v.number_style,
    row_number() OVER (ORDER BY chance(d.n, 81), d.n) - 1 AS place_in_all
  FROM documents AS d JOIN vendors AS v USING (vendor_index)
  WHERE d.origin = 'bought' AND NOT d.has_items AND d.cents > 10000 AND d.day < 300
    AND v.billing = 0 AND v.role = 'ordinary' AND pick(d.n, 65, 100) > 1
),
slotted AS (
  SELECT *, CASE
      WHEN place_in_all % 10 = 2 AND number_style < 3 THEN 2
      WHEN place_in_all % 10 = 3 AND contains(invoice_number, '0') THEN 3
      WHEN place_in_all % 10 = 4 AND contains(invoice_number, '1') THEN 4
      WHEN place_in_all % 10 = 5 AND number_value % 10 <> number_value // 10 % 10 THEN 5
      WHEN place_in_all % 10 = 8 THEN 10
      WHEN place_in_all % 10 = 9 THEN 11
      WHEN place_in_all % 10 IN (0, 1, 6, 7) THEN place_in_all % 10
    END AS kind_index
  FROM eligible
),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY kind_index ORDER BY place_in_all) AS place FROM slotted
  WHERE kind_index IS NOT NULL
)
SELECT * FROM ranked WHERE place <= (SELECT planted FROM sizes)
UNION ALL
SELECT d.*, v.number_style, NULL, CASE t.role WHEN 'other_id' THEN 8 ELSE 9 END, t.place + 1
FROM documents AS d JOIN vendors AS v USING (vendor_index)
JOIN vendors AS t ON t.vendor_index = d.n - 250000000
WHERE d.origin = 'twinned';

INSERT INTO documents
SELECT
  500000000 + o.kind_index * 1000000 + o.place, 'planted',
  coalesce(t.vendor_index, o.vendor_index), NULL,
  o.day + CASE WHEN o.kind_index = 11 THEN 30 ELSE 0 END,
  coalesce(t.vendor_id, o.vendor_id), coalesce(t.name, o.vendor_name),
  CASE WHEN o.kind_index = 10 THEN CASE o.entity WHEN 'DE01' THEN 'US01' ELSE 'DE01' END ELSE o.entity END,
  o.country, o.category, o.account, o.department_index, 'invoice', o.number_value,
  CASE o.kind_index
    WHEN 1 THEN CASE o.number_style
      WHEN 2 THEN concat(left(o.invoice_number, 3), ' ', substr(o.invoice_number, 4))
      ELSE lower(replace(replace(o.invoice_number, '-', ' '), '/', '.')) END
    WHEN 2 THEN CASE o.number_style
      WHEN 0 THEN concat('INV-', o.number_value)
      WHEN 1 THEN concat(year(day_of(o.day)), '/', o.number_value)
      ELSE concat('00', o.invoice_number) END
    WHEN 3 THEN concat(left(o.invoice_number, position('0' IN o.invoice_number) - 1), 'O',
      substr(o.invoice_number, position('0' IN o.invoice_number) + 1))
    WHEN 4 THEN concat(left(o.invoice_number, position('1' IN o.invoice_number) - 1), 'I',
      substr(o.invoice_number, position('1' IN o.invoice_number) + 1))
    WHEN 5 THEN invoice_number(o.number_style,
      o.number_value - o.number_value % 100 + o.number_value % 10 * 10 + o.number_value // 10 % 10, o.day)
    WHEN 6 THEN invoice_number(o.number_style,
      o.number_value + CASE WHEN o.number_value // 100 % 10 < 6 THEN 300 ELSE -300 END, o.day)
    WHEN 7 THEN concat(o.invoice_number, CASE WHEN o.place % 2 = 0 THEN '-A' ELSE 'R' END)
    ELSE o.invoice_number END,
  NULL, o.cents, o.posting_days + 3 + pick(o.n, 82, 24), false, NULL, NULL, NULL,
  'duplicate_invoice', k.detail, concat('P-dup-', k.detail, '-', o.place), NULL
FROM originals AS o
JOIN duplicate_kinds AS k ON k.kind_index = o.kind_index
LEFT JOIN vendors AS t ON t.place = o.place - 1
  AND t.role = CASE o.kind_index WHEN 8 THEN 'other_id' WHEN 9 THEN 'variant' END;

-- First large payment to a new vendor; a vendor that comes back after months with more than ever;
-- round amounts of a vendor whose amounts never are.
INSERT INTO documents
SELECT
  600000000 + v.vendor_index * 2 + k, 'planted', v.vendor_index, NULL,
  CASE v.role WHEN 'new' THEN v.created_day + 4 + pick(v.vendor_index, 83, 12)
    WHEN 'dormant' THEN 290 + pick(v.vendor_index, 83, 50)
    ELSE 200 + 60 * k + pick(v.vendor_index, 83, 40) END,
  v.vendor_id, v.name, v.entity, v.country, v.category, v.account, v.department_index, 'invoice',
  v.first_number + (20 + k) * v.number_step,
  invoice_number(v.number_style, v.first_number + (20 + k) * v.number_step, 200),
  NULL,
  CASE v.role WHEN 'new' THEN 1500000 + v.scale_cents * 12 + pick(v.vendor_index, 84, 99999)
    WHEN 'dormant' THEN v.scale_cents * (9 + pick(v.vendor_index, 84, 5)) + 300017 + pick(v.vendor_index, 85, 9000)
    ELSE 500000 * (2 + pick(v.vendor_index + k, 84, 4)) END,
  3 + pick(v.vendor_index, 86, 6), false, NULL, NULL, NULL,
  CASE v.role WHEN 'new' THEN 'new_vendor_large_payment' WHEN 'dormant' THEN 'dormant_vendor_revived'
    ELSE 'round_amount' END,
  '', concat('P-', v.role, '-', v.place, '-', k), NULL
FROM vendors AS v CROSS JOIN range(0, 2) AS t(k)
WHERE v.role IN ('new', 'dormant', 'round') AND (k = 0 OR v.role = 'round');

-- Prices that creep: 4 % more with every invoice. What the employee's vendor bills.
UPDATE documents SET unit_cents = (500 + pick(vendor_index, 87, 9000))
    * CAST(100 + 4 * (n - 200000000 - vendor_index * 12) AS BIGINT) // 100,
  item = concat('ITEM-', vendor_index, '-1'),
  kind = CASE WHEN n - 200000000 - vendor_index * 12 >= 7 THEN 'price_creep' END, detail = '',
  label_id = concat('P-creep-', vendor_index)
WHERE origin = 'own' AND vendor_index IN (SELECT vendor_index FROM vendors WHERE role = 'creep');
UPDATE documents SET cents = quantity * unit_cents
WHERE origin = 'own' AND vendor_index IN (SELECT vendor_index FROM vendors WHERE role = 'creep');
UPDATE documents SET kind = 'vendor_is_employee', detail = CASE WHEN v.place % 2 = 0 THEN 'bank_account' ELSE 'address' END,
  label_id = concat('P-employee-', v.vendor_index)
FROM vendors AS v WHERE v.vendor_index = documents.vendor_index AND v.role = 'employee';

-- Purchases: split under the limit of 1,000, just below it again and again, weekends and
-- holidays, and outliers of a card, a merchant and an account.
INSERT INTO purchases
WITH slots AS (
  SELECT kind_index, place, row_number() OVER (ORDER BY kind_index, place) AS slot,
    (SELECT employees FROM sizes) AS employees
  FROM range(0, 6) AS a(kind_index), range(0, (SELECT planted FROM sizes)) AS b(place)
),
who AS (
  SELECT s.*, 7 * (slot * 3 % (employees // 7)) + 1 + kind_index % 6 AS employee_index,
    20 + pick(slot, 91, 300) AS day
  FROM slots AS s
),
spread AS (
  SELECT w.*, e.employee_id, e.card_id, e.entity, e.country, e.department_index, e.spend_percent, k
  FROM who AS w JOIN employees AS e USING (employee_index) CROSS JOIN range(0, 5) AS t(k)
  WHERE k < CASE kind_index WHEN 0 THEN 3 WHEN 1 THEN 5 ELSE 1 END
)
SELECT
  800000000 + slot * 8 + k, 'planted', employee_index, employee_id, card_id, entity, s.country,
  s.department_index,
  CASE WHEN kind_index = 5 THEN 'claim' ELSE 'card' END,
  m.merchant, m.category, m.account,
  CASE kind_index
    WHEN 0 THEN w.workday
    WHEN 1 THEN w2.workday
    WHEN 2 THEN CASE WHEN place % 3 = 2 THEN h.day
      ELSE CAST(date_trunc('week', day_of(s.day)) AS DATE) + 5 + CAST(place % 2 AS INTEGER) END
    ELSE w.workday END,
  2 + pick(slot, 92, 6),
  CASE kind_index
    WHEN 0 THEN 52000 + pick(slot * 8 + k, 93, 38000)
    WHEN 1 THEN 95500 + pick(slot * 8 + k, 93, 4400)
    WHEN 2 THEN m.scale_cents + pick(slot, 93, 500)
    WHEN 3 THEN 350000 + pick(slot, 93, 90000)
    WHEN 4 THEN m.scale_cents * 30 + 4000 + pick(slot, 93, 9000)
    ELSE m.scale_cents * 40 + 250000 + pick(slot, 93, 90000) END,
  CASE kind_index WHEN 0 THEN 'split_purchase' WHEN 1 THEN 'just_below_limit' WHEN 2 THEN 'weekend_or_holiday'
    ELSE 'own_history_outlier' END,
  CASE kind_index WHEN 2 THEN CASE WHEN place % 3 = 2 THEN 'holiday' ELSE 'weekend' END WHEN 3 THEN 'card'
    WHEN 4 THEN 'merchant' WHEN 5 THEN 'account' ELSE '' END,
  concat('P-purchase-', slot), NULL
FROM spread AS s
JOIN merchants AS m ON m.merchant_index = CASE kind_index WHEN 0 THEN 7 WHEN 1 THEN [7, 14, 5, 3, 7][1 + (k + slot) % 5]
  WHEN 2 THEN [6, 7, 8, 10, 15][1 + slot % 5] WHEN 3 THEN 7 WHEN 4 THEN [0, 9][1 + slot % 2] ELSE [6, 8, 13][1 + slot % 3] END
JOIN workdays AS w ON w.country = s.country
  AND w.day = day_of(s.day + CASE WHEN kind_index = 0 THEN k // 2 ELSE 0 END)
JOIN workdays AS w2 ON w2.country = s.country AND w2.day = day_of(10 + (s.day + k * 61) % 330)
LEFT JOIN (SELECT country, day, row_number() OVER (PARTITION BY country ORDER BY day) AS turn FROM holidays
  WHERE day BETWEEN day_of(20) AND day_of(355) AND dayofweek(day) BETWEEN 1 AND 5) AS h
  ON h.country = s.country AND h.turn = 1 + s.slot % 2;

-- Equal coffees of one day are real: one cup in twenty has a second one.
INSERT INTO purchases
SELECT 700000000 + n, 'coffee', employee_index, employee_id, card_id, entity, country, department_index, channel,
  merchant, category, account, spent_on, posting_days, cents, NULL, NULL, NULL, NULL
FROM purchases WHERE origin = 'bought' AND merchant = 'Corner Coffee' AND pick(n, 94, 20) = 0;
