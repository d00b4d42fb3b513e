-- Each account's months with a movement: opening + net change = closing.
-- grain: account_id, month_start
WITH months AS (
  SELECT
    account_id,
    CAST(date_trunc('month', dt) AS DATE) AS month_start,
    CAST(sum(net_change) AS DECIMAL(38,2)) AS net_change,
    CAST(sum(debit) AS DECIMAL(38,2)) AS debit,
    CAST(sum(credit) AS DECIMAL(38,2)) AS credit,
    CAST(sum(postings) AS BIGINT) AS postings
  FROM account_day
  GROUP BY account_id, CAST(date_trunc('month', dt) AS DATE)
),
walked AS (
  SELECT
    m.*,
    CAST(sum(m.net_change) OVER (PARTITION BY m.account_id ORDER BY m.month_start) AS DECIMAL(38,2)) AS moved
  FROM months AS m
)
SELECT
  w.account_id,
  a.customer_id,
  o.account_type,
  o.account_class,
  w.month_start,
  o.currency,
  CAST(o.opening_balance + w.moved - w.net_change AS DECIMAL(38,2)) AS opening_balance,
  w.net_change,
  CAST(o.opening_balance + w.moved AS DECIMAL(38,2)) AS closing_balance,
  w.debit,
  w.credit,
  w.postings
FROM walked AS w
JOIN account_openings AS o ON o.account_id = w.account_id
JOIN account_owners AS a ON a.account_id = w.account_id
