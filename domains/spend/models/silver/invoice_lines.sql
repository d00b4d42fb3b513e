-- One row per invoice line, in its newest version.
-- grain: line_id
-- The number is kept as it was written; beside it stand the forms by which two spellings of one
-- number meet: 1O-045, 10/45 and 001045 are typing, not other invoices.
SELECT
  line_id,
  version AS line_version,
  document_id,
  entity,
  vendor_id,
  vendor_name,
  invoice_number,
  document_type,
  reverses_number,
  invoice_date,
  received_on,
  posted_on,
  department,
  account,
  category,
  campaign_id,
  item,
  quantity,
  unit_price,
  amount,
  currency,
  purchase_order,
  contract_id,
  batch_id,
  coalesce(is_withdrawn, false) AS is_withdrawn,
  month_key(posted_on) AS posted_month,
  -- Digits alone, as ledgers number them, need no reading.
  CASE WHEN translate(invoice_number, '0123456789', '') = '' THEN invoice_number
    ELSE translate(lower(invoice_number), 'oil -/._#', '011') END AS number_plain,
  CASE WHEN translate(invoice_number, '0123456789', '') = '' THEN trim(LEADING '0' FROM invoice_number)
    ELSE concat(
      regexp_replace(split_part(regexp_replace(translate(lower(invoice_number), ' /._#', '-----'), '^[^0-9]+', ''), '-', 1), '^0+', ''),
      regexp_replace(split_part(regexp_replace(translate(lower(invoice_number), ' /._#', '-----'), '^[^0-9]+', ''), '-', 2), '^0+', ''),
      regexp_replace(split_part(regexp_replace(translate(lower(invoice_number), ' /._#', '-----'), '^[^0-9]+', ''), '-', 3), '^0+', '')
    ) END AS number_parts,
  CASE WHEN translate(invoice_number, '0123456789', '') = '' THEN invoice_number
    ELSE regexp_extract(translate(lower(invoice_number), 'oil -/._#', '011'), '^(.*[0-9])[^0-9]*$', 1) END AS number_stem
FROM raw_invoices
