-- Particulars of customers with the days they hold: from valid_from to before valid_to. A row that
-- came twice for one day counts once, the one whose content sorts last.
-- grain: customer_id, valid_from
WITH told AS (
  SELECT
    customer_id, effective_on, name, email, phone, tax_id, address, postcode, city, country, segment,
    coalesce(marketing_consent, false) AS marketing_consent, created_on,
    row_number() OVER (
      PARTITION BY customer_id, effective_on
      ORDER BY name DESC, email DESC, phone DESC, tax_id DESC, address DESC, postcode DESC, city DESC,
        country DESC, segment DESC, marketing_consent DESC, created_on DESC
    ) AS turn
  FROM raw_customers
)
SELECT
  customer_id,
  CASE
    WHEN row_number() OVER (PARTITION BY customer_id ORDER BY effective_on) = 1 THEN DATE '1900-01-01'
    ELSE effective_on
  END AS valid_from,
  coalesce(lead(effective_on) OVER (PARTITION BY customer_id ORDER BY effective_on), DATE '9999-12-31') AS valid_to,
  lead(effective_on) OVER (PARTITION BY customer_id ORDER BY effective_on) IS NULL AS is_current,
  name, email, phone, tax_id, address, postcode, city, country, segment, marketing_consent, created_on
FROM told
WHERE turn = 1
