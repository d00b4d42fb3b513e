-- Expenses of departments, what is ordered from vendors, and budgets. Scale follows the sales.
CREATE OR REPLACE TABLE cost_lines AS
SELECT * FROM (VALUES
  (0, 'D100', '6000', 60), (1, 'D200', '6000', 25), (2, 'D300', '6000', 50), (3, 'D400', '6000', 25), (4, 'D500', '6000', 40),
  (5, 'D300', '6100', 30), (6, 'D200', '6200', 45), (7, 'D500', '6300', 20), (8, 'D400', '6400', 15), (9, 'D100', '6500', 8),
  (10, 'D500', '6400', 10)
) AS t(line_index, department, account, per_mille);

CREATE OR REPLACE TABLE scale AS
SELECT greatest(100000, CAST(sum(cents) AS BIGINT) // {{ var('months') }}) AS cents FROM invoice_rows;

CREATE OR REPLACE TABLE cost_rows AS
SELECT
  m.month_index * 100 + c.line_index AS id, m.first_day, c.department, c.account,
  CAST(least(date_diff('day', m.first_day, m.last_day), 3 + pick(m.month_index * 100 + c.line_index, 71, 24)) AS INTEGER) AS after_days,
  s.cents * c.per_mille // 1000 * (92 + pick(m.month_index * 100 + c.line_index, 72, 17)) // 100 AS cents,
  -- Consulting and software are bought by order.
  CASE WHEN c.account IN ('6300', '6400') THEN concat('PO-', 1000 + m.month_index * 100 + c.line_index) END AS purchase_order
FROM months AS m CROSS JOIN cost_lines AS c CROSS JOIN scale AS s;

CREATE OR REPLACE TABLE commitment_rows AS
SELECT concat('K', 10000 + id) AS commitment_id, purchase_order, department, account, first_day AS ordered_on,
  -- What came is sometimes less than what was ordered; then the order is closed.
  cents + CASE WHEN pick(id, 73, 4) = 0 THEN 5000 ELSE 0 END AS cents,
  CASE WHEN pick(id, 73, 4) = 0 THEN first_day + after_days + 5 END AS closed_on, false AS is_planted
FROM cost_rows WHERE purchase_order IS NOT NULL
UNION ALL
-- Planted: an order of the last month that no year's plan has room for.
SELECT 'K99001', 'PO-99001', 'D200', '6200', m.first_day + 3, s.cents * 3, NULL, true
FROM months AS m CROSS JOIN scale AS s CROSS JOIN sizes AS z
WHERE z.planted > 0 AND m.month_index = {{ var('months') }} - 1;

-- Every cost is planned, and the year that the last month is in to its end.
CREATE OR REPLACE TABLE budget_rows AS
WITH plans AS (
  SELECT line_index, department, account, (SELECT cents FROM scale) * per_mille // 1000 * 110 // 100 AS cents FROM cost_lines
  UNION ALL
  SELECT x.line_index, x.department, x.account, x.cents
  FROM scale AS s
  CROSS JOIN LATERAL (VALUES (20, 'D300', '5000', s.cents), (21, 'D400', '5010', s.cents // 100), (22, 'D300', '6950', 105000),
    (23, 'D400', '7000', 80000), (24, 'D400', '7900', s.cents * 3 // 100)) AS x(line_index, department, account, cents)
)
SELECT concat('B', 10000 + n * 100 + p.line_index) AS budget_line_id,
  CAST(DATE '{{ var('start_date') }}' + INTERVAL (n) MONTH AS DATE) AS fiscal_month, p.department, p.account, p.cents
FROM plans AS p
CROSS JOIN range(0, {{ var('months') }} + 11) AS t(n)
JOIN months AS m ON m.month_index = {{ var('months') }} - 1
WHERE CAST(DATE '{{ var('start_date') }}' + INTERVAL (n) MONTH AS DATE) <= make_date(year(m.first_day), 12, 31);
