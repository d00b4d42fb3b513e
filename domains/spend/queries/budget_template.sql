-- title: Budget template
-- description: A year's budget lines and fiscal months, to be filled in (`bullion budget template`); the last two columns are a month and its amount.
-- parameter: year year of next from fiscal_days.fiscal_year = next; Fiscal year, or next: the one after the newest budget
-- parameter: version text from budget_versions.budget_version = proposed; Version that is going to be filled in
-- parameter: from text of in_force|empty from budget_plans.budget_version = in_force; Whose amounts stand in it: a version, in_force, or empty
-- parameter: currency text = {{ currency }}; Of the lines when there is no budget yet
WITH chosen AS (
  SELECT CASE WHEN $year = 'next' THEN coalesce((SELECT max(fiscal_year) FROM budget_plans) + 1, (SELECT max(fiscal_year) FROM budget_bookings))
    ELSE CAST($year AS INT) END AS fiscal_year
),
-- The same year when it has that version, else the year before.
source AS (
  SELECT max(p.fiscal_year) AS fiscal_year
  FROM budget_position AS p
  CROSS JOIN chosen AS c
  WHERE p.fiscal_year IN (c.fiscal_year, c.fiscal_year + (-1)) AND p.first_line_id IS NOT NULL
    AND CASE WHEN $from IN ('in_force', 'empty') THEN p.is_in_force ELSE p.budget_version = $from END
),
amounts AS (
  SELECT p.department, p.account, p.campaign_id, p.currency, p.fiscal_period, p.budget
  FROM budget_position AS p
  JOIN source AS s ON s.fiscal_year = p.fiscal_year
  WHERE p.first_line_id IS NOT NULL
    AND CASE WHEN $from IN ('in_force', 'empty') THEN p.is_in_force ELSE p.budget_version = $from END
),
-- Without any budget there is a line for each department.
lines AS (
  SELECT DISTINCT department, account, campaign_id, currency
  FROM amounts
  UNION ALL
  SELECT d.department, '', '', $currency
  FROM dim_department AS d
  WHERE d.is_current AND d.department <> '?' AND NOT EXISTS (SELECT 1 FROM amounts)
),
delivered AS (
  SELECT max(revision) AS revision
  FROM (
    SELECT w.revision FROM budget_workbook_lines AS w JOIN fiscal_days AS d ON d.day = w.fiscal_month
    JOIN chosen AS c ON c.fiscal_year = d.fiscal_year WHERE w.budget_version = $version
    UNION ALL
    SELECT t.revision FROM budget_table_lines AS t JOIN fiscal_days AS d ON d.day = t.fiscal_month
    JOIN chosen AS c ON c.fiscal_year = d.fiscal_year WHERE t.budget_version = $version
  ) AS revisions
),
grid AS (
  SELECT l.department, l.account, l.campaign_id, l.currency, p.period_start, p.fiscal_period, coalesce(r.revision, 0) + 1 AS revision
  FROM lines AS l
  CROSS JOIN delivered AS r
  CROSS JOIN chosen AS c
  JOIN fiscal_periods AS p ON p.fiscal_year = c.fiscal_year
)
SELECT
  $version AS budget_version,
  CAST(g.revision AS INT) AS revision,
  g.department, g.account, g.campaign_id, '' AS line, g.currency,
  g.period_start AS fiscal_month,
  CASE WHEN $from = 'empty' THEN NULL ELSE CAST(a.budget AS DECIMAL(18,2)) END AS amount
FROM grid AS g
LEFT JOIN amounts AS a
  ON a.department = g.department AND a.account = g.account AND a.campaign_id = g.campaign_id
    AND a.currency = g.currency AND a.fiscal_period = g.fiscal_period
ORDER BY g.department, g.account, g.campaign_id, g.currency, g.period_start
