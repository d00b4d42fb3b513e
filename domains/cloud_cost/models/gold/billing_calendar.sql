-- The completeness calendar: a row for every day between a tenant's first and last day of usage,
-- also for days without any event.
-- grain: tenant_id, usage_date
-- owner: finops@example.com
-- time column: usage_date
-- A pair is one account and one service. The days before a day say which pairs are regular, and how
-- many events each usually has. A day is complete when every regular pair is there within its own
-- volume band. Products are compared instead of quotients, so that nothing is rounded.
WITH pair_days AS (
  SELECT
    tenant_id,
    account_id,
    service_name,
    usage_date,
    CAST(sum(event_count) AS BIGINT) AS event_count
  FROM account_service_day_cost
  GROUP BY tenant_id, account_id, service_name, usage_date
),
tenant_bounds AS (
  SELECT tenant_id, min(usage_date) AS first_day, max(usage_date) AS last_day
  FROM pair_days
  GROUP BY tenant_id
),
-- tests/plausible_usage_date.sql keeps usage dates inside this century.
century AS (
  SELECT CAST(DATE '2000-01-01' + CAST(n AS INT) AS DATE) AS usage_date
  FROM range(0, 36525) AS t(n)
),
calendar AS (
  SELECT
    bounds.tenant_id,
    century.usage_date,
    CAST(least(
      {{ var('lookback_days') }},
      row_number() OVER (PARTITION BY bounds.tenant_id ORDER BY century.usage_date NULLS FIRST) - 1
    ) AS BIGINT) AS lookback_days
  FROM tenant_bounds AS bounds
  JOIN century ON century.usage_date BETWEEN bounds.first_day AND bounds.last_day
),
-- A pair is looked at from its first day until it has left the look-back of every later day.
pair_bounds AS (
  SELECT
    tenant_id,
    account_id,
    service_name,
    min(usage_date) AS first_day,
    max(usage_date) + {{ var('lookback_days') }} AS last_day
  FROM pair_days
  GROUP BY tenant_id, account_id, service_name
),
expected_pair_days AS (
  SELECT
    pair.tenant_id,
    pair.account_id,
    pair.service_name,
    calendar.usage_date,
    calendar.lookback_days,
    coalesce(seen.event_count, 0) AS event_count
  FROM pair_bounds AS pair
  JOIN calendar
    ON calendar.tenant_id = pair.tenant_id
    AND calendar.usage_date BETWEEN pair.first_day AND pair.last_day
  LEFT JOIN pair_days AS seen
    ON seen.tenant_id = pair.tenant_id
    AND seen.account_id = pair.account_id
    AND seen.service_name = pair.service_name
    AND seen.usage_date = calendar.usage_date
),
with_lookback AS (
  SELECT
    tenant_id,
    usage_date,
    lookback_days,
    event_count,
    coalesce(sum(CASE WHEN event_count > 0 THEN 1 ELSE 0 END) OVER earlier, 0) AS days_seen,
    coalesce(sum(event_count) OVER earlier, 0) AS lookback_events
  FROM expected_pair_days
  WINDOW earlier AS (
    PARTITION BY tenant_id, account_id, service_name
    ORDER BY usage_date NULLS FIRST
    ROWS BETWEEN {{ var('lookback_days') }} PRECEDING AND 1 PRECEDING
  )
),
judged AS (
  SELECT
    tenant_id,
    usage_date,
    event_count,
    lookback_events,
    CASE
      WHEN lookback_days >= {{ var('min_history_days') }}
        AND 100 * days_seen >= {{ var('regular_share_percent') }} * lookback_days
      THEN 1 ELSE 0
    END AS is_regular,
    CASE
      WHEN event_count > 0
        AND 100 * (event_count + {{ var('volume_slack_events') }}) * lookback_days
          >= {{ var('volume_low_percent') }} * lookback_events
        AND 100 * (event_count - {{ var('volume_slack_events') }}) * lookback_days
          <= {{ var('volume_high_percent') }} * lookback_events
      THEN 1 ELSE 0
    END AS is_in_band
  FROM with_lookback
),
day_totals AS (
  SELECT
    tenant_id,
    usage_date,
    CAST(sum(event_count) AS BIGINT) AS event_count,
    CAST(sum(is_regular) AS BIGINT) AS regular_pairs_expected,
    CAST(sum(CASE WHEN event_count > 0 THEN is_regular ELSE 0 END) AS BIGINT)
      AS regular_pairs_present,
    CAST(sum(is_regular * is_in_band) AS BIGINT) AS regular_pairs_in_band,
    CAST(sum(is_regular * event_count) AS BIGINT) AS regular_event_count,
    CAST(sum(is_regular * lookback_events) AS BIGINT) AS lookback_event_count
  FROM judged
  GROUP BY tenant_id, usage_date
),
every_day AS (
  SELECT
    calendar.tenant_id,
    calendar.usage_date,
    calendar.lookback_days,
    coalesce(totals.event_count, 0) AS event_count,
    coalesce(totals.regular_pairs_expected, 0) AS regular_pairs_expected,
    coalesce(totals.regular_pairs_present, 0) AS regular_pairs_present,
    coalesce(totals.regular_pairs_in_band, 0) AS regular_pairs_in_band,
    coalesce(totals.regular_event_count, 0) AS regular_event_count,
    coalesce(totals.lookback_event_count, 0) AS lookback_event_count
  FROM calendar
  LEFT JOIN day_totals AS totals
    ON totals.tenant_id = calendar.tenant_id AND totals.usage_date = calendar.usage_date
)
SELECT
  tenant_id,
  usage_date,
  event_count,
  regular_pairs_expected,
  regular_pairs_present,
  regular_pairs_in_band,
  lookback_days,
  regular_event_count,
  CAST(ratio(
    CAST({{ var('volume_low_percent') }} * lookback_event_count AS DECIMAL(18,0)),
    CAST(100 * nullif(lookback_days, 0) AS DECIMAL(18,0)), 2
  ) AS DECIMAL(38,2)) AS volume_low,
  CAST(ratio(
    CAST({{ var('volume_high_percent') }} * lookback_event_count AS DECIMAL(18,0)),
    CAST(100 * nullif(lookback_days, 0) AS DECIMAL(18,0)), 2
  ) AS DECIMAL(38,2)) AS volume_high,
  lookback_days >= {{ var('min_history_days') }}
    AND regular_pairs_in_band = regular_pairs_expected AS data_complete,
  CASE
    WHEN lookback_days < {{ var('min_history_days') }} THEN 'no history'
    WHEN regular_pairs_present < regular_pairs_expected THEN 'regular pairs missing'
    WHEN regular_pairs_in_band < regular_pairs_expected THEN 'volume out of band'
    ELSE 'complete'
  END AS completeness
FROM every_day
