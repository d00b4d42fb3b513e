-- Budget lines as planned; every version stays.
SELECT budget_line_id, budget_version, fiscal_month, department, account, campaign_id, item, quantity, amount, currency
FROM raw_budgets
