-- The days at whose end receivables are stated: the last day of each fiscal month there are invoices
-- in or after, and the day of bullion.yml or the last day anything happened. Models see no clock.
-- grain: as_of
WITH happened AS (
  SELECT min(invoice_date) AS first_day, max(invoice_date) AS last_day FROM invoices
  UNION ALL
  SELECT min(attempted_on), max(coalesce(settled_on, attempted_on)) FROM payments
  UNION ALL
  SELECT min(posted_on), max(posted_on) FROM ledger_lines
  UNION ALL
  SELECT min(ordered_on), max(ordered_on) FROM order_lines
),
bounds AS (
  SELECT min(first_day) AS first_day,
    coalesce(CAST(nullif('{{ var('as_of') }}', 'latest') AS DATE), max(last_day)) AS last_day
  FROM happened
)
SELECT CAST(d.day AS DATE) AS as_of, d.period_start, d.day = b.last_day AS is_latest
FROM fiscal_days AS d
JOIN bounds AS b ON d.day >= b.first_day AND d.day <= b.last_day
WHERE d.day = b.last_day OR d.day = d.next_period_start - 1
