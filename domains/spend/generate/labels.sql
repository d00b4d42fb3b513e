-- One line for every planted row: the detector that should find it, what is planted, the row, the
-- money, the label that its rows share.
WITH labels AS (
  SELECT kind, line_id AS row_id, line_cents AS cents, label_id, detail, vendor_id AS subject_id FROM invoice_rows WHERE kind IS NOT NULL
  UNION ALL
  SELECT kind, expense_id, cents, label_id, detail, employee_id FROM expense_rows WHERE kind IS NOT NULL
  UNION ALL
  SELECT 'campaign_spike', concat(campaign_id, '|', on_day), cents, concat('P-campaign-', campaign_index), '', campaign_id
  FROM campaign_days WHERE is_spike
  UNION ALL
  SELECT 'budget_variance', concat('B', 1000 + id), cents - plan_cents, concat('P-budget-', id), '', department
  FROM budget_rows WHERE is_planted
  UNION ALL
  SELECT 'vendor_concentration', concat(category, '|', year(day_of(0))), 0, concat('P-category-', category), '', vendor_id
  FROM vendors WHERE vendor_index IN (3, 5) AND (SELECT planted FROM sizes) > 0
)
SELECT concat(kind, ',', CASE WHEN detail = '' THEN kind ELSE detail END, ',', row_id, ',', money(cents), ',', label_id, ',', subject_id) AS line
FROM labels
ORDER BY kind, label_id, row_id
