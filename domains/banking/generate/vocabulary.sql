-- Chance and words. Chance comes from row_hash only, so that a seed means the same everywhere; all
-- arithmetic is on integers and decimals.

-- 63 random bits of anything numbered, for a purpose.
CREATE OR REPLACE MACRO generated_chance(number, purpose) AS
  row_hash(CAST({{ var('seed') }} AS UBIGINT), CAST(number AS BIGINT), CAST(purpose AS BIGINT))
  & CAST(9223372036854775807 AS BIGINT);

CREATE OR REPLACE MACRO generated_date(day_index) AS
  CAST(DATE '{{ var('start_date') }}' + CAST(day_index AS INTEGER) AS VARCHAR);

CREATE OR REPLACE MACRO generated_cents(cents) AS
  CAST(CAST(cents AS BIGINT) * CAST(0.01 AS DECIMAL(3,2)) AS VARCHAR);

CREATE OR REPLACE MACRO generated_account(number) AS
  concat('A', lpad(CAST(number AS VARCHAR), CAST(greatest(4, length(CAST(number AS VARCHAR))) AS INTEGER), '0'));

CREATE OR REPLACE MACRO generated_customer(number) AS
  concat('C', lpad(CAST(number AS VARCHAR), CAST(greatest(4, length(CAST(number AS VARCHAR))) AS INTEGER), '0'));

CREATE OR REPLACE MACRO generated_uuid_of(digits) AS
  concat(
    substr(digits, 1, 8), '-', substr(digits, 9, 4), '-', substr(digits, 13, 4), '-',
    substr(digits, 17, 4), '-', substr(digits, 21, 12)
  );
CREATE OR REPLACE MACRO generated_transaction_id(event_number) AS
  generated_uuid_of(md5(concat({{ var('seed') }}, ':', event_number)));

-- 256 merchants. One code in 64 is in no mapping and comes without a category.
CREATE OR REPLACE TABLE generated_merchants AS
WITH codes AS (
  SELECT * FROM (VALUES
    (0, '5411', 'Groceries'), (1, '5422', 'Groceries'), (2, '5462', 'Groceries'), (3, '5411', 'Groceries'),
    (4, '4900', 'Utilities'), (5, '4814', 'Utilities'), (6, '4899', 'Utilities'),
    (7, '7832', 'Entertainment'), (8, '7922', 'Entertainment'), (9, '7994', 'Entertainment'),
    (10, '5812', 'Dining'), (11, '5813', 'Dining'), (12, '5814', 'Dining'), (13, '5812', 'Dining'),
    (14, '3000', 'Travel'), (15, '4111', 'Travel'), (16, '7011', 'Travel'),
    (17, '8011', 'Healthcare'), (18, '8021', 'Healthcare'), (19, '5912', 'Healthcare'),
    (20, '8220', 'Education'), (21, '8211', 'Education'), (22, '5942', 'Education')
  ) AS t(code_index, mcc, merchant_category)
)
SELECT
  CAST(n AS INTEGER) AS merchant_index,
  concat(
    CASE WHEN n % 64 = 63 THEN '' ELSE c.merchant_category END, ',',
    CASE WHEN n % 64 = 63 THEN '9999' ELSE c.mcc END, ',Merchant ', lpad(CAST(n AS VARCHAR), 3, '0')
  ) AS merchant_text
FROM range(0, 256) AS t(n)
JOIN codes AS c ON c.code_index = n % 23
ORDER BY n;
