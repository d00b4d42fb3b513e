-- Invoice lines that detectors flagged, with the company that was paid. `at_risk_once` is the money of
-- a line where several flag it: the most that one puts at risk, on the finding with the most weight.
-- grain: line_id, detector, finding_key
-- time column: posted_on
WITH flagged AS (
  SELECT row_id, detector, finding_key, severity, amount_at_risk,
    row_number() OVER (PARTITION BY row_id ORDER BY weight DESC, detector, finding_key) AS place,
    max(amount_at_risk) OVER (PARTITION BY row_id) AS most
  FROM findings
  WHERE role = 'flagged'
)
SELECT
  l.line_id,
  f.detector,
  f.finding_key,
  f.severity,
  l.posted_on,
  l.vendor_id,
  k.vendor_cluster,
  k.cluster_name,
  l.invoice_number,
  l.entity,
  l.department,
  l.category,
  l.amount,
  f.amount_at_risk AS at_risk,
  CAST(CASE WHEN f.place = 1 THEN f.most ELSE 0 END AS DECIMAL(38,6)) AS at_risk_once,
  l.currency
FROM flagged AS f
JOIN fact_invoice_line AS l ON l.line_id = f.row_id
JOIN vendor_clusters AS k ON k.vendor_id = l.vendor_id
