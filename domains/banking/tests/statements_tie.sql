-- severity: warn
-- Stated balances that differ from what the movements give: a movement is missing, came twice, or has
-- the wrong sign.
SELECT account_id, balance_on, stated_balance, walked_balance, difference
FROM statement_check
WHERE difference <> 0
