-- title: Balances by day
-- description: Opening + net change = closing for each type of account, the newest day first.
SELECT dt, account_type, currency, opening_balance, net_change, closing_balance
FROM balance_walk
ORDER BY dt DESC, account_type, currency
