-- Charges of the newest Azure export of each billing period, in the words of FOCUS.
SELECT
  billing_period_start,
  usage_date AS charge_date,
  'Microsoft' AS provider_name,
  billing_account_id,
  subscription_id AS sub_account_id,
  meter_category AS service_name,
  resource_location AS region_id,
  CASE
    WHEN charge_type = 'Usage' THEN 'Usage'
    WHEN charge_type = 'Purchase' THEN 'Purchase'
    WHEN charge_type = 'Tax' THEN 'Tax'
    WHEN charge_type = 'Refund' THEN 'Credit'
    ELSE 'Adjustment'
  END AS charge_category,
  CASE WHEN charge_type = 'Refund' THEN 'Correction' END AS charge_class,
  meter_name AS charge_description,
  currency,
  cost AS billed_cost,
  cost AS effective_cost,
  cost AS contracted_cost,
  CAST(NULL AS DECIMAL(38,18)) AS list_cost,
  quantity AS usage_quantity,
  unit_of_measure AS usage_unit,
  resource_id
FROM azure_export
