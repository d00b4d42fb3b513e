-- Cost lines of the newest Google Cloud export of each invoice month, in the words of FOCUS.
-- cost is before credits; what is paid is cost plus credits_amount, which is negative.
SELECT
  invoice_month AS billing_period_start,
  CAST(usage_start AS DATE) AS charge_date,
  'Google Cloud' AS provider_name,
  billing_account_id,
  project_id AS sub_account_id,
  service_name,
  region AS region_id,
  CASE
    WHEN cost_type = 'tax' THEN 'Tax'
    WHEN cost_type = 'adjustment' OR cost_type = 'rounding_error' THEN 'Adjustment'
    ELSE 'Usage'
  END AS charge_category,
  CASE WHEN cost_type = 'adjustment' THEN 'Correction' END AS charge_class,
  sku_description AS charge_description,
  currency,
  cost AS billed_cost,
  CAST(cost + coalesce(credits_amount, 0) AS DECIMAL(38,18)) AS effective_cost,
  cost AS contracted_cost,
  cost_at_list AS list_cost,
  usage_amount AS usage_quantity,
  usage_unit,
  resource_name AS resource_id
FROM gcp_export
