-- The category of each merchant category code with the days it holds: from valid_from to before
-- valid_to.
-- grain: mcc, valid_from
SELECT
  m.mcc,
  m.merchant_category,
  m.valid_from,
  coalesce(lead(m.valid_from) OVER (PARTITION BY m.mcc ORDER BY m.valid_from), DATE '9999-12-31') AS valid_to
FROM mcc_categories AS m
