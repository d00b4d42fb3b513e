-- The lines of one file, its header first. A day's file holds what comes again from the day before,
-- then the day's own transactions.
WITH day AS (
  SELECT day_index, first_event, end_event FROM generated_days WHERE day_index = {{ var('file_index') }} - 2
),
again AS (
  SELECT p.day_index, p.kind, p.event_number
  FROM generated_planted AS p
  WHERE p.kind IN ('duplicate', 'corrected')
    AND least(p.day_index + 1, {{ var('days') }} - 1) = {{ var('file_index') }} - 2
),
events AS (
  SELECT 1 AS part, day_index, kind, event_number FROM again
  UNION ALL
  SELECT 2, d.day_index, coalesce(p.kind, ''), n.event_number
  FROM range((SELECT first_event FROM day), (SELECT end_event FROM day)) AS n(event_number)
  CROSS JOIN day AS d
  LEFT JOIN generated_planted AS p ON p.event_number = n.event_number
),
drawn AS (
  SELECT *, generated_chance(event_number, 1) AS a, generated_chance(event_number, 2) AS b FROM events
),
-- The square makes the first customers the largest.
chosen AS (
  SELECT
    *,
    (((a & 1048575) * (a & 1048575)) >> 20) * {{ var('customers') }} >> 20 AS customer_index,
    CAST((a >> 20) & 15 AS INTEGER) AS slot,
    CAST((a >> 24) & 1023 AS INTEGER) AS turn,
    CAST((a >> 34) & 15 AS INTEGER) AS way,
    CAST((((a >> 38) & 1023) * ((a >> 38) & 1023)) >> 12 AS INTEGER) AS merchant_index,
    CAST((a >> 48) & 16383 AS INTEGER) AS other
  FROM drawn
),
booked AS (
  SELECT
    e.*,
    c.holdings,
    c.first_account,
    s.account_offset,
    s.account_type,
    CASE s.account_type
      WHEN 'Checking' THEN CASE WHEN turn < 120 THEN 'Deposit' WHEN turn < 200 THEN 'Withdrawal' WHEN turn < 830 THEN 'Payment' ELSE 'Transfer' END
      WHEN 'Savings' THEN CASE WHEN turn < 400 THEN 'Deposit' WHEN turn < 600 THEN 'Withdrawal' ELSE 'Transfer' END
      WHEN 'Credit Card' THEN CASE WHEN turn BETWEEN 940 AND 979 THEN 'Deposit' ELSE 'Payment' END
      ELSE 'Payment'
    END AS transaction_type,
    (s.account_type = 'Checking' AND turn BETWEEN 200 AND 779) OR (s.account_type = 'Credit Card' AND turn < 980) AS has_merchant
  FROM chosen AS e
  JOIN generated_customers AS c ON c.customer_index = e.customer_index
  JOIN generated_slots AS s ON s.holdings = c.holdings AND s.slot = e.slot
),
valued AS (
  SELECT
    b.*,
    CASE
      WHEN has_merchant THEN 150 + (((b & 16383) * (b & 16383)) >> 14)
      WHEN transaction_type = 'Deposit' THEN 50000 + (b & 262143)
      WHEN transaction_type = 'Withdrawal' THEN 2000 * (1 + (b & 15))
      WHEN transaction_type = 'Transfer' THEN 1000 + (b & 65535)
      ELSE 5000 + (b & 65535)
    END AS cents,
    CASE
      WHEN transaction_type <> 'Transfer' THEN ''
      WHEN account_offset > 0 THEN generated_account(first_account)
      WHEN way < 7 AND holdings > 0 THEN generated_account(first_account + 1)
      WHEN way < 13 THEN generated_account(o.other_account)
      ELSE concat('X', 100000 + other)
    END AS counter_account
  FROM booked AS b
  LEFT JOIN (
    SELECT customer_index AS other_customer, first_account AS other_account FROM generated_customers
  ) AS o ON o.other_customer = b.other % {{ var('customers') }}
),
lines AS (
  SELECT
    part,
    event_number,
    concat(
      CASE WHEN kind = 'bad_id' THEN left(generated_transaction_id(event_number), 30)
        ELSE generated_transaction_id(event_number) END, ',',
      CASE kind
        WHEN 'missing_account' THEN ''
        WHEN 'orphan' THEN generated_account(generated_late_account(event_number))
        ELSE generated_account(first_account + account_offset)
      END, ',',
      CASE WHEN kind = 'bad_type' THEN 'Debit' ELSE transaction_type END, ',',
      CASE
        WHEN kind = 'bad_amount' THEN CASE WHEN event_number % 2 = 0 THEN '0.00' ELSE generated_cents(-cents) END
        WHEN part = 1 AND kind = 'corrected' THEN generated_cents(cents + 100)
        ELSE generated_cents(cents)
      END, ',',
      CASE WHEN kind = 'bad_time' THEN concat(left(generated_date(day_index), 5), '13-45') ELSE generated_date(day_index) END,
      'T', CAST(make_time((b >> 40) % 24, (b >> 45) % 60, (b >> 51) % 60) AS VARCHAR), ',',
      CASE WHEN has_merchant THEN m.merchant_text ELSE ',,' END, ',',
      counter_account, ',',
      CASE WHEN part = 1 AND kind = 'corrected' THEN '2' ELSE '1' END
    ) AS line
  FROM valued
  JOIN generated_merchants AS m ON m.merchant_index = valued.merchant_index
),
every_line AS (
  SELECT 0 AS part, 0 AS place,
    CASE {{ var('file_index') }}
      WHEN 0 THEN 'customer_id,customer_name,state,credit_score,signup_date,updated_on'
      WHEN 1 THEN 'account_id,customer_id,account_type,balance,balance_on,currency,opened_on,updated_on'
      ELSE 'transaction_id,account_id,transaction_type,amount,transaction_ts,merchant_category,mcc,merchant_name,counter_account_id,record_version'
    END AS line
  UNION ALL
  SELECT 1, customer_index,
    concat(
      generated_customer(customer_index), ',Customer ', customer_index, ',',
      ['CA', 'TX', 'FL', 'NY', 'PA', 'IL', 'OH', 'GA'][1 + generated_chance(customer_index, 14) % 8], ',',
      500 + generated_chance(customer_index, 15) % 301, ',',
      CAST(DATE '2015-01-01' + CAST(generated_chance(customer_index, 16) % 3000 AS INTEGER) AS VARCHAR),
      ',{{ var('start_date') }}'
    )
  FROM generated_customers
  WHERE {{ var('file_index') }} = 0
  UNION ALL
  SELECT 1, account_index, generated_account_line(account_index, customer_index, account_type)
  FROM generated_accounts
  WHERE {{ var('file_index') }} = 1
  UNION ALL
  SELECT part, event_number, line FROM lines
)
SELECT line FROM every_line ORDER BY part, place
