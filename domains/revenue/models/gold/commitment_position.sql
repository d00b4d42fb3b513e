-- Orders to vendors: what was ordered, what expenses with the order's number relieved, never below
-- zero and never more than was ordered, and what is open. A closed order has nothing open.
-- grain: purchase_order, department, account, currency
WITH ordered AS (
  SELECT purchase_order, department, account, currency,
    min(ordered_on) AS ordered_on,
    CASE WHEN count(closed_on) = count(*) THEN max(closed_on) END AS closed_on,
    sum(amount) AS ordered
  FROM commitment_lines
  GROUP BY purchase_order, department, account, currency
),
booked AS (
  SELECT purchase_order, department, account, currency, sum(amount) AS amount
  FROM expenses
  WHERE purchase_order IS NOT NULL
  GROUP BY purchase_order, department, account, currency
)
SELECT
  o.purchase_order, o.department, o.account, o.currency, o.ordered_on, o.closed_on,
  CAST(o.ordered AS DECIMAL(38,2)) AS ordered,
  CAST(greatest(0, least(o.ordered, coalesce(b.amount, 0))) AS DECIMAL(38,2)) AS relieved,
  CAST(CASE WHEN o.closed_on IS NULL THEN o.ordered - greatest(0, least(o.ordered, coalesce(b.amount, 0))) ELSE 0 END
    AS DECIMAL(38,2)) AS open_amount
FROM ordered AS o
LEFT JOIN booked AS b
  ON b.purchase_order = o.purchase_order AND b.department = o.department
    AND b.account = o.account AND b.currency = o.currency
