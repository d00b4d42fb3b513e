-- On no day is less than nothing, or more than was ordered, still open of an order.
WITH running AS (
  SELECT purchase_order, department, account, currency, moved_on,
    sum(amount) OVER (
      PARTITION BY purchase_order, department, account, currency ORDER BY moved_on
      RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS open_amount
  FROM commitment_moves
)
SELECT r.purchase_order, r.department, r.account, r.moved_on, r.open_amount
FROM running AS r
JOIN fact_commitment AS c
  ON c.purchase_order = r.purchase_order AND c.department = r.department AND c.account = r.account AND c.currency = r.currency
WHERE r.open_amount < 0 OR r.open_amount > c.ordered
