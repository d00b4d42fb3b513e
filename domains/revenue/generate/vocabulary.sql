-- Chance comes from row_hash only, so that a seed means the same everywhere; all arithmetic is on
-- integers. Amounts are cents.
CREATE OR REPLACE MACRO chance(number, purpose) AS
  row_hash(CAST({{ var('seed') }} AS UBIGINT), CAST(number AS BIGINT), CAST(purpose AS BIGINT))
  & CAST(9223372036854775807 AS BIGINT);
CREATE OR REPLACE MACRO pick(number, purpose, choices) AS
  CAST(chance(number, purpose) % CAST(choices AS BIGINT) AS INTEGER);
CREATE OR REPLACE MACRO day_of(n) AS DATE '{{ var('start_date') }}' + CAST(n AS INTEGER);
CREATE OR REPLACE MACRO money(cents) AS CAST(CAST(cents * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2)) AS STRING);
CREATE OR REPLACE MACRO month_start(d) AS CAST(date_trunc('month', d) AS DATE);
CREATE OR REPLACE MACRO month_number(d) AS
  (year(d) - year(day_of(0))) * 12 + month(d) - month(day_of(0));

-- How much of everything there is.
CREATE OR REPLACE TABLE sizes AS
SELECT
  CAST({{ var('invoices') }} AS BIGINT) AS invoices,
  CAST(CASE WHEN {{ var('customers') }} > 0 THEN {{ var('customers') }}
    ELSE greatest(40, {{ var('invoices') }} // 10) END AS BIGINT) AS customers,
  CASE WHEN {{ var('errors_per_million') }} = 0 THEN 0
    ELSE greatest(1, CAST({{ var('invoices') }} AS BIGINT) * {{ var('errors_per_million') }} // 1000000) END AS planted,
  CAST(date_diff('day', DATE '{{ var('start_date') }}',
    CAST(DATE '{{ var('start_date') }}' + INTERVAL {{ var('months') }} MONTH AS DATE)) AS BIGINT) AS days;

CREATE OR REPLACE TABLE months AS
SELECT CAST(n AS INTEGER) AS month_index,
  CAST(DATE '{{ var('start_date') }}' + INTERVAL (n) MONTH AS DATE) AS first_day,
  CAST(DATE '{{ var('start_date') }}' + INTERVAL (n + 1) MONTH AS DATE) - 1 AS last_day
FROM range(0, {{ var('months') }}) AS t(n);

CREATE OR REPLACE TABLE products AS
SELECT * FROM (VALUES
  (0, 'A100', 'Desk lamp', 'Lighting', 4900, 52), (1, 'A110', 'Floor lamp', 'Lighting', 12900, 50),
  (2, 'B200', 'Office chair', 'Furniture', 24900, 58), (3, 'B210', 'Standing desk', 'Furniture', 49900, 61),
  (4, 'B220', 'Shelf', 'Furniture', 8900, 55), (5, 'C300', 'Notebook, ruled', 'Paper', 350, 40),
  (6, 'C310', 'Pen set', 'Paper', 1290, 38), (7, 'C320', 'Planner', 'Paper', 1990, 42),
  (8, 'D400', 'Monitor arm', 'Accessories', 7900, 54), (9, 'D410', 'Cable kit', 'Accessories', 1590, 35),
  (10, 'S900', 'Assembly', 'Service', 6000, 0), (11, 'S910', 'Ergonomics check', 'Service', 18000, 0)
) AS t(product_index, product, product_name, category, price_cents, cost_percent);
