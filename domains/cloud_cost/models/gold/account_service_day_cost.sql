-- Stage 2: what each account paid for each service on each day.
-- grain: tenant_id, account_id, service_name, usage_date, currency
-- owner: finops@example.com
-- time column: usage_date
SELECT
  tenant_id,
  account_id,
  service_name,
  usage_date,
  currency,
  CAST(sum(cost_usd) AS DECIMAL(38,6)) AS total_cost_usd,
  CAST(count(*) AS BIGINT) AS event_count
FROM billing_events
GROUP BY tenant_id, account_id, service_name, usage_date, currency
