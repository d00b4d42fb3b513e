-- severity: warn
-- The order within a day is not recorded and some rows are rounded, so a break is a question only.
SELECT trans_id, account_id, dt, balance_before, signed, balance
FROM balance_chain
WHERE NOT holds
