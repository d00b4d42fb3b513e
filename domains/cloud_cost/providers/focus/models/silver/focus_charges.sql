-- Charges of the newest FOCUS export of each billing period.
SELECT
  BillingPeriodStart AS billing_period_start,
  CAST(ChargePeriodStart AS DATE) AS charge_date,
  ProviderName AS provider_name,
  BillingAccountId AS billing_account_id,
  SubAccountId AS sub_account_id,
  ServiceName AS service_name,
  RegionId AS region_id,
  ChargeCategory AS charge_category,
  ChargeClass AS charge_class,
  ChargeDescription AS charge_description,
  BillingCurrency AS currency,
  BilledCost AS billed_cost,
  EffectiveCost AS effective_cost,
  ContractedCost AS contracted_cost,
  ListCost AS list_cost,
  ConsumedQuantity AS usage_quantity,
  ConsumedUnit AS usage_unit,
  ResourceId AS resource_id
FROM focus_export
