-- title: Versions of the budget
-- description: A year's budget from version to version, and what each changed against the one before.
-- parameter: year year of latest from fiscal_days.fiscal_year = latest; Fiscal year, or latest
-- parameter: by text of department|account|campaign|line = department; What has a row of its own; line is all three
WITH chosen AS (
  SELECT CASE WHEN $year = 'latest' THEN (SELECT max(fiscal_year) FROM budget_plans) ELSE CAST($year AS INT) END AS fiscal_year
),
versions AS (
  SELECT p.budget_version, min(v.version_order) AS version_order
  FROM budget_plans AS p
  JOIN chosen AS c ON c.fiscal_year = p.fiscal_year
  JOIN budget_versions AS v ON v.budget_version = p.budget_version
  GROUP BY p.budget_version
),
lines AS (
  SELECT
    CASE WHEN $by IN ('department', 'line') THEN p.department ELSE '' END AS department,
    CASE WHEN $by IN ('account', 'line') THEN p.account ELSE '' END AS account,
    CASE WHEN $by IN ('campaign', 'line') THEN p.campaign_id ELSE '' END AS campaign_id,
    p.account_class, p.currency
  FROM budget_position AS p
  JOIN chosen AS c ON c.fiscal_year = p.fiscal_year
  WHERE p.first_line_id IS NOT NULL
  GROUP BY 1, 2, 3, p.account_class, p.currency
),
grid AS (
  SELECT l.department, l.account, l.campaign_id, l.account_class, l.currency, v.budget_version, v.version_order
  FROM lines AS l
  CROSS JOIN versions AS v
),
amounts AS (
  SELECT
    CASE WHEN $by IN ('department', 'line') THEN p.department ELSE '' END AS department,
    CASE WHEN $by IN ('account', 'line') THEN p.account ELSE '' END AS account,
    CASE WHEN $by IN ('campaign', 'line') THEN p.campaign_id ELSE '' END AS campaign_id,
    p.account_class, p.currency, p.budget_version, sum(p.budget) AS budget
  FROM budget_position AS p
  JOIN chosen AS c ON c.fiscal_year = p.fiscal_year
  GROUP BY 1, 2, 3, p.account_class, p.currency, p.budget_version
),
steps AS (
  SELECT l.*, coalesce(a.budget, 0) AS budget,
    lag(coalesce(a.budget, 0)) OVER (
      PARTITION BY l.department, l.account, l.campaign_id, l.account_class, l.currency ORDER BY l.version_order, l.budget_version
    ) AS budget_before
  FROM grid AS l
  LEFT JOIN amounts AS a
    ON a.department = l.department AND a.account = l.account AND a.campaign_id = l.campaign_id
      AND a.account_class = l.account_class AND a.currency = l.currency AND a.budget_version = l.budget_version
)
SELECT department, account, campaign_id, account_class, currency, budget_version, budget,
  budget - budget_before AS change,
  ratio_2(100 * (budget - budget_before), abs(budget_before)) AS change_percent
FROM steps
ORDER BY account_class, department, account, campaign_id, currency, version_order, budget_version
