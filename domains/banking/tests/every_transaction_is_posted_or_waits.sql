-- Per day, transactions in the books and transactions that wait are all there are, in number and in
-- money.
WITH delivered AS (
  SELECT dt, count(*) AS transactions, sum(amount_signed) AS amount FROM transactions GROUP BY dt
),
accounted AS (
  SELECT dt, sum(transactions) AS transactions, sum(amount) AS amount
  FROM (
    SELECT dt, sum(transactions) AS transactions, sum(literal_amount_signed) AS amount FROM daily_volume GROUP BY dt
    UNION ALL
    SELECT dt, count(*), sum(CASE WHEN transaction_type IN ('Deposit', 'Transfer') THEN amount ELSE -amount END)
    FROM waiting_transactions
    GROUP BY dt
  ) AS accounted_rows
  GROUP BY dt
)
SELECT d.dt, d.transactions, a.transactions AS accounted, d.amount, a.amount AS accounted_amount
FROM delivered AS d
FULL OUTER JOIN accounted AS a ON a.dt = d.dt
WHERE d.transactions IS DISTINCT FROM a.transactions OR d.amount IS DISTINCT FROM a.amount
