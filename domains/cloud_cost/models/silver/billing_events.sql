-- Stage 1: one row per billing event, in its newest version.
-- grain: event_id
-- owner: finops@example.com
-- time column: usage_date
-- The row keeps the version it shows; all versions stay in raw_billing_events. The newest
-- version is the one with the largest event_version, then the latest ingestion_date, then the
-- larger hash of its content: never the order in which files arrived.
SELECT
  event_id,
  tenant_id,
  account_id,
  service_name,
  region,
  pricing_model,
  charge_category,
  charge_class,
  usage_date,
  usage_quantity,
  usage_unit,
  cost AS cost_usd,
  currency,
  ingestion_date,
  event_version,
  coalesce(is_withdrawn, false) AS is_withdrawn
FROM raw_billing_events
