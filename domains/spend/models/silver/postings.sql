-- Postings without an invoice or a purchase, in their newest version.
-- grain: posting_id
SELECT
  posting_id,
  version AS posting_version,
  posted_on,
  coalesce(department, '?') AS department,
  account,
  coalesce(campaign_id, '') AS campaign_id,
  item,
  quantity,
  amount,
  currency,
  coalesce(is_withdrawn, false) AS is_withdrawn
FROM raw_postings
