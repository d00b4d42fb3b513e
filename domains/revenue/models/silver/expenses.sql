-- One row per expense, in its newest version.
-- grain: expense_id
SELECT
  expense_id,
  version AS expense_version,
  posted_on,
  department,
  account,
  vendor,
  purchase_order,
  amount,
  currency,
  coalesce(is_withdrawn, false) AS is_withdrawn
FROM raw_expenses
