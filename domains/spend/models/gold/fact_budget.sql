-- Budget lines with their dimensions.
-- grain: budget_version, budget_line_id
-- time column: fiscal_month
SELECT
  b.budget_version,
  b.budget_line_id,
  b.fiscal_month,
  coalesce(d.department_key, -1) AS department_key,
  coalesce(a.account_key, -1) AS account_key,
  coalesce(c.campaign_key, -1) AS campaign_key,
  b.department,
  coalesce(b.account, '') AS account,
  b.campaign_id,
  b.amount,
  b.currency
FROM budget_lines AS b
LEFT JOIN dim_department AS d
  ON d.department = b.department AND b.fiscal_month >= d.valid_from AND b.fiscal_month < d.valid_to
LEFT JOIN dim_account AS a
  ON a.account = b.account AND b.fiscal_month >= a.valid_from AND b.fiscal_month < a.valid_to
LEFT JOIN dim_campaign AS c
  ON c.campaign_id = b.campaign_id AND b.fiscal_month >= c.valid_from AND b.fiscal_month < c.valid_to
