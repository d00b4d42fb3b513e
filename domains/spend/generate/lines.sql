-- The rows of all files. Numbers of rows follow the dates, so they say nothing about what is planted.
CREATE OR REPLACE TABLE posted_documents AS
SELECT d.*, w.workday AS posted_on
FROM documents AS d JOIN workdays AS w ON w.country = d.country AND w.day = day_of(d.day + d.posting_days);

-- A run that was posted again a week later: all invoices of one entity and day.
CREATE OR REPLACE TABLE batch_twins AS
WITH runs AS (
  SELECT entity, posted_on, count(*) AS size,
    row_number() OVER (ORDER BY count(*) >= 8 DESC, chance(date_diff('day', DATE '2000-01-01', posted_on), 111), entity) AS turn
  FROM posted_documents
  WHERE posted_on < day_of(300) GROUP BY entity, posted_on HAVING count(*) >= 4
)
SELECT entity, posted_on, turn FROM runs
WHERE turn <= (SELECT CASE WHEN planted = 0 THEN 0 ELSE greatest(1, planted // 8) END FROM sizes);
INSERT INTO posted_documents
SELECT p.* REPLACE (900000000 + n AS n, p.posted_on + 7 AS posted_on, 'duplicate_batch' AS kind, '' AS detail,
  concat('P-batch-', b.turn) AS label_id, b.turn AS batch_of)
FROM posted_documents AS p JOIN batch_twins AS b USING (entity, posted_on);

-- Two lines for every fifth invoice without items.
CREATE OR REPLACE TABLE invoice_rows AS
WITH split AS (
  SELECT p.*, k,
    CASE WHEN (p.n % 900000000) % 5 = 0 AND p.origin = 'bought' AND NOT has_items AND cents > 0
      THEN CASE k WHEN 0 THEN cents * 6 // 10 ELSE cents - cents * 6 // 10 END ELSE cents END AS line_cents
  FROM posted_documents AS p CROSS JOIN range(0, 2) AS t(k)
  WHERE k = 0 OR ((p.n % 900000000) % 5 = 0 AND p.origin = 'bought' AND NOT has_items AND cents > 0)
),
numbered AS (
  SELECT *, dense_rank() OVER (ORDER BY posted_on, chance(n, 112), n) AS document_number,
    row_number() OVER (ORDER BY posted_on, chance(n, 112), n, k) AS line_number
  FROM split
)
SELECT *, concat('I', 1000000 + line_number) AS line_id, concat('D', 1000000 + document_number) AS document_id,
  concat('AP-', entity, '-', replace(CAST(posted_on AS STRING), '-', ''), CASE WHEN batch_of IS NULL THEN '' ELSE '-2' END) AS batch_id
FROM numbered;

-- As many purchases as are missing to the number of expenses asked for; planted ones always.
CREATE OR REPLACE TABLE expense_rows AS
WITH posted AS (
  SELECT p.*, spent_on + posting_days AS posted_on,
    row_number() OVER (ORDER BY kind IS NULL, origin <> 'coffee' OR n % 3 = 0, chance(n, 113), n) AS turn
  FROM purchases AS p
),
taken AS (
  SELECT * FROM posted WHERE turn <= (SELECT events FROM sizes) - (SELECT count(*) FROM invoice_rows)
)
SELECT *, concat('X', 1000000 + row_number() OVER (ORDER BY posted_on, chance(n, 114), n)) AS expense_id
FROM taken;

CREATE OR REPLACE MACRO money(cents) AS CAST(CAST(cents * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2)) AS STRING);
CREATE OR REPLACE MACRO month_start(d) AS CAST(date_trunc('month', d) AS DATE);
CREATE OR REPLACE MACRO quoted(s) AS CASE WHEN contains(s, ',') THEN concat('"', s, '"') ELSE s END;

-- Budgets: the plan of a department and month, near to what was spent; planted lines are far below.
CREATE OR REPLACE TABLE budget_rows AS
WITH spent AS (
  SELECT department_index, month_start(posted_on) AS month, account, line_cents AS cents FROM invoice_rows
  UNION ALL
  SELECT department_index, month_start(posted_on), account, cents FROM expense_rows
),
-- The larger sample is planned by account as well.
grains AS (
  SELECT department_index, month, CASE WHEN (SELECT events FROM sizes) >= 20000 THEN account ELSE '' END AS account,
    sum(cents) AS cents
  FROM spent GROUP BY ALL
),
plan AS (
  SELECT d.department_index, d.department, a.account, m.month, coalesce(g.cents, 0) AS cents,
    row_number() OVER (ORDER BY d.department_index, a.account, m.month) AS id
  FROM departments AS d
  CROSS JOIN (SELECT DISTINCT account FROM grains) AS a
  CROSS JOIN (SELECT CAST(day_of(0) + to_months(CAST(n AS INTEGER)) AS DATE) AS month FROM range(0, 12) AS t(n)) AS m
  LEFT JOIN grains AS g ON g.department_index = d.department_index AND g.account = a.account AND g.month = m.month
),
ranked AS (
  SELECT *, row_number() OVER (ORDER BY cents > 3000000 DESC, chance(id, 121), id) AS turn FROM plan
  WHERE cents > 0 OR (SELECT events FROM sizes) < 20000
)
SELECT *, cents > 3000000 AND turn <= (SELECT planted FROM sizes) AS is_planted,
  CASE WHEN cents > 3000000 AND turn <= (SELECT planted FROM sizes) THEN CAST(cents AS BIGINT) * 60 // 100
    ELSE CAST(cents AS BIGINT) * (97 + pick(id, 122, 7)) // 100 END // 10000 * 10000 AS plan_cents
FROM ranked;

CREATE OR REPLACE TABLE generated_lines AS
-- 0 vendors: every version of what the master says of a vendor.
SELECT 0 AS file_index, 0 AS place, 'vendor_id,effective_on,name,tax_id,bank_account,address,postcode,city,country,entity,created_on' AS line
UNION ALL
SELECT 0, vendor_index + 1, concat(vendor_id, ',', day_of(greatest(created_day, 0)), ',', quoted(name), ',', coalesce(tax_id, ''), ',',
  bank_account, ',', address, ',', postcode, ',', city, ',', country, ',', entity, ',',
  CASE WHEN created_day < 0 THEN day_of(-400 - pick(vendor_index, 131, 2000)) ELSE day_of(created_day) END)
FROM vendors
UNION ALL
-- One vendor in ten moves: another address from then on.
SELECT 1, 0, 'vendor_id,effective_on,name,tax_id,bank_account,address,postcode,city,country,entity,created_on'
UNION ALL
SELECT 1, vendor_index + 1, concat(vendor_id, ',', day_of(120 + pick(vendor_index, 132, 100)), ',', quoted(name), ',', coalesce(tax_id, ''), ',',
  bank_account, ',Neue Allee ', 1 + pick(vendor_index, 133, 900), ',', postcode, ',', city, ',', country, ',', entity, ',',
  day_of(-400 - pick(vendor_index, 131, 2000)))
FROM vendors WHERE role = 'ordinary' AND created_day < 0 AND pick(vendor_index, 134, 10) = 0
UNION ALL
SELECT 2, 0, 'employee_id,effective_on,name,department,entity,country,bank_account,address,postcode,city,card_id'
UNION ALL
SELECT 2, employee_index + 1, concat(employee_id, ',', day_of(0), ',', name, ',', department, ',', entity, ',', country, ',',
  bank_account, ',', address, ',', postcode, ',', city, ',', card_id)
FROM employees JOIN departments USING (department_index)
UNION ALL
SELECT 3, 0, 'campaign_id,effective_on,name,channel,department,starts_on,ends_on'
UNION ALL
SELECT 3, campaign_index + 1, concat(campaign_id, ',', day_of(first_day), ',', name, ',', channel, ',D200,', day_of(first_day), ',', day_of(first_day + length))
FROM campaigns
UNION ALL
SELECT 4, 0, 'campaign_id,day,spend,currency,impressions,clicks,results'
UNION ALL
SELECT 4, row_number() OVER (ORDER BY on_day, campaign_index), concat(campaign_id, ',', on_day, ',', money(cents), ',EUR,', impressions, ',', clicks, ',', results)
FROM campaign_days
UNION ALL
SELECT 5, 0, 'budget_line_id,budget_version,fiscal_month,department,account,campaign_id,amount,currency'
UNION ALL
SELECT 5, id, concat('B', 1000 + id, ',adopted,', month, ',', department, ',', account, ',,', money(plan_cents), ',EUR')
FROM budget_rows
UNION ALL
SELECT 6, 0, 'decision_id,decided_on,decision,vendor_id,other_vendor_id,decided_by,reason'
UNION ALL
-- A few pairs that nothing but somebody's word makes one company.
SELECT 6, turn, concat(lpad(CAST(turn AS STRING), 4, '0'), ',', day_of(40 + pick(vendor_index, 141, 200)), ',merge,', vendor_id, ',', other_id,
  ',jane@example.com,taken over')
FROM (
  SELECT a.vendor_index, a.vendor_id, b.vendor_id AS other_id, row_number() OVER (ORDER BY a.vendor_index) AS turn
  FROM vendors AS a JOIN vendors AS b ON b.vendor_index = a.vendor_index + 6
  WHERE a.vendor_index % 13 = 2 AND a.vendor_index >= 15 AND a.role = 'ordinary' AND b.role = 'ordinary'
) AS pairs
WHERE turn <= (SELECT CASE WHEN planted = 0 THEN 0 ELSE greatest(1, planted // 8) END FROM sizes)
UNION ALL
-- The invoices and purchases, one file for the month of posting.
SELECT 10 + m, 0, 'line_id,version,document_id,entity,vendor_id,vendor_name,invoice_number,document_type,reverses_number,invoice_date,received_on,posted_on,department,account,category,campaign_id,item,quantity,unit_price,amount,currency,purchase_order,contract_id,batch_id,is_withdrawn'
FROM range(0, 13) AS t(m)
UNION ALL
-- One document in a thousand arrives with the file of the month after; the last months have no such file.
SELECT 10 + date_diff('month', day_of(0), posted_on)
    + CASE WHEN kind IS NULL AND pick(n, 142, 1000) = 0 AND posted_on < day_of(330) THEN 1 ELSE 0 END, line_number, concat(
  line_id, ',1,', document_id, ',', entity, ',', vendor_id, ',', quoted(vendor_name), ',', invoice_number, ',', document_type, ',',
  coalesce(reverses_number, ''), ',', day_of(day), ',', day_of(day + 1 + pick(n, 135, 2)), ',', posted_on, ',', department, ',', account, ',', category, ',,',
  coalesce(item, ''), ',', coalesce(CAST(quantity AS STRING), ''), ',', coalesce(money(unit_cents), ''), ',', money(line_cents), ',EUR,',
  CASE WHEN pick(n, 136, 3) = 0 THEN concat('PO-', 10000 + pick(n, 137, 90000)) ELSE '' END, ',', coalesce(contract_id, ''), ',', batch_id, ',false')
FROM invoice_rows JOIN departments USING (department_index)
UNION ALL
-- One line in 400 is written again a month later with another account: the correction.
SELECT 11 + date_diff('month', day_of(0), posted_on), 100000000 + line_number, concat(
  line_id, ',2,', document_id, ',', entity, ',', vendor_id, ',', quoted(vendor_name), ',', invoice_number, ',', document_type, ',',
  coalesce(reverses_number, ''), ',', day_of(day), ',', day_of(day + 1 + pick(n, 135, 2)), ',', posted_on, ',', department, ',6990,', category, ',,',
  '', ',', '', ',', '', ',', money(line_cents), ',EUR,',
  CASE WHEN pick(n, 136, 3) = 0 THEN concat('PO-', 10000 + pick(n, 137, 90000)) ELSE '' END, ',', coalesce(contract_id, ''), ',', batch_id, ',false')
FROM invoice_rows JOIN departments USING (department_index)
WHERE origin = 'bought' AND NOT has_items AND kind IS NULL AND pick(n, 138, 400) = 0
  AND (SELECT events FROM sizes) < 20000
  AND posted_on < day_of(330)
UNION ALL
SELECT 30 + m, 0, 'expense_id,version,entity,channel,employee_id,card_id,department,account,category,merchant,spent_on,submitted_on,posted_on,amount,currency,campaign_id,batch_id,is_withdrawn'
FROM range(0, 13) AS t(m)
UNION ALL
SELECT 30 + date_diff('month', day_of(0), posted_on), CAST(substr(expense_id, 2) AS BIGINT), concat(
  expense_id, ',1,', entity, ',', channel, ',', employee_id, ',', CASE channel WHEN 'card' THEN card_id ELSE '' END, ',', department, ',', account, ',', category, ',', merchant, ',',
  spent_on, ',', spent_on + CASE channel WHEN 'card' THEN 0 ELSE 1 END, ',', posted_on, ',', money(cents), ',EUR,,',
  concat('CC-', entity, '-', replace(CAST(posted_on AS STRING), '-', '')), ',false')
FROM expense_rows JOIN departments USING (department_index);
