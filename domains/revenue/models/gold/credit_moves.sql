-- What reduces receivables: settled payments, refunds of them with the sign turned, and documents
-- below zero. A payment without a customer is that of the invoice it names; one that names an order
-- names the order's invoice when there is one only.
-- grain: credit_id, move, move_id
WITH by_order AS (
  SELECT order_id, min(invoice_id) AS invoice_id
  FROM invoices
  WHERE order_id IS NOT NULL AND amount > 0
  GROUP BY order_id
  HAVING count(*) = 1
),
paid AS (
  SELECT
    p.payment_id, p.attempt, p.currency, p.settled_on, p.amount,
    CASE WHEN p.customer_id = '?' THEN coalesce(i.customer_id, '?') ELSE p.customer_id END AS customer_id,
    CASE WHEN (p.customer_id = i.customer_id OR p.customer_id = '?') AND p.currency = i.currency AND i.amount > 0
      THEN i.invoice_id END AS invoice_id
  FROM payments AS p
  LEFT JOIN by_order AS o ON o.order_id = p.order_id
  LEFT JOIN invoices AS i ON i.invoice_id = coalesce(p.invoice_id, o.invoice_id)
  WHERE p.status = 'settled'
),
-- A refund belongs to the attempt that settled; when several did, to the first.
first_settled AS (
  SELECT payment_id, customer_id, currency, invoice_id
  FROM paid
  QUALIFY row_number() OVER (PARTITION BY payment_id ORDER BY settled_on NULLS LAST, attempt) = 1
)
SELECT 'P' || payment_id AS credit_id, 'settled' AS move, CAST(attempt AS STRING) AS move_id, customer_id, currency,
  invoice_id, settled_on AS moved_on, CAST(amount AS DECIMAL(38,4)) AS amount
FROM paid
UNION ALL
SELECT 'P' || f.payment_id, 'refunded', r.refund_id, f.customer_id, f.currency, f.invoice_id, r.refunded_on,
  CAST(-r.amount AS DECIMAL(38,4))
FROM refunds AS r
JOIN first_settled AS f ON f.payment_id = r.payment_id AND f.currency = r.currency
UNION ALL
SELECT 'C' || m.invoice_id, 'credited', m.invoice_id, m.customer_id, m.currency,
  CASE WHEN i.customer_id = m.customer_id AND i.currency = m.currency AND i.amount > 0 THEN i.invoice_id END,
  m.invoice_date, CAST(-m.amount AS DECIMAL(38,4))
FROM invoices AS m
LEFT JOIN invoices AS i ON i.invoice_id = m.credits_invoice_id
WHERE m.amount < 0
