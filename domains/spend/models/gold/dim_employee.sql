-- Employees with the days each version of their particulars holds.
-- grain: employee_key
-- The key is a hash of the natural key and the first day of the version: it is the same in every
-- run. Row -1 is the unknown member.
SELECT
  row_hash(CAST(1 AS UBIGINT), employee_id, valid_from) AS employee_key,
  employee_id,
  valid_from,
  valid_to,
  is_current,
  name,
  department,
  entity,
  country
FROM employee_versions
UNION ALL
SELECT -1, '?', DATE '1900-01-01', DATE '9999-12-31', true, 'Unknown employee', NULL, '?', '?'
