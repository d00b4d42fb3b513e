-- Each account's months with a movement: opening + net change = closing.
-- grain: account_id, month_start
WITH walked AS (
  SELECT
    m.account_id,
    m.month_start,
    m.net_change,
    m.debit,
    m.credit,
    m.postings,
    CAST(sum(m.net_change) OVER (PARTITION BY m.account_id ORDER BY m.month_start) AS DECIMAL(38,2)) AS moved
  FROM account_month_changes AS m
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
