-- severity: warn
-- Transfers between accounts of the bank move no money in or out of it. Where files deliver the legs
-- as rows of their own (direction), a leg may be missing or be of another day.
SELECT dt, currency, sum(amount_signed) AS amount_signed
FROM daily_volume
WHERE flow IN ('own_transfer', 'customer_transfer')
GROUP BY dt, currency
HAVING sum(amount_signed) <> 0
