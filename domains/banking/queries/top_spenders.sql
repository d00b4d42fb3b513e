-- title: Top spenders
-- description: Who spent most in the days up to a day, and what each usually spends in as many days.
-- parameter: days integer = 30; Length of the window
-- parameter: to day of latest = latest; Last day as YYYY-MM-DD, or latest
-- parameter: top integer = 20; How many
WITH last_day AS (
  SELECT CASE WHEN $to = 'latest' THEN max(dt) ELSE CAST($to AS DATE) END AS dt, min(dt) AS first_day FROM account_day
),
sums AS (
  SELECT
    d.customer_id, d.currency,
    sum(CASE WHEN d.dt > l.dt - CAST($days AS INT) THEN d.spend ELSE 0 END) AS spend,
    sum(CASE WHEN d.dt <= l.dt - CAST($days AS INT) THEN d.spend ELSE 0 END) AS spend_before,
    greatest(0, date_diff('day', l.first_day, l.dt) + 1 - CAST($days AS INT)) AS days_before
  FROM account_day AS d
  JOIN last_day AS l ON d.dt <= l.dt
  GROUP BY d.customer_id, d.currency, l.dt, l.first_day
),
ranked AS (
  SELECT s.*, rank() OVER (PARTITION BY currency ORDER BY spend DESC) AS spend_rank, count(*) OVER (PARTITION BY currency) AS customers
  FROM sums AS s
)
SELECT r.spend_rank, r.customer_id, c.customer_name, c.state, r.currency, r.spend,
  ratio_1(100 * (r.customers - r.spend_rank), r.customers) AS percentile,
  ratio_2(r.spend_before * CAST($days AS INT), r.days_before) AS usual_spend
FROM ranked AS r
LEFT JOIN customers AS c ON c.customer_id = r.customer_id
WHERE r.spend_rank <= CAST($top AS INT)
ORDER BY r.currency, r.spend_rank, r.customer_id
