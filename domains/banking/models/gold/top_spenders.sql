-- What each customer spent in the last days (var spend_window_days), among all customers and against
-- their own windows before.
-- grain: customer_id, currency
WITH last_day AS (
  SELECT max(dt) AS dt, min(dt) AS first_day FROM account_day
),
-- The days of the windows: turn 0 ends with the last day, and each window before has a larger turn.
window_days AS (
  SELECT
    CAST(l.dt - CAST(n AS INT) AS DATE) AS dt,
    n - n % {{ var('spend_window_days') }} AS turn,
    l.dt - CAST(n AS INT) >= l.first_day AS is_in_data
  FROM range(0, {{ var('spend_window_days') }} * (1 + {{ var('spend_history_windows') }})) AS t(n)
  CROSS JOIN last_day AS l
),
-- Windows before the last one that lie wholly within the data.
whole_windows AS (
  SELECT turn
  FROM window_days
  WHERE turn > 0
  GROUP BY turn
  HAVING bool_and(is_in_data)
),
history AS (
  SELECT CAST(count(*) AS BIGINT) AS windows FROM whole_windows
),
placed AS (
  SELECT d.customer_id, d.currency, d.spend, w.turn, h.turn IS NOT NULL AS is_history
  FROM account_day AS d
  JOIN window_days AS w ON w.dt = d.dt
  LEFT JOIN whole_windows AS h ON h.turn = w.turn
),
sums AS (
  SELECT
    p.customer_id,
    p.currency,
    h.windows,
    CAST(sum(CASE WHEN p.turn = 0 THEN p.spend ELSE 0 END) AS DECIMAL(38,2)) AS spend,
    CAST(sum(CASE WHEN p.is_history THEN p.spend ELSE 0 END) AS DECIMAL(38,2)) AS spend_before
  FROM placed AS p
  CROSS JOIN history AS h
  GROUP BY p.customer_id, p.currency, h.windows
),
ranked AS (
  SELECT
    s.*,
    rank() OVER (PARTITION BY s.currency ORDER BY s.spend DESC) AS spend_rank,
    count(*) OVER (PARTITION BY s.currency) AS customers
  FROM sums AS s
)
SELECT
  r.customer_id,
  c.customer_name,
  c.state,
  r.currency,
  l.dt AS window_end,
  r.spend,
  CAST(r.spend_rank AS BIGINT) AS spend_rank,
  CAST(r.customers AS BIGINT) AS customers,
  -- Percent of the customers that spent less.
  CAST(ratio(CAST(100 * (r.customers - r.spend_rank) AS DECIMAL(18,0)), CAST(r.customers AS DECIMAL(18,0)), 1) AS DECIMAL(5,1)) AS percentile,
  CAST(ratio(r.spend_before, CAST(r.windows AS DECIMAL(18,0)), 2) AS DECIMAL(38,2)) AS usual_spend,
  coalesce(
    r.windows > 0 AND r.spend > 0 AND r.spend_before > 0
      AND 100 * r.spend * r.windows >= {{ var('spend_unusual_percent') }} * r.spend_before, false) AS is_unusual
FROM ranked AS r
CROSS JOIN last_day AS l
LEFT JOIN customers AS c ON c.customer_id = r.customer_id
