-- Stage 3: what each account paid on each day, and whether that day's bill is complete.
-- grain: tenant_id, account_id, usage_date, currency
-- owner: finops@example.com
-- time column: usage_date
-- published_at and first_published_at are added when the release is published.
SELECT
  cost.tenant_id,
  cost.account_id,
  cost.usage_date,
  cost.currency,
  CAST(sum(cost.total_cost_usd) AS DECIMAL(38,6)) AS total_cost_usd,
  CAST(sum(cost.event_count) AS BIGINT) AS event_count,
  coalesce(bool_and(calendar.data_complete), false) AS data_complete
FROM account_service_day_cost AS cost
LEFT JOIN billing_calendar AS calendar
  ON calendar.usage_date = cost.usage_date AND calendar.tenant_id = cost.tenant_id
GROUP BY cost.tenant_id, cost.account_id, cost.usage_date, cost.currency
