-- severity: warn
-- A refund belongs to a payment that settled, and no more goes back than came.
SELECT r.refund_id, r.payment_id, r.amount
FROM refunds AS r
LEFT JOIN fact_payment AS p ON p.payment_id = r.payment_id AND p.is_settled
WHERE p.payment_id IS NULL
UNION ALL
SELECT '', payment_id, refunded_amount
FROM fact_payment
WHERE refunded_amount > settled_amount
