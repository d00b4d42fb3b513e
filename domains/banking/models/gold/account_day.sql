-- What happened on each account on each day with a movement.
-- grain: account_id, dt, currency
SELECT
  account_id,
  customer_id,
  account_type,
  account_class,
  dt,
  currency,
  CAST(count(*) AS BIGINT) AS postings,
  CAST(sum(CASE WHEN amount_signed < 0 THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS debit,
  CAST(sum(CASE WHEN amount_signed > 0 THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS credit,
  CAST(sum(balance_change) AS DECIMAL(38,2)) AS net_change,
  CAST(sum(amount_signed) AS DECIMAL(38,2)) AS amount_signed,
  CAST(sum(spend) AS DECIMAL(38,2)) AS spend
FROM postings
GROUP BY account_id, customer_id, account_type, account_class, dt, currency
