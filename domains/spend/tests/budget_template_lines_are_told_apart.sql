-- A line of a template that stands twice in a file, or comes again with other amounts, is not known from a correction:
-- the column `line` tells lines apart that are alike, a greater `revision` says that a line replaces the one before.
WITH cells AS (
  SELECT 'raw_budget_workbooks' AS source, _file_id AS file_id, budget_version, revision, department, account, campaign_id, line, currency, fiscal_month, amount
  FROM raw_budget_workbooks
  UNION ALL
  SELECT 'raw_budget_tables', _file_id, budget_version, revision, department, account, campaign_id, line, currency, fiscal_month, amount
  FROM raw_budget_tables
)
SELECT source, budget_version, revision, department, account, campaign_id, line, currency, fiscal_month,
  CASE WHEN count(*) > count(DISTINCT file_id) THEN 'stands twice in a file: withdraw it and deliver it with the column line filled' ELSE 'came again with another amount: withdraw one of the files, or deliver it with a greater revision' END AS fault,
  min(amount) AS least_amount, max(amount) AS greatest_amount
FROM cells
GROUP BY source, budget_version, revision, department, account, campaign_id, line, currency, fiscal_month
HAVING count(*) > count(DISTINCT file_id) OR min(amount) <> max(amount)
