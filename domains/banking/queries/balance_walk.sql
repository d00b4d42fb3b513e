-- title: Balance walk of an account
-- description: Each day with a movement: opening + net change = closing.
-- parameter: account text; The account, such as A0001
-- parameter: from day = 1900-01-01; First day
-- parameter: to day = 9999-12-31; Last day
WITH walked AS (
  SELECT
    d.dt, d.account_id, d.account_type, d.currency, d.debit, d.credit, d.net_change,
    o.opening_balance + sum(d.net_change) OVER (ORDER BY d.dt) AS closing_balance
  FROM account_day AS d
  JOIN account_openings AS o ON o.account_id = d.account_id
  WHERE d.account_id = $account
)
SELECT dt, account_id, account_type, currency, closing_balance - net_change AS opening_balance, debit, credit, net_change, closing_balance
FROM walked
WHERE dt BETWEEN CAST($from AS DATE) AND CAST($to AS DATE)
ORDER BY dt
