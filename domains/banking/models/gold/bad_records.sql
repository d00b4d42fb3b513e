-- What was not taken into the books, by day and rule: records that were refused, rows that came again
-- under one id, and transactions that wait for their account.
-- grain: dt, rule, currency
-- A refused record belongs to the day that its text names, else to the day in the name of its file,
-- else to the day its file was landed. Its rule is the first reason: the column and what was wrong with it.
WITH delivered AS (
  SELECT local_date(transaction_ts, '{{ var('bank_zone') }}') AS dt, coalesce(currency, '{{ var('bank_currency') }}') AS currency,
    count(*) AS records, sum(amount) AS amount
  FROM raw_transactions
  GROUP BY 1, 2
),
kept AS (
  SELECT dt, currency, count(*) AS records, sum(amount) AS amount
  FROM transactions
  GROUP BY dt, currency
),
refused AS (
  SELECT
    coalesce(
      TRY_CAST(nullif(regexp_extract(raw, '([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]', 1), '') AS DATE),
      TRY_CAST(nullif(regexp_extract(file, '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1), '') AS DATE),
      received_on) AS dt,
    CASE WHEN record = 0 THEN code ELSE split_part(reasons, ':', 1) || ' ' || code END AS rule,
    amount
  FROM rejected_transactions
),
found AS (
  SELECT dt, rule, '{{ var('bank_currency') }}' AS currency, count(*) AS records, sum(amount) AS amount
  FROM refused
  GROUP BY dt, rule
  UNION ALL
  SELECT d.dt, 'duplicate_id' AS rule, d.currency, d.records - coalesce(k.records, 0) AS records,
    d.amount - coalesce(k.amount, 0) AS amount
  FROM delivered AS d
  LEFT JOIN kept AS k ON k.dt = d.dt AND k.currency = d.currency
  WHERE d.records <> coalesce(k.records, 0)
  UNION ALL
  SELECT dt, 'unknown_account', currency, count(*), sum(amount)
  FROM waiting_transactions
  GROUP BY dt, currency
)
SELECT
  CAST(f.dt AS STRING) || '|' || f.rule || '|' || f.currency AS bad_record_id,
  f.dt,
  f.rule,
  f.currency,
  CAST(f.records AS BIGINT) AS records,
  CAST(f.amount AS DECIMAL(38,2)) AS amount
FROM found AS f
