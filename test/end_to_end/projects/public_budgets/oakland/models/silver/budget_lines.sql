-- Lines of the three stages; departments that were renamed have one name.
WITH lines AS (
  SELECT 'proposed' AS budget_version, _row_id AS row_id, budget_year, department, account_type, amount FROM oakland_proposed
  UNION ALL
  SELECT 'adopted', _row_id, budget_year, department, account_type, amount FROM oakland_adopted
  UNION ALL
  SELECT 'adjusted', _row_id, budget_year, department, account_type, amount FROM oakland_adjusted
)
SELECT CAST(l.row_id AS STRING) AS budget_line_id, l.budget_version,
  make_date(2000 + CAST(substr(l.budget_year, 3, 2) AS INT), 7, 1) AS fiscal_month,
  coalesce(n.department, l.department, 'All') AS department, l.account_type AS account,
  CAST(NULL AS STRING) AS campaign_id, CAST(NULL AS STRING) AS item, CAST(NULL AS DECIMAL(18,4)) AS quantity,
  l.amount, 'USD' AS currency
FROM lines AS l
LEFT JOIN department_names AS n ON n.old_name = l.department
