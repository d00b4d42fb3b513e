-- Particulars of vendors with the days they hold: from valid_from to before valid_to. Of rows for
-- one day the one delivered last counts; of those delivered together, the one whose content sorts last.
-- grain: vendor_id, valid_from
WITH told AS (
  SELECT
    vendor_id, effective_on, name, tax_id, bank_account, address, postcode, city, country, entity,
    created_on,
    row_number() OVER (
      PARTITION BY vendor_id, effective_on
      ORDER BY {{ delivered('_batch_id') }} DESC, name DESC, tax_id DESC, bank_account DESC, address DESC, postcode DESC, city DESC,
        country DESC, entity DESC, created_on DESC
    ) AS turn
  FROM raw_vendors
)
SELECT
  vendor_id,
  CASE
    WHEN row_number() OVER (PARTITION BY vendor_id ORDER BY effective_on) = 1 THEN DATE '1900-01-01'
    ELSE effective_on
  END AS valid_from,
  coalesce(lead(effective_on) OVER (PARTITION BY vendor_id ORDER BY effective_on), DATE '9999-12-31') AS valid_to,
  lead(effective_on) OVER (PARTITION BY vendor_id ORDER BY effective_on) IS NULL AS is_current,
  name, tax_id, bank_account, address, postcode, city, country, entity, created_on
FROM told
WHERE turn = 1
