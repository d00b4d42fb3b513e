-- What every generated line is made of. Chance comes from row_hash only, so that a seed means
-- the same everywhere; all arithmetic is on integers and decimals.

-- 63 random bits of an event (or of anything numbered) for a purpose.
CREATE OR REPLACE MACRO generated_chance(number, purpose) AS
  row_hash(CAST({{ var('seed') }} AS UBIGINT), CAST(number AS BIGINT), CAST(purpose AS BIGINT))
  & CAST(9223372036854775807 AS BIGINT);

CREATE OR REPLACE TABLE generated_services AS
SELECT * FROM (VALUES
  (0, 'Compute', 'Hours', CAST(0.0960 AS DECIMAL(5,4))),
  (1, 'Object Storage', 'GB-Days', 0.0230),
  (2, 'Database', 'Hours', 0.3410),
  (3, 'Network Transfer', 'GB', 0.0900),
  (4, 'Kubernetes', 'Hours', 0.1000),
  (5, 'Block Storage', 'GB-Days', 0.0800),
  (6, 'Functions', 'GB-Seconds', 0.0167),
  (7, 'Data Warehouse', 'TB-Scanned', 6.2500),
  (8, 'Load Balancing', 'Hours', 0.0225),
  (9, 'Monitoring', 'GB', 0.5000),
  (10, 'Marketplace', 'Units', 4.9900),
  (11, 'Support', 'Months', 2.9000)
) AS t(service_index, service_name, usage_unit, price);

-- The pairs of account and service in use, largest first: every account has the two largest
-- services and about half of the others.
CREATE OR REPLACE TABLE generated_pairs AS
SELECT
  row_number() OVER (ORDER BY (account + 1) * (service_index + 1), account, service_index) - 1
    AS pair_index,
  concat('A', account + 1) AS account_id,
  service_name,
  concat(
    'T', 1 + account * {{ var('tenants') }} // {{ var('accounts') }}, ',A', account + 1, ',',
    service_name, ','
  ) AS pair_text,
  usage_unit,
  price
FROM range(0, {{ var('accounts') }}) AS a(account)
CROSS JOIN generated_services
WHERE service_index < {{ var('services') }}
  AND (service_index < 2 OR generated_chance(account * 12 + service_index, 3) % 2 = 0)
ORDER BY pair_index;

-- 1,024 equally likely combinations of region, pricing and charge; most are plain usage.
CREATE OR REPLACE TABLE generated_terms AS
SELECT
  term_index,
  CASE WHEN charge IN ('Usage', 'Adjustment', 'Refund') THEN
    ['us-east-1', 'us-east-1', 'us-east-1', 'us-east-1', 'us-east-1', 'us-east-1', 'us-west-2',
     'us-west-2', 'us-west-2', 'eu-west-1', 'eu-west-1', 'eu-west-1', 'eu-central-1',
     'eu-central-1', 'ap-southeast-1', 'ap-northeast-1'][1 + term_index * 7 % 16]
  ELSE 'global' END || ','
  || CASE
    WHEN charge = 'Purchase' THEN 'one_time'
    WHEN charge IN ('Credit', 'Tax') THEN ''
    ELSE ['on_demand', 'on_demand', 'on_demand', 'on_demand', 'on_demand', 'on_demand',
          'savings_plan', 'savings_plan', 'reserved', 'spot'][1 + term_index % 10]
  END || ','
  || CASE WHEN charge = 'Refund' THEN 'Usage,Correction,' ELSE charge || ',,' END AS term_text,
  CASE
    WHEN charge IN ('Credit', 'Refund') THEN -1
    WHEN charge = 'Adjustment' AND term_index % 2 = 0 THEN -1
    ELSE 1
  END AS sign
FROM (
  SELECT
    CAST(n AS INTEGER) AS term_index,
    CASE
      WHEN n < 990 THEN 'Usage'
      WHEN n < 1002 THEN 'Credit'
      WHEN n < 1010 THEN 'Tax'
      WHEN n < 1016 THEN 'Purchase'
      WHEN n < 1020 THEN 'Adjustment'
      ELSE 'Refund'
    END AS charge
  FROM range(0, 1024) AS t(n)
) AS charges
ORDER BY term_index;

CREATE OR REPLACE MACRO generated_date(day_index) AS
  CAST(DATE '{{ var('start_date') }}' + CAST(day_index AS INTEGER) AS VARCHAR);
-- The files of a day's usage arrive on the day after.
CREATE OR REPLACE MACRO generated_file_name(file_index) AS
  concat('billing-', generated_date(file_index + 1), '.csv');

-- Bits 0-19 of an event's chance choose the pair (the cube makes the first pairs the largest), bits
-- 20-29 the terms, the rest the quantity.
CREATE OR REPLACE MACRO generated_pair_of(chance, pair_count) AS
  (((chance & 1048575) * (chance & 1048575) * (chance & 1048575)) >> 40) * pair_count >> 20;
CREATE OR REPLACE MACRO generated_term_of(chance) AS CAST((chance >> 20) & 1023 AS INTEGER);
-- Hundredths of the unit: 0.01 to 50.00.
CREATE OR REPLACE MACRO generated_quantity_of(chance) AS CAST(1 + (chance >> 30) % 5000 AS INTEGER);

-- Six decimals, exactly: hundredths of a unit times ten-thousandths of a dollar.
CREATE OR REPLACE MACRO generated_cost(quantity, sign, price) AS
  CAST(CAST(sign * quantity AS INTEGER) * CAST(0.01 AS DECIMAL(3,2)) * price AS VARCHAR);

-- The fields in the order of the header in generate.yml; no field needs quotes.
CREATE OR REPLACE MACRO generated_line(
  event_id, version, pair_text, term_text, usage_date, quantity, usage_unit, cost, currency,
  ingestion_date, withdrawn
) AS
  concat(
    event_id, ',', version, ',', pair_text, term_text, usage_date, ',',
    CAST(quantity * CAST(0.01 AS DECIMAL(3,2)) AS VARCHAR), ',', usage_unit, ',', cost, ',',
    currency, ',', ingestion_date, ',', withdrawn
  );
