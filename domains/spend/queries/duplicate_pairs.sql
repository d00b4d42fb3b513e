-- title: Duplicate pairs
-- description: Invoices that may be duplicates beside those they resemble, the surest first.
-- parameter: vendor text of all from vendor_clusters.vendor_id = all; A vendor number, or all
SELECT
  f.strength,
  b.line_id AS first_line, a.line_id AS line,
  b.vendor_name AS first_vendor, a.vendor_name AS vendor,
  b.invoice_number AS first_invoice, a.invoice_number AS invoice,
  b.invoice_date AS first_dated, a.invoice_date AS dated,
  b.posted_on AS first_posted_on, a.posted_on,
  b.amount AS first_amount, a.amount, f.amount_at_risk AS at_risk, a.currency,
  f.reason, k.cluster_name AS company, a.entity, a.department, f.finding_key
FROM findings AS f
JOIN fact_invoice_line AS a ON a.line_id = f.row_id
LEFT JOIN vendor_clusters AS k ON k.vendor_id = a.vendor_id
LEFT JOIN findings AS o ON o.detector = f.detector AND o.finding_key = f.finding_key AND o.role = 'compared'
LEFT JOIN fact_invoice_line AS b ON b.line_id = o.row_id
WHERE f.detector IN ('duplicate_invoice', 'repeated_payment') AND f.role = 'flagged' AND $vendor IN ('all', a.vendor_id, b.vendor_id)
ORDER BY f.strength DESC, f.finding_key, f.row_id, o.row_id
