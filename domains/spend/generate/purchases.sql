-- Card purchases and claims of employees. Ordinary ones are made on working days, but for travel
-- and for the operations department, which works in shifts.

CREATE OR REPLACE TABLE merchants AS
SELECT * FROM (VALUES
  (0, 'Corner Coffee', 'Meals', '7100', 450, true), (1, 'Bistro Linde', 'Meals', '7100', 1850, false),
  (2, 'Taxi Blau', 'Travel', '7200', 2400, false), (3, 'Hotel Zum Anker', 'Travel', '7200', 13500, false),
  (4, 'City Rail', 'Travel', '7200', 6900, false), (5, 'Skyline Air', 'Travel', '7200', 28000, false),
  (6, 'Papier und Stift', 'Office supplies', '6100', 3100, false), (7, 'Gadget Store', 'Equipment', '7300', 17900, false),
  (8, 'Book Depot', 'Training', '6700', 3900, false), (9, 'Cloud Notes', 'Software', '6200', 1900, true),
  (10, 'Print Shop', 'Office supplies', '6100', 5200, false), (11, 'Fuel Point', 'Travel', '7200', 7100, false),
  (12, 'Parcel Express', 'Logistics', '6800', 1690, false), (13, 'Flower Market', 'Meals', '7100', 4100, false),
  (14, 'Conference House', 'Training', '6700', 30000, false), (15, 'Tool Rental', 'Maintenance', '6510', 12000, false)
) AS t(merchant_index, merchant, category, account, scale_cents, is_fixed);

CREATE OR REPLACE TABLE purchases AS
WITH drawn AS (
  SELECT
    n,
    pick(n, 71, (SELECT employees FROM sizes)) AS employee_index,
    pick(n, 72, 360) AS day,
    pick(n, 73, 16) AS merchant_index,
    pick(n, 74, 3) AS kind
  FROM range(0, (SELECT events // 2 FROM sizes)) AS t(n)
)
SELECT
  d.n,
  'bought' AS origin,
  e.employee_index, e.employee_id, e.card_id, e.entity, e.country, e.department_index,
  CASE WHEN d.kind < 2 THEN 'card' ELSE 'claim' END AS channel,
  m.merchant, m.category, m.account,
  CASE WHEN m.category = 'Travel' OR e.department_index = 0 THEN day_of(d.day) ELSE w.workday END AS spent_on,
  1 + pick(d.n, 75, 9) AS posting_days,
  CAST(CASE WHEN m.is_fixed THEN m.scale_cents
    ELSE m.scale_cents * e.spend_percent // 100 * (40 + pick(d.n, 76, 120)) // 100 // 10 * 10 + 1 + pick(d.n, 77, 9)
  END AS BIGINT) AS cents
FROM drawn AS d
JOIN employees AS e USING (employee_index)
JOIN merchants AS m USING (merchant_index)
JOIN workdays AS w ON w.country = e.country AND w.day = day_of(d.day);
