-- Purchase orders: what was ordered, what of it invoices relieved, and what is open.
-- grain: purchase_order, department, account, currency
SELECT
  purchase_order,
  department,
  account,
  currency,
  min(campaign_id) AS campaign_id,
  min(CASE WHEN move = 'ordered' THEN moved_on END) AS ordered_on,
  max(CASE WHEN move = 'closed' THEN moved_on END) AS closed_on,
  CAST(sum(CASE WHEN move = 'ordered' THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS ordered,
  CAST(-sum(CASE WHEN move = 'invoiced' THEN amount ELSE 0 END) AS DECIMAL(38,2)) AS relieved,
  CAST(sum(amount) AS DECIMAL(38,2)) AS open_amount
FROM commitment_moves
GROUP BY purchase_order, department, account, currency
