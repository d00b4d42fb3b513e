-- Volume of each day with debit and credit. Money between accounts of one customer is kept apart
-- (internal), so that it inflates neither side.
-- grain: dt, account_type, transaction_type, flow, currency
SELECT
  dt,
  account_type,
  account_class,
  transaction_type,
  flow,
  currency,
  CAST(sum(CASE WHEN leg = 'own' THEN 1 ELSE 0 END) AS BIGINT) AS transactions,
  CAST(sum(CASE WHEN flow <> 'own_transfer' AND amount_signed < 0 THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS debit,
  CAST(sum(CASE WHEN flow <> 'own_transfer' AND amount_signed > 0 THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS credit,
  CAST(sum(CASE WHEN flow = 'own_transfer' AND leg = 'own' THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS internal,
  CAST(sum(CASE WHEN flow <> 'own_transfer' THEN amount_signed ELSE 0 END) AS DECIMAL(38,2)) AS net_flow,
  CAST(sum(amount_signed) AS DECIMAL(38,2)) AS amount_signed,
  CAST(sum(literal_amount_signed) AS DECIMAL(38,2)) AS literal_amount_signed
FROM postings
GROUP BY dt, account_type, account_class, transaction_type, flow, currency
