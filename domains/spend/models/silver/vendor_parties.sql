-- Every vendor there is, once: those of the master with their present particulars, and those
-- that stand on invoices only, by the name that sorts first among theirs.
-- grain: vendor_id
WITH billed AS (
  SELECT vendor_id, min(coalesce(vendor_name, vendor_id)) AS name
  FROM invoice_lines
  GROUP BY vendor_id
),
parties AS (
  SELECT vendor_id, name, tax_id, bank_account, address, postcode, true AS is_in_master
  FROM vendor_versions
  WHERE is_current
  UNION ALL
  SELECT b.vendor_id, b.name, CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING),
    CAST(NULL AS STRING), false
  FROM billed AS b
  LEFT JOIN vendor_versions AS v ON v.vendor_id = b.vendor_id AND v.is_current
  WHERE v.vendor_id IS NULL
),
marked AS (
  SELECT p.vendor_id, max(CASE WHEN h.name_like IS NULL THEN 0 ELSE 1 END) AS held
  FROM parties AS p
  LEFT JOIN placeholder_vendors AS h ON lower(p.name) LIKE h.name_like
  GROUP BY p.vendor_id
)
SELECT
  p.vendor_id,
  p.name,
  translate(lower(p.name), '.,;:-_/()[]&+*#"’`´', '                  ') AS name_plain,
  translate(lower(p.tax_id), ' -./', '') AS tax_key,
  translate(lower(p.bank_account), ' -./', '') AS bank_key,
  lower(replace(replace(translate(lower(p.address), ' .,-', ''), 'strasse', 'str'), 'street', 'str'))
    || '|' || translate(lower(p.postcode), ' -', '') AS address_key,
  p.is_in_master,
  m.held = 1 AS is_placeholder
FROM parties AS p
JOIN marked AS m ON m.vendor_id = p.vendor_id
