-- title: Refused transactions
-- description: The newest records that were refused, with every reason and the place in their file.
-- parameter: code text = all; One code, such as not-in-range, or all
SELECT file, line, code, reasons, amount, received_on, raw
FROM rejected_transactions
WHERE $code = 'all' OR code = $code
ORDER BY received_on DESC, file DESC, record
LIMIT 1000
