-- Cost per account, service and day. What total_cost is, the variable aws_cur_cost_basis says:
-- billed_cost (unblended, the default), effective_cost (reservations and savings plans spread over
-- their use), contracted_cost (net unblended) or list_cost (public on demand).
-- The other bases stay beside it. grain: billing period, day, account, sub account, service, currency.
SELECT
  billing_period_start,
  charge_date,
  billing_account_id,
  coalesce(sub_account_id, '') AS sub_account_id,
  service_name,
  currency,
  CAST(sum({{ var('aws_cur_cost_basis', 'billed_cost') }}) AS DECIMAL(38,18)) AS total_cost,
  CAST(sum(billed_cost) AS DECIMAL(38,18)) AS billed_cost,
  CAST(sum(coalesce(effective_cost, billed_cost)) AS DECIMAL(38,18)) AS effective_cost,
  CAST(count(*) AS BIGINT) AS charge_count
FROM aws_cur_charges
GROUP BY billing_period_start, charge_date, billing_account_id, coalesce(sub_account_id, ''), service_name, currency
