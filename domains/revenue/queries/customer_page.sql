-- title: One customer
-- description: Everything of one customer in the order of days: its accounts with the reason they are one, invoices, payments, refunds and tickets.
-- parameter: customer text; A customer number, of any account of the customer
WITH wanted AS (
  SELECT customer_cluster FROM customer_clusters WHERE customer_id = $customer
),
accounts_of AS (
  SELECT c.customer_id, c.name FROM customer_clusters AS c JOIN wanted AS w ON w.customer_cluster = c.customer_cluster
),
events AS (
  SELECT CAST(NULL AS DATE) AS on_day, 1 AS place, 'account' AS what, a.customer_id AS number, a.name AS detail,
    CAST(NULL AS DECIMAL(38,4)) AS amount, CAST(NULL AS DECIMAL(38,4)) AS open_amount, '' AS currency
  FROM accounts_of AS a
  UNION ALL
  SELECT NULL, 2, 'link', l.customer_id || ' = ' || l.other_customer_id, l.reason, NULL, NULL, ''
  FROM customer_links AS l JOIN accounts_of AS a ON a.customer_id = l.customer_id
  UNION ALL
  SELECT NULL, 3, 'summary', c.rfm, c.rfm_segment || '; payment risk ' || c.payment_risk || ', risk of leaving ' || c.churn_risk || '; ' || c.risk_reason,
    c.lifetime_value, c.open_amount, c.currency
  FROM customer_360 AS c JOIN wanted AS w ON w.customer_cluster = c.customer_cluster
  UNION ALL
  SELECT i.invoice_date, 4, i.document_type, i.invoice_number,
    'due ' || CAST(i.due_on AS STRING) || CASE WHEN i.settled_on IS NULL THEN '' ELSE ', settled ' || CAST(i.settled_on AS STRING) END
      || CASE WHEN i.is_disputed THEN ', disputed' ELSE '' END,
    i.amount, i.open_amount, i.currency
  FROM fact_invoice AS i JOIN accounts_of AS a ON a.customer_id = i.customer_id
  UNION ALL
  SELECT p.attempted_on, 5, 'payment', p.payment_id, p.method || ', ' || p.status, p.amount, NULL, p.currency
  FROM fact_payment AS p JOIN accounts_of AS a ON a.customer_id = p.customer_id
  UNION ALL
  SELECT r.refunded_on, 6, 'refund', r.refund_id, coalesce(r.reason, ''), r.amount, NULL, r.currency
  FROM refunds AS r
  JOIN fact_payment AS p ON p.payment_id = r.payment_id AND p.is_settled
  JOIN accounts_of AS a ON a.customer_id = p.customer_id
  UNION ALL
  SELECT t.opened_on, 7, 'ticket', t.ticket_id,
    t.category || ', ' || t.priority || CASE WHEN t.closed_on IS NULL THEN ', open' ELSE ', closed ' || CAST(t.closed_on AS STRING) END, NULL, NULL, ''
  FROM tickets AS t JOIN accounts_of AS a ON a.customer_id = t.customer_id
)
SELECT on_day, what, number, detail, amount, open_amount, currency
FROM events
ORDER BY on_day NULLS FIRST, place, number
