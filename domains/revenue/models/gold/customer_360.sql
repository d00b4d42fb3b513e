-- All that is known of each customer on the latest day, all of its accounts together. Scores are
-- fifths of the customers that bought at all: equal numbers have equal scores, 5 is the best fifth.
-- grain: customer_cluster, currency
WITH latest AS (
  SELECT as_of FROM as_of_days WHERE is_latest
),
members AS (
  SELECT c.customer_cluster, c.customer_id, p.city, p.country, p.segment, p.marketing_consent, p.created_on,
    row_number() OVER (PARTITION BY c.customer_cluster ORDER BY c.customer_id) AS turn
  FROM customer_clusters AS c
  JOIN customer_parties AS p ON p.customer_id = c.customer_id
),
party AS (
  SELECT customer_cluster,
    CAST(count(*) AS BIGINT) AS accounts,
    max(CASE WHEN turn = 1 THEN customer_id ELSE '' END)
      || max(CASE WHEN turn = 2 THEN ', ' || customer_id ELSE '' END)
      || max(CASE WHEN turn = 3 THEN ', ' || customer_id ELSE '' END)
      || max(CASE WHEN turn = 4 THEN ', ' || customer_id ELSE '' END)
      || max(CASE WHEN turn = 5 THEN ', ' || customer_id ELSE '' END)
      || max(CASE WHEN turn = 6 THEN ', ...' ELSE '' END) AS account_ids,
    max(CASE WHEN turn = 1 THEN segment END) AS segment,
    max(CASE WHEN turn = 1 THEN country END) AS country,
    max(CASE WHEN turn = 1 THEN city END) AS city,
    min(CASE WHEN marketing_consent THEN 1 ELSE 0 END) AS consents,
    min(created_on) AS created_on
  FROM members
  GROUP BY customer_cluster
),
reasons AS (
  SELECT c.customer_cluster, min(l.reason) AS first_reason, max(l.reason) AS last_reason
  FROM customer_links AS l
  JOIN customer_clusters AS c ON c.customer_id = l.customer_id
  GROUP BY c.customer_cluster
),
billed AS (
  SELECT i.customer_cluster, i.currency,
    min(CASE WHEN i.amount > 0 AND i.document_type = 'invoice' THEN i.invoice_date END) AS first_invoice_on,
    max(CASE WHEN i.amount > 0 AND i.document_type = 'invoice' THEN i.invoice_date END) AS last_invoice_on,
    sum(CASE WHEN i.amount > 0 AND i.document_type = 'invoice' THEN 1 ELSE 0 END) AS invoices,
    sum(CASE WHEN i.document_type <> 'adjustment' THEN i.amount ELSE 0 END) AS lifetime_value,
    sum(CASE WHEN i.amount < 0 AND i.document_type <> 'adjustment' THEN -i.amount ELSE 0 END) AS credited,
    sum(i.days_late) AS days_late,
    count(i.days_late) AS settled_invoices,
    sum(CASE WHEN i.is_disputed THEN 1 ELSE 0 END) AS disputed_invoices
  FROM fact_invoice AS i
  JOIN latest AS l ON i.invoice_date <= l.as_of
  GROUP BY i.customer_cluster, i.currency
),
currencies AS (
  SELECT customer_cluster, currency FROM billed
  UNION
  SELECT customer_cluster, currency FROM fact_payment
),
base_currency AS (
  SELECT coalesce(min(currency), '?') AS currency FROM currencies
),
keys AS (
  SELECT p.customer_cluster, coalesce(k.currency, b.currency) AS currency
  FROM party AS p
  CROSS JOIN base_currency AS b
  LEFT JOIN currencies AS k ON k.customer_cluster = p.customer_cluster
),
paid AS (
  SELECT p.customer_cluster, p.currency, sum(p.settled_amount) AS paid, sum(p.refunded_amount) AS refunded,
    sum(CASE WHEN p.status = 'failed' THEN 1 ELSE 0 END) AS failed_payments
  FROM fact_payment AS p
  JOIN latest AS l ON p.attempted_on <= l.as_of
  GROUP BY p.customer_cluster, p.currency
),
owed AS (
  SELECT customer_cluster, currency, sum(open_amount) AS open_amount,
    sum(CASE WHEN days_past_due > 0 THEN open_amount ELSE 0 END) AS overdue_amount,
    max(CASE WHEN days_past_due > 0 THEN days_past_due ELSE 0 END) AS oldest_overdue_days
  FROM receivables_ageing
  WHERE is_latest
  GROUP BY customer_cluster, currency
),
ordered AS (
  SELECT o.customer_cluster, o.currency, count(DISTINCT o.order_id) AS orders
  FROM fact_order_line AS o
  JOIN latest AS l ON o.ordered_on <= l.as_of
  GROUP BY o.customer_cluster, o.currency
),
asked AS (
  SELECT c.customer_cluster, count(*) AS tickets,
    sum(CASE WHEN t.closed_on IS NULL OR t.closed_on > l.as_of THEN 1 ELSE 0 END) AS open_tickets,
    sum(t.satisfaction) AS satisfaction, count(t.satisfaction) AS rated
  FROM tickets AS t
  JOIN latest AS l ON t.opened_on <= l.as_of
  JOIN customer_clusters AS c ON c.customer_id = t.customer_id
  GROUP BY c.customer_cluster
),
gathered AS (
  SELECT
    k.customer_cluster, k.currency, n.cluster_name AS name, p.accounts, p.account_ids,
    CASE WHEN r.first_reason IS NULL THEN ''
      WHEN r.first_reason = r.last_reason THEN r.first_reason
      ELSE r.first_reason || '; ' || r.last_reason END AS why_one,
    coalesce(p.segment, '?') AS segment, coalesce(p.country, '?') AS country, p.city, p.consents = 1 AS may_be_contacted,
    CASE WHEN p.created_on IS NULL THEN b.first_invoice_on
      WHEN b.first_invoice_on IS NULL THEN p.created_on ELSE least(p.created_on, b.first_invoice_on) END AS since,
    b.first_invoice_on, b.last_invoice_on,
    coalesce(o.orders, 0) AS orders, coalesce(b.invoices, 0) AS invoices,
    coalesce(b.lifetime_value, 0) AS lifetime_value, coalesce(b.credited, 0) AS credited,
    coalesce(m.paid, 0) AS paid, coalesce(m.refunded, 0) AS refunded, coalesce(m.failed_payments, 0) AS failed_payments,
    coalesce(w.open_amount, 0) AS open_amount, coalesce(w.overdue_amount, 0) AS overdue_amount,
    coalesce(w.oldest_overdue_days, 0) AS oldest_overdue_days,
    ratio_2(b.days_late, b.settled_invoices) AS average_days_late,
    coalesce(b.disputed_invoices, 0) AS disputed_invoices,
    coalesce(a.tickets, 0) AS tickets, coalesce(a.open_tickets, 0) AS open_tickets,
    ratio_2(a.satisfaction, a.rated) AS satisfaction,
    l.as_of,
    -- bullion: allow sql-duckdb-only
    date_diff('day', b.last_invoice_on, l.as_of) AS recency_days,
    -- bullion: allow sql-duckdb-only
    date_diff('day', b.first_invoice_on, b.last_invoice_on) AS active_days
  FROM keys AS k
  CROSS JOIN latest AS l
  JOIN party AS p ON p.customer_cluster = k.customer_cluster
  JOIN customer_clusters AS n ON n.customer_id = k.customer_cluster
  LEFT JOIN reasons AS r ON r.customer_cluster = k.customer_cluster
  LEFT JOIN billed AS b ON b.customer_cluster = k.customer_cluster AND b.currency = k.currency
  LEFT JOIN paid AS m ON m.customer_cluster = k.customer_cluster AND m.currency = k.currency
  LEFT JOIN owed AS w ON w.customer_cluster = k.customer_cluster AND w.currency = k.currency
  LEFT JOIN ordered AS o ON o.customer_cluster = k.customer_cluster AND o.currency = k.currency
  LEFT JOIN asked AS a ON a.customer_cluster = k.customer_cluster
),
ranked AS (
  SELECT customer_cluster, currency,
    5 - CAST(floor(5 * (rank() OVER (PARTITION BY currency ORDER BY last_invoice_on DESC) - 1)
      / nullif(CAST(count(*) OVER (PARTITION BY currency) AS DOUBLE), 0)) AS INT) AS recency_score,
    5 - CAST(floor(5 * (rank() OVER (PARTITION BY currency ORDER BY invoices DESC) - 1)
      / nullif(CAST(count(*) OVER (PARTITION BY currency) AS DOUBLE), 0)) AS INT) AS frequency_score,
    5 - CAST(floor(5 * (rank() OVER (PARTITION BY currency ORDER BY lifetime_value DESC) - 1)
      / nullif(CAST(count(*) OVER (PARTITION BY currency) AS DOUBLE), 0)) AS INT) AS monetary_score
  FROM gathered
  WHERE invoices > 0
),
judged AS (
  SELECT g.*, r.recency_score, r.frequency_score, r.monetary_score,
    CASE
      WHEN g.oldest_overdue_days > 90 THEN 'high'
      WHEN g.oldest_overdue_days > 30 OR g.average_days_late > 15 OR g.disputed_invoices > 0 OR g.failed_payments > 2 THEN 'medium'
      ELSE 'low'
    END AS payment_risk,
    -- Three times the usual pause between invoices, and a year for those that bought once.
    CASE
      WHEN g.invoices = 0 THEN 'none'
      WHEN g.invoices = 1 THEN CASE WHEN g.recency_days > 365 THEN 'high' WHEN g.recency_days > 180 THEN 'medium' ELSE 'low' END
      WHEN g.recency_days > 60 AND g.recency_days * (g.invoices - 1) > 3 * g.active_days THEN 'high'
      WHEN g.recency_days > 30 AND g.recency_days * (g.invoices - 1) > 2 * g.active_days THEN 'medium'
      ELSE 'low'
    END AS churn_risk
  FROM gathered AS g
  LEFT JOIN ranked AS r ON r.customer_cluster = g.customer_cluster AND r.currency = g.currency
),
explained AS (
  SELECT *,
    CASE WHEN oldest_overdue_days > 30 THEN 'overdue for ' || CAST(oldest_overdue_days AS STRING) || ' days; ' ELSE '' END
      || CASE WHEN average_days_late > 15 THEN 'pays ' || CAST(CAST(average_days_late AS DECIMAL(18,2)) AS STRING) || ' days late on average; ' ELSE '' END
      || CASE WHEN disputed_invoices > 0 THEN CAST(disputed_invoices AS STRING) || ' disputed; ' ELSE '' END
      || CASE WHEN failed_payments > 2 THEN CAST(failed_payments AS STRING) || ' failed payments; ' ELSE '' END
      || CASE WHEN churn_risk IN ('medium', 'high') THEN 'no invoice for ' || CAST(recency_days AS STRING) || ' days; ' ELSE '' END
      AS reasons
  FROM judged
)
SELECT
  customer_cluster,
  currency,
  name,
  accounts,
  account_ids,
  why_one,
  segment,
  country,
  city,
  may_be_contacted,
  since,
  -- bullion: allow sql-duckdb-only
  CAST(date_diff('day', since, as_of) AS BIGINT) AS tenure_days,
  CASE WHEN first_invoice_on IS NOT NULL THEN month_key(first_invoice_on) END AS cohort,
  first_invoice_on,
  last_invoice_on,
  CAST(orders AS BIGINT) AS orders,
  CAST(invoices AS BIGINT) AS invoices,
  CAST(lifetime_value AS DECIMAL(38,4)) AS lifetime_value,
  CAST(credited AS DECIMAL(38,4)) AS credited,
  CAST(ratio_2(lifetime_value, invoices) AS DECIMAL(18,2)) AS average_invoice,
  CAST(paid AS DECIMAL(38,4)) AS paid,
  CAST(refunded AS DECIMAL(38,4)) AS refunded,
  CAST(failed_payments AS BIGINT) AS failed_payments,
  CAST(open_amount AS DECIMAL(38,4)) AS open_amount,
  CAST(overdue_amount AS DECIMAL(38,4)) AS overdue_amount,
  CAST(oldest_overdue_days AS BIGINT) AS oldest_overdue_days,
  CAST(average_days_late AS DECIMAL(18,2)) AS average_days_late,
  CAST(disputed_invoices AS BIGINT) AS disputed_invoices,
  CAST(tickets AS BIGINT) AS tickets,
  CAST(open_tickets AS BIGINT) AS open_tickets,
  CAST(satisfaction AS DECIMAL(18,2)) AS satisfaction,
  CAST(recency_days AS BIGINT) AS recency_days,
  CAST(recency_score AS INT) AS recency_score,
  CAST(frequency_score AS INT) AS frequency_score,
  CAST(monetary_score AS INT) AS monetary_score,
  CAST(recency_score AS STRING) || CAST(frequency_score AS STRING) || CAST(monetary_score AS STRING) AS rfm,
  CASE
    WHEN recency_score IS NULL THEN 'no purchase'
    WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'champion'
    WHEN recency_score >= 4 AND invoices = 1 THEN 'new'
    WHEN recency_score >= 3 AND frequency_score >= 3 THEN 'loyal'
    WHEN recency_score <= 2 AND frequency_score >= 3 THEN 'at risk'
    WHEN recency_score = 1 THEN 'lost'
    ELSE 'other'
  END AS rfm_segment,
  payment_risk,
  churn_risk,
  substr(reasons, 1, greatest(length(reasons) - 2, 0)) AS risk_reason
FROM explained
