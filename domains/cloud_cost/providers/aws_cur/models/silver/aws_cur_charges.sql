-- Line items of the newest AWS Cost and Usage Report of each billing period, in the words of FOCUS.
-- The effective cost of a covered usage is what the reservation or savings plan says it took.
SELECT
  billing_period_start,
  CAST(usage_start AS DATE) AS charge_date,
  'AWS' AS provider_name,
  payer_account_id AS billing_account_id,
  usage_account_id AS sub_account_id,
  coalesce(product_name, product_code) AS service_name,
  region AS region_id,
  CASE
    WHEN line_item_type = 'Tax' THEN 'Tax'
    WHEN line_item_type IN ('Credit', 'Refund') THEN 'Credit'
    WHEN line_item_type IN ('Fee', 'RIFee', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee') THEN 'Purchase'
    WHEN line_item_type IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') THEN 'Usage'
    ELSE 'Adjustment'
  END AS charge_category,
  CASE WHEN line_item_type = 'Refund' THEN 'Correction' END AS charge_class,
  description AS charge_description,
  currency,
  unblended_cost AS billed_cost,
  CASE
    WHEN line_item_type = 'DiscountedUsage' THEN coalesce(reservation_effective_cost, unblended_cost)
    WHEN line_item_type = 'SavingsPlanCoveredUsage' THEN coalesce(savings_plan_effective_cost, unblended_cost)
    ELSE unblended_cost
  END AS effective_cost,
  coalesce(net_unblended_cost, unblended_cost) AS contracted_cost,
  public_on_demand_cost AS list_cost,
  usage_amount AS usage_quantity,
  pricing_unit AS usage_unit,
  resource_id
FROM aws_cur_export
