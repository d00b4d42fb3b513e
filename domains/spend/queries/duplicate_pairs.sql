-- title: Duplicate pairs
-- description: Invoices that may be duplicates beside those they resemble.
SELECT
  f.finding_key, f.strength, f.reason,
  a.vendor_name AS vendor, a.invoice_number AS invoice, a.posted_on, f.amount_at_risk,
  b.vendor_name AS first_vendor, b.invoice_number AS first_invoice, b.posted_on AS first_posted_on
FROM findings AS f
JOIN fact_invoice_line AS a ON a.line_id = f.row_id
LEFT JOIN findings AS o ON o.detector = f.detector AND o.finding_key = f.finding_key AND o.role = 'compared'
LEFT JOIN fact_invoice_line AS b ON b.line_id = o.row_id
WHERE f.detector = 'duplicate_invoice' AND f.role = 'flagged'
ORDER BY f.strength DESC, f.finding_key, f.row_id, o.row_id
