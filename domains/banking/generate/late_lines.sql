-- The accounts that orphans wait for, each a checking account of one of the customers.
SELECT line FROM (
  SELECT -1 AS place, 'account_id,customer_id,account_type,balance,balance_on,currency,opened_on,updated_on' AS line
  UNION ALL
  SELECT n, generated_account_line(generated_late_account(n), n % {{ var('customers') }}, 'Checking')
  FROM range(0, 50) AS t(n)
)
ORDER BY place
