-- severity: warn
-- A decision about a number that no vendor has takes effect once that vendor is there, and not before.
SELECT d.decision_id, d.decision, d.vendor_id, d.other_vendor_id,
  CASE
    WHEN d.vendor_id = d.other_vendor_id THEN 'names one vendor twice: it joins or parts nothing'
    WHEN v.vendor_id IS NULL THEN 'there is no vendor ' || d.vendor_id
    ELSE 'there is no vendor ' || d.other_vendor_id
  END AS fault
FROM vendor_decisions AS d
LEFT JOIN vendor_parties AS v ON v.vendor_id = d.vendor_id
LEFT JOIN vendor_parties AS o ON o.vendor_id = d.other_vendor_id
WHERE v.vendor_id IS NULL OR o.vendor_id IS NULL OR d.vendor_id = d.other_vendor_id
