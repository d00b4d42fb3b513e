-- Budget lines of filled-in templates (CSV), each in its newest revision.
-- grain: budget_version, department, account, campaign_id, line, fiscal_month, currency
SELECT
  budget_version,
  revision,
  department,
  coalesce(account, '') AS account,
  coalesce(campaign_id, '') AS campaign_id,
  coalesce(line, '') AS line,
  fiscal_month,
  amount,
  currency
FROM raw_budget_tables
