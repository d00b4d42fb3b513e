-- Vendors with the days each version of their particulars holds.
-- grain: vendor_key
-- The key is a hash of the natural key and the first day of the version: it is the same in every
-- run. Row -1 is the unknown member.
SELECT
  row_hash(CAST(1 AS UBIGINT), vendor_id, valid_from) AS vendor_key,
  vendor_id,
  valid_from,
  valid_to,
  is_current,
  name,
  vendor_cluster,
  cluster_name,
  tax_id,
  country,
  entity,
  created_on
FROM (
  SELECT v.vendor_id, v.valid_from, v.valid_to, v.is_current, v.name, c.vendor_cluster, c.cluster_name,
    v.tax_id, v.country, v.entity, v.created_on
  FROM vendor_versions AS v
  JOIN vendor_clusters AS c ON c.vendor_id = v.vendor_id
) AS known
UNION ALL
SELECT -1, '?', DATE '1900-01-01', DATE '9999-12-31', true, 'Unknown vendor', '?', 'Unknown vendor', NULL, NULL, NULL, NULL
