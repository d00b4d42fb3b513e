-- One line for every planted error: what it is, the row, the money, the label that its rows share.
WITH labels AS (
  SELECT p.kind, '' AS detail, r.invoice_id AS row_id, r.cents, concat('P-', p.kind, '-', p.i) AS label_id
  FROM planted_invoices AS p JOIN invoice_rows AS r ON r.i = p.i
  UNION ALL
  SELECT 'same_customer', c.twin_kind, c.customer_id, 0, concat('P-same-', c.twin_of) FROM customers AS c WHERE c.twin_of IS NOT NULL
  UNION ALL
  SELECT 'overspent', purchase_order, commitment_id, cents, 'P-overspent-1' FROM commitment_rows WHERE is_planted
)
SELECT concat(kind, ',', detail, ',', row_id, ',', money(cents), ',', label_id) AS line
FROM labels
ORDER BY kind, label_id, row_id
