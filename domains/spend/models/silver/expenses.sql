-- One row per card purchase or claim, in its newest version.
-- grain: expense_id
-- Three dates are kept: when it was bought, handed in and posted. Only the first two say
-- anything about weekends.
SELECT
  expense_id,
  version AS expense_version,
  entity,
  channel,
  employee_id,
  card_id,
  department,
  account,
  category,
  merchant,
  spent_on,
  submitted_on,
  posted_on,
  amount,
  currency,
  campaign_id,
  batch_id,
  coalesce(is_withdrawn, false) AS is_withdrawn,
  month_key(posted_on) AS posted_month
FROM raw_expenses
