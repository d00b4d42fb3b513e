-- title: Balances by month
-- description: Opening + net change = closing for each account's months with a movement, the newest month first.
SELECT month_start, account_id, customer_id, account_type, currency, opening_balance, debit, credit, net_change, closing_balance
FROM account_month
ORDER BY month_start DESC, account_id, currency
