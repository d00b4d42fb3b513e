-- Accounts from which far more left on one day than ever before: many times what leaves on a usual day,
-- and clearly more than on the worst day of all months before.
WITH past AS (
  SELECT
    account_month_id, account_id, customer_id, month_start, currency, largest_outflow,
    count(*) OVER w AS months_before,
    sum(outflow_days) OVER w AS days_before,
    sum(outflow) OVER w AS outflow_before,
    max(largest_outflow) OVER w AS largest_before
  FROM account_month_changes
  WINDOW w AS (PARTITION BY account_id, currency ORDER BY month_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
found AS (
  SELECT *, CAST(ratio_2(outflow_before, days_before) AS DECIMAL(38,2)) AS usual
  FROM past
  WHERE months_before >= {{ param('min_months') }} AND days_before >= {{ param('min_days') }}
    AND largest_outflow >= {{ param('min_amount') }}
    AND largest_outflow * days_before >= {{ param('times_usual') }} * outflow_before
    AND 100 * largest_outflow >= {{ param('percent_of_largest') }} * largest_before
),
-- The first day on which so much left.
days AS (
  SELECT f.account_month_id, min(d.dt) AS dt
  FROM found AS f
  JOIN account_day AS d ON d.account_id = f.account_id AND d.currency = f.currency AND d.amount_signed = -f.largest_outflow
    AND CAST(date_trunc('month', d.dt) AS DATE) = f.month_start
  GROUP BY f.account_month_id
)
SELECT
  'outflow|' || f.account_month_id AS finding_key,
  'account' AS subject_type,
  f.account_id AS subject_id,
  f.account_month_id AS row_id,
  'flagged' AS role,
  d.dt AS occurred_on,
  CAST(f.largest_outflow AS DECIMAL(28,6)) AS amount_at_risk,
  f.currency,
  CAST(CASE WHEN f.largest_outflow * f.days_before >= 3 * {{ param('times_usual') }} * f.outflow_before THEN 0.8 ELSE 0.6 END AS DECIMAL(5,4)) AS strength,
  f.currency || ' ' || CAST(f.largest_outflow AS STRING) || ' left account ' || f.account_id || ' of customer ' || f.customer_id || ' on '
    || CAST(d.dt AS STRING) || '; on a usual day ' || CAST(f.usual AS STRING) || ', on the worst one before '
    || CAST(f.largest_before AS STRING) AS reason
FROM found AS f
JOIN days AS d ON d.account_month_id = f.account_month_id
