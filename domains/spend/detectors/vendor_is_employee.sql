-- A vendor that is paid to the account, or lives at the address, of an employee. What many share,
-- such as the address of an office building, proves nothing.
WITH people AS (
  SELECT employee_id, translate(lower(bank_account), ' -./', '') AS bank_key,
    replace(replace(translate(lower(address), ' .,-', ''), 'strasse', 'str'), 'street', 'str') || '|'
      || translate(lower(postcode), ' -', '') AS address_key
  FROM employee_versions
),
vendors AS (
  SELECT vendor_id, name, translate(lower(bank_account), ' -./', '') AS bank_key,
    replace(replace(translate(lower(address), ' .,-', ''), 'strasse', 'str'), 'street', 'str') || '|'
      || translate(lower(postcode), ' -', '') AS address_key
  FROM vendor_versions
),
keys AS (
  SELECT 'bank account' AS what, bank_key AS key_text, employee_id AS id, 1 AS is_person FROM people WHERE bank_key <> ''
  UNION
  SELECT 'address', address_key, employee_id, 1 FROM people WHERE address_key <> '|'
  UNION
  SELECT 'bank account', bank_key, vendor_id, 0 FROM vendors WHERE bank_key <> ''
  UNION
  SELECT 'address', address_key, vendor_id, 0 FROM vendors WHERE address_key <> '|'
),
few AS (
  SELECT what, key_text
  FROM keys
  GROUP BY what, key_text
  HAVING min(is_person) = 0 AND max(is_person) = 1 AND count(*) <= {{ param('max_sharing') }}
),
same AS (
  SELECT v.id AS vendor_id, p.id AS employee_id, max(p.what) AS what
  FROM few AS f
  JOIN keys AS p ON p.what = f.what AND p.key_text = f.key_text AND p.is_person = 1
  JOIN keys AS v ON v.what = f.what AND v.key_text = f.key_text AND v.is_person = 0
  GROUP BY v.id, p.id
)
SELECT
  'person|' || s.vendor_id || '|' || s.employee_id AS finding_key,
  'vendor' AS subject_type,
  k.vendor_cluster AS subject_id,
  f.line_id AS row_id,
  'flagged' AS role,
  f.posted_on AS occurred_on,
  CAST(greatest(f.amount, CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  f.currency,
  CAST(CASE s.what WHEN 'bank account' THEN 0.95 ELSE 0.75 END AS DECIMAL(5,4)) AS strength,
  'Vendor ' || f.vendor_name || ' (' || s.vendor_id || ') has the ' || s.what || ' of employee ' || s.employee_id AS reason
FROM same AS s
JOIN fact_invoice_line AS f ON f.vendor_id = s.vendor_id
JOIN vendor_clusters AS k ON k.vendor_id = s.vendor_id
