-- Customers and their accounts. Everybody has a checking account; three bits say what else.
CREATE OR REPLACE TABLE generated_customers AS
SELECT
  customer_index,
  holdings,
  CAST(coalesce(sum(accounts) OVER (ORDER BY customer_index ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
    AS BIGINT) AS first_account
FROM (
  SELECT
    n AS customer_index,
    CAST(generated_chance(n, 11) % 8 AS INTEGER) AS holdings,
    1 + (generated_chance(n, 11) & 1) + ((generated_chance(n, 11) >> 1) & 1) + ((generated_chance(n, 11) >> 2) & 1)
      AS accounts
  FROM range(0, {{ var('customers') }}) AS t(n)
) AS counted
ORDER BY customer_index;

-- Where each of 16 equally likely turns of a customer goes: which of the customer's accounts.
CREATE OR REPLACE TABLE generated_slots AS
SELECT
  CAST(h AS INTEGER) AS holdings,
  CAST(s AS INTEGER) AS slot,
  CAST(CASE
    WHEN s BETWEEN 8 AND 9 AND h & 1 = 1 THEN 1
    WHEN s BETWEEN 10 AND 14 AND h & 2 = 2 THEN 1 + (h & 1)
    WHEN s = 15 AND h & 4 = 4 THEN 1 + (h & 1) + ((h >> 1) & 1)
    ELSE 0
  END AS INTEGER) AS account_offset,
  CASE
    WHEN s BETWEEN 8 AND 9 AND h & 1 = 1 THEN 'Savings'
    WHEN s BETWEEN 10 AND 14 AND h & 2 = 2 THEN 'Credit Card'
    WHEN s = 15 AND h & 4 = 4 THEN 'Loan'
    ELSE 'Checking'
  END AS account_type
FROM range(0, 8) AS holdings(h)
CROSS JOIN range(0, 16) AS slots(s);

CREATE OR REPLACE TABLE generated_accounts AS
SELECT DISTINCT
  c.first_account + s.account_offset AS account_index,
  c.customer_index,
  s.account_type
FROM generated_customers AS c
JOIN generated_slots AS s ON s.holdings = c.holdings
ORDER BY account_index;

CREATE OR REPLACE MACRO generated_opening(account_index, account_type) AS
  CASE account_type
    WHEN 'Checking' THEN 200000 + generated_chance(account_index, 12) % 800000
    WHEN 'Savings' THEN 500000 + generated_chance(account_index, 12) % 4000000
    WHEN 'Credit Card' THEN generated_chance(account_index, 12) % 200000
    ELSE 500000 + generated_chance(account_index, 12) % 9000000
  END;

CREATE OR REPLACE MACRO generated_account_line(account_index, customer_index, account_type) AS
  concat(
    generated_account(account_index), ',', generated_customer(customer_index), ',', account_type, ',',
    generated_cents(generated_opening(account_index, account_type)), ',{{ var('start_date') }},USD,',
    CAST(DATE '2015-01-01' + CAST(generated_chance(account_index, 13) % 3000 AS INTEGER) AS VARCHAR),
    ',{{ var('start_date') }}'
  );

-- The accounts that no first file has: 50, or as many as there are customers.
CREATE OR REPLACE MACRO generated_late_account(number) AS 9000000 + number % 50;
