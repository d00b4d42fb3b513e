-- The numbers of each day on which something happened. Counts have the currency `none`.
-- grain: day, kpi, currency
-- time column: day
WITH results AS (
  SELECT posted_on AS day, currency, section, sum(result) AS result
  FROM fact_ledger
  WHERE account_class IN ('revenue', 'expense')
  GROUP BY posted_on, currency, section
),
numbers AS (
  SELECT day, 'revenue' AS kpi, 'money' AS unit, currency, sum(result) AS value FROM results WHERE section = 'revenue' GROUP BY day, currency
  UNION ALL
  SELECT day, 'expense', 'money', currency, -sum(result) FROM results WHERE section <> 'revenue' GROUP BY day, currency
  UNION ALL
  SELECT day, 'gross_profit', 'money', currency, sum(result) FROM results
  WHERE section IN ('revenue', 'cost_of_sales') GROUP BY day, currency
  UNION ALL
  SELECT day, 'operating_profit', 'money', currency, sum(result) FROM results
  WHERE section IN ('revenue', 'cost_of_sales', 'operating') GROUP BY day, currency
  UNION ALL
  SELECT day, 'net_profit', 'money', currency, sum(result) FROM results GROUP BY day, currency
  UNION ALL
  SELECT posted_on, 'cash_movement', 'money', currency, sum(amount) FROM fact_ledger
  WHERE statement_line = 'cash' GROUP BY posted_on, currency
  UNION ALL
  SELECT ordered_on, 'ordered', 'money', currency, sum(amount) FROM fact_order_line GROUP BY ordered_on, currency
  UNION ALL
  SELECT ordered_on, 'orders', 'count', 'none', count(DISTINCT order_id) FROM fact_order_line GROUP BY ordered_on
  UNION ALL
  SELECT invoice_date, 'invoiced', 'money', currency, sum(amount) FROM fact_invoice
  WHERE document_type = 'invoice' GROUP BY invoice_date, currency
  UNION ALL
  SELECT invoice_date, 'credited', 'money', currency, -sum(amount) FROM fact_invoice
  WHERE document_type = 'credit_memo' GROUP BY invoice_date, currency
  UNION ALL
  SELECT settled_on, 'cash_received', 'money', currency, sum(settled_amount) FROM fact_payment
  WHERE is_settled GROUP BY settled_on, currency
  UNION ALL
  SELECT refunded_on, 'refunded', 'money', currency, sum(amount) FROM refunds GROUP BY refunded_on, currency
  UNION ALL
  SELECT attempted_on, 'payment_attempts', 'count', 'none', count(*) FROM fact_payment GROUP BY attempted_on
  UNION ALL
  SELECT attempted_on, 'payments_settled', 'count', 'none', sum(CASE WHEN is_settled THEN 1 ELSE 0 END) FROM fact_payment GROUP BY attempted_on
  UNION ALL
  SELECT first_invoice_on, 'new_customers', 'count', 'none', count(DISTINCT customer_cluster) FROM customer_360
  WHERE first_invoice_on IS NOT NULL GROUP BY first_invoice_on
  UNION ALL
  SELECT opened_on, 'tickets', 'count', 'none', count(*) FROM tickets GROUP BY opened_on
)
SELECT n.day, d.period_start, n.kpi, n.unit, n.currency, CAST(n.value AS DECIMAL(38,4)) AS value
FROM numbers AS n
JOIN fiscal_days AS d ON d.day = n.day
