-- Cost per account, service and day. What total_cost is, the variable gcp_cost_basis says:
-- billed_cost (before credits, the default) or effective_cost (after credits).
-- The other bases stay beside it. grain: billing period, day, account, sub account, service, currency.
SELECT
  billing_period_start,
  charge_date,
  billing_account_id,
  coalesce(sub_account_id, '') AS sub_account_id,
  service_name,
  currency,
  CAST(sum({{ var('gcp_cost_basis', 'billed_cost') }}) AS DECIMAL(38,18)) AS total_cost,
  CAST(sum(billed_cost) AS DECIMAL(38,18)) AS billed_cost,
  CAST(sum(coalesce(effective_cost, billed_cost)) AS DECIMAL(38,18)) AS effective_cost,
  CAST(count(*) AS BIGINT) AS charge_count
FROM gcp_charges
GROUP BY billing_period_start, charge_date, billing_account_id, coalesce(sub_account_id, ''), service_name, currency
