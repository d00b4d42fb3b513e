-- Customers with the days each version of their particulars holds.
-- grain: customer_key
-- The key is a hash of the number and the first day of the version: it is the same in every run. Row
-- -1 is the unknown member.
SELECT
  row_hash(CAST(1 AS UBIGINT), v.customer_id, v.valid_from) AS customer_key,
  v.customer_id,
  v.valid_from,
  v.valid_to,
  v.is_current,
  v.name,
  c.customer_cluster,
  c.cluster_name,
  v.segment,
  v.country,
  v.marketing_consent,
  v.created_on
FROM customer_versions AS v
JOIN customer_clusters AS c ON c.customer_id = v.customer_id
UNION ALL
SELECT -1, '?', DATE '1900-01-01', DATE '9999-12-31', true, 'Unknown customer', '?', 'Unknown customer', NULL, NULL, false, NULL
