-- What detectors found, each once however many rows show it, on the first day and the first row that
-- do: the rows that the metric of findings counts.
-- grain: detector, finding_key
-- time column: occurred_on
SELECT
  f.detector,
  f.finding_key,
  min(f.severity) AS severity,
  min(f.subject_type) AS subject_type,
  min(f.subject_id) AS subject_id,
  min(f.occurred_on) AS occurred_on,
  min(f.reason) AS reason,
  min(f.row_id) AS row_id,
  min(x.expense_id) AS expense_id,
  min(l.line_id) AS line_id,
  CAST(count(*) AS BIGINT) AS flagged_rows,
  CAST(sum(f.amount_at_risk) AS DECIMAL(38,6)) AS at_risk,
  min(f.currency) AS currency
FROM findings AS f
LEFT JOIN fact_expense AS x ON x.expense_id = f.row_id
LEFT JOIN fact_invoice_line AS l ON l.line_id = f.row_id
WHERE f.role = 'flagged'
GROUP BY f.detector, f.finding_key
