-- Every movement on a known account: each transaction on its own account, and the other leg of a
-- transfer on the account that the money goes to, when that account is known.
-- grain: transaction_id, leg
-- time column: dt
-- amount_signed is the customer's money: positive when there is more of it. On a card or loan, where
-- the balance is what is owed, the balance moves the other way.
-- A transaction whose account is not known waits (waiting_transactions) and has no leg here.
WITH known AS (
  SELECT
    t.transaction_id,
    t.dt,
    t.transaction_ts,
    t.account_id,
    a.customer_id,
    a.account_type,
    a.account_class,
    a.has_purchases,
    t.transaction_type,
    t.direction,
    t.amount,
    t.amount_signed AS literal_amount_signed,
    t.currency,
    t.mcc,
    t.merchant_category,
    t.counter_account_id,
    c.customer_id AS counter_customer_id,
    -- A category alone does not make a deposit a merchant's refund, unless it is on a card.
    t.mcc IS NOT NULL OR t.merchant_name IS NOT NULL
      OR (t.merchant_category IS NOT NULL
        AND (t.transaction_type = 'Payment' OR a.account_class = 'liability')) AS has_merchant
  FROM transactions AS t
  JOIN account_owners AS a ON a.account_id = t.account_id
  LEFT JOIN account_owners AS c ON c.account_id = t.counter_account_id
),
signed AS (
  SELECT
    k.*,
    CASE
      WHEN direction = 'in' THEN 1
      WHEN direction = 'out' THEN -1
      WHEN transaction_type = 'Deposit' THEN 1
      WHEN transaction_type = 'Payment' AND account_class = 'liability'
        AND NOT (has_purchases AND has_merchant) THEN 1
      ELSE -1
    END AS sign
  FROM known AS k
),
named AS (
  SELECT
    s.*,
    CASE
      WHEN transaction_type = 'Transfer' AND counter_customer_id = customer_id THEN 'own_transfer'
      WHEN transaction_type = 'Transfer' AND counter_customer_id IS NOT NULL THEN 'customer_transfer'
      WHEN transaction_type = 'Transfer' THEN 'external_transfer'
      WHEN transaction_type = 'Withdrawal' THEN 'cash'
      WHEN has_merchant AND account_type <> 'Loan' THEN CASE WHEN sign < 0 THEN 'purchase' ELSE 'refund' END
      WHEN account_class = 'liability' THEN CASE WHEN sign < 0 THEN 'charge' ELSE 'repayment' END
      WHEN transaction_type = 'Payment' THEN 'bill'
      ELSE 'deposit'
    END AS flow
  FROM signed AS s
),
legs AS (
  SELECT
    n.transaction_id, 'own' AS leg, n.dt, n.transaction_ts, n.account_id, n.customer_id, n.account_type,
    n.account_class, n.transaction_type, n.flow, n.amount, n.sign, n.literal_amount_signed, n.currency,
    n.mcc,
    CASE
      WHEN n.flow IN ('purchase', 'refund') THEN coalesce(m.merchant_category, n.merchant_category, 'Unmapped')
      WHEN n.flow = 'bill' THEN 'No merchant'
    END AS merchant_category,
    n.counter_account_id
  FROM named AS n
  LEFT JOIN merchant_categories AS m ON m.mcc = n.mcc AND m.valid_from <= n.dt AND m.valid_to > n.dt
  UNION ALL
  -- A transfer without a direction is both legs; one with a direction is one of two rows.
  SELECT
    t.transaction_id, 'counter', t.dt, t.transaction_ts, t.counter_account_id, c.customer_id, c.account_type,
    c.account_class, t.transaction_type,
    CASE WHEN c.customer_id = a.customer_id THEN 'own_transfer' ELSE 'customer_transfer' END,
    t.amount, 1, CAST(0 AS DECIMAL(18,2)), t.currency,
    CAST(NULL AS STRING), CAST(NULL AS STRING),
    t.account_id
  FROM transactions AS t
  JOIN account_owners AS a ON a.account_id = t.account_id
  JOIN account_owners AS c ON c.account_id = t.counter_account_id
  WHERE t.transaction_type = 'Transfer' AND t.direction IS NULL
)
SELECT
  transaction_id,
  leg,
  dt,
  transaction_ts,
  account_id,
  customer_id,
  account_type,
  account_class,
  transaction_type,
  flow,
  amount,
  CAST(sign * amount AS DECIMAL(18,2)) AS amount_signed,
  CAST(CASE WHEN account_class = 'liability' THEN -sign * amount ELSE sign * amount END AS DECIMAL(18,2))
    AS balance_change,
  literal_amount_signed,
  CAST(CASE WHEN flow IN ('purchase', 'refund', 'bill') THEN -sign * amount ELSE 0 END AS DECIMAL(18,2)) AS spend,
  currency,
  mcc,
  merchant_category,
  counter_account_id
FROM legs
