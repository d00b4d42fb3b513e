-- The ordinary invoices: what is bought now and then, what comes every month, instalments, and
-- invoices that were credited and written anew. `origin` tells them apart until labels.sql.

CREATE OR REPLACE TABLE document_dates AS
WITH bought AS (
  SELECT
    n,
    CAST(((chance(n, 51) & 1048575) * (chance(n, 51) & 1048575) >> 20)
      * (SELECT count(*) FROM vendors WHERE role = 'ordinary') >> 20 AS INTEGER) AS vendor_index,
    pick(n, 52, 350) AS day
  FROM range(0, (SELECT events * 44 // 100 FROM sizes)) AS t(n)
)
SELECT n, 'bought' AS origin, vendor_index, greatest(b.day, v.created_day + 5 + pick(n, 53, 20)) AS day,
  CAST(NULL AS STRING) AS contract_id
FROM bought AS b JOIN vendors AS v USING (vendor_index)
-- Rent is monthly only.
WHERE v.category_index <> 6 AND greatest(b.day, v.created_day + 25) < 352
UNION ALL
-- What comes every month: all rents, and a service of one vendor in twelve. Half has a contract.
SELECT 100000000 + vendor_index * 12 + month, 'recurring', vendor_index,
  date_diff('day', day_of(0), CAST(day_of(0) + to_months(CAST(month AS INTEGER)) AS DATE)) + pick(vendor_index, 54, 4),
  CASE WHEN vendor_index % 2 = 0 THEN concat('C-', vendor_id) END
FROM vendors CROSS JOIN range(0, 12) AS t(month)
WHERE role = 'ordinary' AND (category_index = 6 OR vendor_index % 12 = 4) AND created_day < 0
UNION ALL
-- Vendors of what is planted have some ordinary invoices of their own.
SELECT 200000000 + vendor_index * 12 + k, 'own', vendor_index,
  CASE role WHEN 'dormant' THEN 5 + 9 * k + pick(vendor_index, 55, 5)
    WHEN 'new' THEN created_day + 45 + 12 * k
    ELSE 10 + 28 * k + pick(vendor_index * 12 + k, 55, 15) END, NULL
FROM vendors CROSS JOIN range(0, 12) AS t(k)
WHERE (role IN ('variant', 'other_id', 'employee') AND k < 4) OR (role = 'dormant' AND k < 6)
  OR (role = 'new' AND k < 1 AND created_day < 250) OR (role IN ('round', 'creep') AND k < 12)
UNION ALL
-- The invoices that a twin of their vendor will bill again.
SELECT 250000000 + t.vendor_index, 'twinned', t.place * 13 + CASE t.role WHEN 'other_id' THEN 10 ELSE 11 END,
  40 + pick(t.vendor_index, 66, 200), NULL
FROM vendors AS t WHERE t.role IN ('other_id', 'variant')
UNION ALL
-- The two vendors that others have no chance beside bill every ten days.
SELECT 260000000 + vendor_index * 40 + k, 'dominant', vendor_index, 3 + 10 * k, NULL
FROM vendors CROSS JOIN range(0, 33) AS t(k)
WHERE vendor_index IN (3, 5) AND (SELECT planted FROM sizes) > 0;

CREATE OR REPLACE MACRO invoice_number(style, number, day) AS
  CASE style
    WHEN 0 THEN concat('INV-', lpad(CAST(number AS STRING), 7, '0'))
    WHEN 1 THEN concat(year(day_of(day)), '/', lpad(CAST(number AS STRING), 6, '0'))
    WHEN 2 THEN CAST(number + 1000000 AS STRING)
    ELSE concat('RE', number, '-', substr(CAST(year(day_of(day)) AS STRING), 3)) END;

CREATE OR REPLACE TABLE documents AS
WITH numbered AS (
  SELECT d.*, row_number() OVER (PARTITION BY vendor_index ORDER BY day, n) AS turn
  FROM document_dates AS d
)
SELECT
  d.n, d.origin, d.vendor_index, d.contract_id, CAST(d.day AS INTEGER) AS day,
  v.vendor_id, v.name AS vendor_name, v.entity, v.country, v.category, v.account,
  v.department_index,
  'invoice' AS document_type,
  v.first_number + turn * v.number_step AS number_value,
  invoice_number(v.number_style, v.first_number + turn * v.number_step, d.day) AS invoice_number,
  CAST(NULL AS STRING) AS reverses_number,
  CAST(CASE
    WHEN d.origin = 'recurring' THEN v.scale_cents + pick(v.vendor_index, 56, 10000)
    WHEN d.origin = 'dominant' THEN v.scale_cents + pick(d.n, 57, 90000)
    WHEN v.billing = 2 THEN 50000 * (1 + (v.scale_cents // 100000) + pick(d.n, 57, 4))
    WHEN pick(d.n, 58, 150) = 0 THEN 10000 * (1 + v.scale_cents * (30 + pick(d.n, 57, 240)) // 1000000)
    -- Cents that rarely come out as zeros.
    ELSE v.scale_cents * (30 + pick(d.n, 57, 240)) // 100 // 100 * 100 + 1 + pick(d.n, 59, 9998)
  END AS BIGINT) AS cents,
  3 + pick(d.n, 60, 7) AS posting_days,
  v.billing = 3 OR v.role = 'creep' AS has_items
FROM numbered AS d JOIN vendors AS v USING (vendor_index);

-- Vendors of items: quantity times price. A third of the prices never moves, a third swings a
-- little, and a third was raised once by 4 %.
ALTER TABLE documents ADD COLUMN quantity INTEGER;
ALTER TABLE documents ADD COLUMN unit_cents BIGINT;
ALTER TABLE documents ADD COLUMN item STRING;
UPDATE documents SET
  quantity = 1 + pick(n, 61, 40),
  item = concat('ITEM-', vendor_index, '-', 1 + n % 2),
  unit_cents = (199 + pick(vendor_index * 2 + n % 2, 62, 9000)) * CASE vendor_index // 10 % 3
    WHEN 0 THEN 1000 WHEN 1 THEN 970 + pick(n, 63, 60) ELSE CASE WHEN day < 180 THEN 1000 ELSE 1040 END
  END // 1000
WHERE has_items;
UPDATE documents SET cents = quantity * unit_cents WHERE has_items;

-- Instalments: one order billed in three equal parts, numbered -1, -2, -3.
INSERT INTO documents
SELECT 300000000 + d.n * 4 + k, 'instalment', vendor_index, NULL, day + 30 * k, vendor_id, vendor_name,
  entity, country, category, account, department_index, 'invoice', number_value,
  concat(invoice_number, '-', k + 1), NULL, cents, posting_days, false, NULL, NULL, NULL
FROM documents AS d CROSS JOIN range(0, 3) AS t(k)
WHERE origin = 'bought' AND NOT has_items AND pick(d.n, 64, 120) = 0 AND day < 280;
DELETE FROM documents WHERE origin = 'bought' AND NOT has_items AND pick(n, 64, 120) = 0 AND day < 280;

-- Credited in full and written anew under the number with an A; and credits of a part.
INSERT INTO documents
SELECT 400000000 + d.n * 4 + k, CASE k WHEN 2 THEN 'credit' ELSE 'rewritten' END, vendor_index, NULL,
  day + CASE k WHEN 2 THEN 20 ELSE 6 + k END, vendor_id, vendor_name, entity, country, category, account, department_index,
  CASE WHEN k = 1 THEN 'invoice' ELSE 'credit_memo' END, number_value,
  CASE WHEN k = 1 THEN concat(invoice_number, 'A') ELSE concat('CN', number_value) END,
  CASE WHEN k <> 1 THEN invoice_number END,
  CASE k WHEN 0 THEN -cents WHEN 1 THEN cents ELSE -cents // 7 END, posting_days, false, NULL, NULL, NULL
FROM documents AS d CROSS JOIN range(0, 3) AS t(k)
WHERE origin = 'bought' AND NOT has_items AND day < 320
  AND CASE WHEN k < 2 THEN pick(d.n, 65, 100) = 0 ELSE pick(d.n, 65, 100) = 1 END;
