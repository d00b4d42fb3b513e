-- Per tenant, day and currency both facts must hold the same money and the same number of events.
WITH by_service AS (
  SELECT
    tenant_id,
    usage_date,
    currency,
    sum(total_cost_usd) AS total_cost_usd,
    sum(event_count) AS event_count
  FROM account_service_day_cost
  GROUP BY tenant_id, usage_date, currency
),
by_account AS (
  SELECT
    tenant_id,
    usage_date,
    currency,
    sum(total_cost_usd) AS total_cost_usd,
    sum(event_count) AS event_count
  FROM daily_account_cost
  GROUP BY tenant_id, usage_date, currency
)
SELECT
  coalesce(s.tenant_id, a.tenant_id) AS tenant_id,
  coalesce(s.usage_date, a.usage_date) AS usage_date,
  coalesce(s.currency, a.currency) AS currency,
  s.total_cost_usd AS cost_by_service,
  a.total_cost_usd AS cost_by_account,
  s.event_count AS events_by_service,
  a.event_count AS events_by_account
FROM by_service AS s
FULL OUTER JOIN by_account AS a
  ON a.tenant_id = s.tenant_id AND a.usage_date = s.usage_date AND a.currency = s.currency
WHERE s.total_cost_usd IS DISTINCT FROM a.total_cost_usd
  OR s.event_count IS DISTINCT FROM a.event_count
