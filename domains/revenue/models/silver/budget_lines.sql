-- One row per planned amount, in its newest version.
-- grain: budget_line_id
SELECT
  budget_line_id,
  version AS budget_version,
  fiscal_month,
  department,
  account,
  amount,
  currency
FROM raw_budgets
