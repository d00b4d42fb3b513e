-- title: Refused transactions
-- description: The newest records that were refused, with every reason and the place in their file. Day and rule are those of `bad_records`.
-- parameter: code text = all; One code, such as not-in-range, or all
SELECT
  coalesce(
    TRY_CAST(nullif(regexp_extract(raw, '([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]', 1), '') AS DATE),
    TRY_CAST(nullif(regexp_extract(file, '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1), '') AS DATE),
    received_on) AS dt,
  CASE WHEN record = 0 THEN code ELSE split_part(reasons, ':', 1) || ' ' || code END AS rule,
  amount, reasons, file, line, code, received_on, raw
FROM rejected_transactions
WHERE $code = 'all' OR code = $code
ORDER BY received_on DESC, file DESC, record
LIMIT 1000
