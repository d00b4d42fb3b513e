-- Particulars of employees with the days they hold; of rows for one day the one delivered last counts.
-- grain: employee_id, valid_from
WITH told AS (
  SELECT
    employee_id, effective_on, name, department, entity, country, bank_account, address, postcode,
    city, card_id,
    row_number() OVER (
      PARTITION BY employee_id, effective_on
      ORDER BY {{ delivered('_batch_id') }} DESC, name DESC, department DESC, entity DESC, country DESC, bank_account DESC,
        address DESC, postcode DESC, city DESC, card_id DESC
    ) AS turn
  FROM raw_employees
)
SELECT
  employee_id,
  CASE
    WHEN row_number() OVER (PARTITION BY employee_id ORDER BY effective_on) = 1 THEN DATE '1900-01-01'
    ELSE effective_on
  END AS valid_from,
  coalesce(lead(effective_on) OVER (PARTITION BY employee_id ORDER BY effective_on), DATE '9999-12-31') AS valid_to,
  lead(effective_on) OVER (PARTITION BY employee_id ORDER BY effective_on) IS NULL AS is_current,
  name, department, entity, country, bank_account, address, postcode, city, card_id
FROM told
WHERE turn = 1
