-- severity: warn
-- Accounts that seeds/accounts.csv does not have; they count as operating expense until it does.
SELECT account, count(*) AS lines, sum(amount) AS amount
FROM fact_ledger
WHERE account_name = '?'
GROUP BY account
