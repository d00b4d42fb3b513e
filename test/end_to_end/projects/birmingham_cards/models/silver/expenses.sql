-- Purchases on the cards of one council.
-- grain: expense_id
SELECT
  _file_id || '/' || _row_id AS expense_id,
  1 AS expense_version,
  'BCC' AS entity,
  'card' AS channel,
  card_number AS employee_id,
  card_number AS card_id,
  cost_centre AS department,
  expense_code AS account,
  expense_name AS category,
  merchant_name AS merchant,
  trans_date AS spent_on,
  trans_date AS submitted_on,
  trans_date AS posted_on,
  coalesce(billing_gross, original_gross) AS amount,
  'GBP' AS currency,
  CAST(NULL AS STRING) AS campaign_id,
  _file_id AS batch_id,
  false AS is_withdrawn,
  month_key(trans_date) AS posted_month
FROM raw_birmingham_cards
