-- Budget lines of every version with their dimensions, from ledgers' files and from filled-in
-- templates; equal lines stay as many as they are.
-- grain: budget_version, budget_line_id
-- time column: fiscal_month
WITH filled AS (
  SELECT 'X' AS form, budget_version, revision, department, account, campaign_id, line, fiscal_month, amount, currency
  FROM budget_workbook_lines
  UNION ALL
  SELECT 'C', budget_version, revision, department, account, campaign_id, line, fiscal_month, amount, currency
  FROM budget_table_lines
),
-- A line of a template is delivered for a whole year: a month that its newest revision leaves empty plans nothing.
newest AS (
  SELECT t.form, t.budget_version, t.department, t.account, t.campaign_id, t.line, t.fiscal_month, t.amount, t.currency, t.revision,
    max(t.revision) OVER (
      PARTITION BY t.form, t.budget_version, t.department, t.account, t.campaign_id, t.line, t.currency, d.fiscal_year
    ) AS line_revision
  FROM filled AS t
  JOIN fiscal_days AS d ON d.day = t.fiscal_month
),
lines AS (
  SELECT budget_line_id, budget_version, fiscal_month, department, coalesce(account, '') AS account, campaign_id, item, quantity, amount, currency
  FROM budget_lines
  UNION ALL
  SELECT
    form || '|' || department || '|' || account || '|' || campaign_id || '|' || line || '|' || currency || '|' || CAST(fiscal_month AS STRING),
    budget_version, fiscal_month, department, account, nullif(campaign_id, ''), NULL, NULL, amount, currency
  FROM newest
  WHERE revision = line_revision
)
SELECT
  b.budget_version,
  b.budget_line_id,
  b.fiscal_month,
  coalesce(d.department_key, -1) AS department_key,
  coalesce(a.account_key, -1) AS account_key,
  coalesce(c.campaign_key, -1) AS campaign_key,
  b.department,
  b.account,
  b.campaign_id,
  b.item,
  b.quantity,
  b.amount,
  b.currency
FROM lines AS b
LEFT JOIN dim_department AS d
  ON d.department = b.department AND b.fiscal_month >= d.valid_from AND b.fiscal_month < d.valid_to
LEFT JOIN dim_account AS a
  ON a.account = b.account AND b.fiscal_month >= a.valid_from AND b.fiscal_month < a.valid_to
LEFT JOIN dim_campaign AS c
  ON c.campaign_id = b.campaign_id AND b.fiscal_month >= c.valid_from AND b.fiscal_month < c.valid_to
