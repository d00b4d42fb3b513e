-- One row per line of an order to a vendor, in its newest version.
-- grain: commitment_id
SELECT
  commitment_id,
  version AS commitment_version,
  purchase_order,
  department,
  account,
  ordered_on,
  closed_on,
  amount,
  currency
FROM raw_commitments
