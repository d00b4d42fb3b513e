-- What binds and frees the money of purchase orders, day by day: the sum of the moves up to a day is
-- what was still open then, ordered less invoiced and never below zero.
-- grain: purchase_order, department, account, currency, move, moved_on, move_id
-- An invoice line relieves the order's money of its own department and account; where the order has
-- none there, its first. Nothing is relieved before it was ordered, or once the order is closed.
WITH orders AS (
  SELECT purchase_order, department, account, currency,
    min(campaign_id) AS campaign_id,
    min(ordered_on) AS ordered_on,
    CASE WHEN count(closed_on) = count(*) THEN max(closed_on) END AS closed_on,
    CAST(sum(amount) AS DECIMAL(38,2)) AS ordered
  FROM commitment_lines
  GROUP BY purchase_order, department, account, currency
),
firsts AS (
  SELECT purchase_order, department, account, currency
  FROM orders
  QUALIFY row_number() OVER (PARTITION BY purchase_order, currency ORDER BY department, account) = 1
),
billed AS (
  SELECT i.line_id, i.purchase_order, i.currency, i.posted_on, i.amount,
    coalesce(o.department, f.department) AS department,
    coalesce(o.account, f.account) AS account
  FROM fact_invoice_line AS i
  JOIN firsts AS f ON f.purchase_order = i.purchase_order AND f.currency = i.currency
  LEFT JOIN orders AS o
    ON o.purchase_order = i.purchase_order AND o.currency = i.currency
      AND o.department = i.department AND o.account = i.account
  WHERE i.purchase_order IS NOT NULL
),
running AS (
  SELECT o.purchase_order, o.department, o.account, o.currency, o.campaign_id, o.ordered, b.line_id,
    greatest(b.posted_on, o.ordered_on) AS moved_on,
    b.amount,
    sum(b.amount) OVER (
      PARTITION BY o.purchase_order, o.department, o.account, o.currency
      ORDER BY greatest(b.posted_on, o.ordered_on) NULLS FIRST, b.line_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS invoiced
  FROM orders AS o
  JOIN billed AS b
    ON b.purchase_order = o.purchase_order AND b.department = o.department
      AND b.account = o.account AND b.currency = o.currency
  WHERE o.closed_on IS NULL OR greatest(b.posted_on, o.ordered_on) < o.closed_on
),
relieved AS (
  SELECT purchase_order, department, account, currency, campaign_id, line_id, moved_on,
    least(ordered, greatest(CAST(0 AS DECIMAL(38,2)), invoiced))
      - least(ordered, greatest(CAST(0 AS DECIMAL(38,2)), invoiced - amount)) AS relief
  FROM running
),
freed AS (
  SELECT purchase_order, department, account, currency, sum(relief) AS relief
  FROM relieved
  GROUP BY purchase_order, department, account, currency
)
SELECT purchase_order, department, account, currency, campaign_id, 'ordered' AS move, ordered_on AS moved_on,
  '' AS move_id, ordered AS amount
FROM orders
UNION ALL
SELECT purchase_order, department, account, currency, campaign_id, 'invoiced', moved_on, line_id,
  CAST(-relief AS DECIMAL(38,2))
FROM relieved
UNION ALL
SELECT o.purchase_order, o.department, o.account, o.currency, o.campaign_id, 'closed',
  greatest(o.closed_on, o.ordered_on), '', CAST(coalesce(f.relief, 0) - o.ordered AS DECIMAL(38,2))
FROM orders AS o
LEFT JOIN freed AS f
  ON f.purchase_order = o.purchase_order AND f.department = o.department
    AND f.account = o.account AND f.currency = o.currency
WHERE o.closed_on IS NOT NULL
