-- What each month did to each account, and its worst day.
-- grain: account_id, month_start, currency
SELECT
  account_id || '|' || CAST(CAST(date_trunc('month', dt) AS DATE) AS STRING) || '|' || currency AS account_month_id,
  account_id,
  customer_id,
  CAST(date_trunc('month', dt) AS DATE) AS month_start,
  currency,
  CAST(sum(net_change) AS DECIMAL(38,2)) AS net_change,
  CAST(sum(debit) AS DECIMAL(38,2)) AS debit,
  CAST(sum(credit) AS DECIMAL(38,2)) AS credit,
  CAST(sum(postings) AS BIGINT) AS postings,
  CAST(sum(CASE WHEN amount_signed < 0 THEN 1 ELSE 0 END) AS BIGINT) AS outflow_days,
  CAST(sum(CASE WHEN amount_signed < 0 THEN -amount_signed ELSE 0 END) AS DECIMAL(38,2)) AS outflow,
  CAST(max(CASE WHEN amount_signed < 0 THEN -amount_signed ELSE 0 END) AS DECIMAL(38,2)) AS largest_outflow
FROM account_day
GROUP BY account_id, customer_id, CAST(date_trunc('month', dt) AS DATE), currency
