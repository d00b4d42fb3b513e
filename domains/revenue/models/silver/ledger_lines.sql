-- One row per line of the general ledger, in its newest version.
-- grain: line_id
SELECT
  line_id,
  version AS line_version,
  journal_id,
  posted_on,
  account,
  coalesce(department, '') AS department,
  amount,
  currency,
  document_id,
  memo,
  coalesce(is_withdrawn, false) AS is_withdrawn,
  month_key(posted_on) AS posted_month
FROM raw_ledger
