-- Lines of purchase orders, in their newest version.
-- grain: commitment_id
SELECT
  commitment_id,
  version AS commitment_version,
  purchase_order,
  ordered_on,
  closed_on,
  vendor_id,
  department,
  account,
  coalesce(campaign_id, '') AS campaign_id,
  amount,
  currency,
  coalesce(is_withdrawn, false) AS is_withdrawn
FROM raw_commitments
