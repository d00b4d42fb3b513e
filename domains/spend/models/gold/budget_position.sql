-- Plan, bookings and commitments of each budget line and fiscal month, once for each version of the
-- budget: choose one version, or is_in_force.
-- grain: budget_version, period_start, department, account, campaign_id, currency
-- time column: period_start
-- A booking counts on the most specific line that its year's budget has: campaign and account,
-- campaign, account, department. A department's line takes costs only. A booking without a line has
-- one of its own, with a budget of zero; a year without a budget is version `none`.
WITH classes AS (
  SELECT account, min(account_class) AS account_class
  FROM dim_account
  WHERE is_current
  GROUP BY account
),
used AS (
  SELECT period_start, fiscal_year, department, account, campaign_id, currency, actual,
    CAST(0 AS DECIMAL(38,2)) AS committed, last_on
  FROM budget_bookings
  UNION ALL
  SELECT d.period_start, d.fiscal_year, m.department, m.account, m.campaign_id, m.currency,
    CAST(0 AS DECIMAL(38,2)), CAST(sum(m.amount) AS DECIMAL(38,2)), max(m.moved_on)
  FROM commitment_moves AS m
  JOIN fiscal_days AS d ON d.day = m.moved_on
  GROUP BY d.period_start, d.fiscal_year, m.department, m.account, m.campaign_id, m.currency
),
versions AS (
  SELECT DISTINCT budget_version, fiscal_year
  FROM budget_plans
  UNION ALL
  SELECT DISTINCT 'none', u.fiscal_year
  FROM used AS u
  WHERE u.fiscal_year NOT IN (SELECT fiscal_year FROM budget_in_force)
),
lines AS (
  SELECT DISTINCT budget_version, fiscal_year, department, account, campaign_id, currency
  FROM budget_plans
),
matched AS (
  SELECT v.budget_version, u.fiscal_year, u.period_start, u.department, u.currency,
    u.actual, u.committed, u.last_on,
    CASE
      WHEN both_keys.department IS NOT NULL THEN u.account
      WHEN campaign.department IS NOT NULL THEN ''
      WHEN by_account.department IS NULL AND whole.department IS NOT NULL THEN ''
      ELSE u.account
    END AS account,
    CASE
      WHEN both_keys.department IS NOT NULL OR campaign.department IS NOT NULL THEN u.campaign_id
      ELSE ''
    END AS campaign_id
  FROM used AS u
  JOIN versions AS v ON v.fiscal_year = u.fiscal_year
  LEFT JOIN classes AS c ON c.account = u.account
  LEFT JOIN lines AS both_keys
    ON both_keys.budget_version = v.budget_version AND both_keys.fiscal_year = u.fiscal_year
      AND both_keys.department = u.department AND both_keys.currency = u.currency
      AND both_keys.account = u.account AND both_keys.campaign_id = u.campaign_id
  LEFT JOIN lines AS campaign
    ON campaign.budget_version = v.budget_version AND campaign.fiscal_year = u.fiscal_year
      AND campaign.department = u.department AND campaign.currency = u.currency
      AND campaign.account = '' AND campaign.campaign_id = u.campaign_id AND u.campaign_id <> ''
      AND coalesce(c.account_class, 'cost') = 'cost'
  LEFT JOIN lines AS by_account
    ON by_account.budget_version = v.budget_version AND by_account.fiscal_year = u.fiscal_year
      AND by_account.department = u.department AND by_account.currency = u.currency
      AND by_account.account = u.account AND by_account.campaign_id = ''
  LEFT JOIN lines AS whole
    ON whole.budget_version = v.budget_version AND whole.fiscal_year = u.fiscal_year
      AND whole.department = u.department AND whole.currency = u.currency
      AND whole.account = '' AND whole.campaign_id = '' AND coalesce(c.account_class, 'cost') = 'cost'
),
-- What a year that is over left of the budget in force at its end. What was carried into it counts
-- as used last, so nothing is carried twice.
unspent AS (
  SELECT fiscal_year, department, account, campaign_id, currency,
    sum(budget) AS budget, sum(budget) - sum(actual) AS remaining
  FROM (
    SELECT p.fiscal_year, p.department, p.account, p.campaign_id, p.currency, p.budget, CAST(0 AS DECIMAL(38,2)) AS actual
    FROM budget_plans AS p
    JOIN budget_in_force AS f
      ON f.fiscal_year = p.fiscal_year AND f.budget_version = p.budget_version AND f.is_current
    UNION ALL
    SELECT m.fiscal_year, m.department, m.account, m.campaign_id, m.currency, CAST(0 AS DECIMAL(38,2)), m.actual
    FROM matched AS m
    JOIN budget_in_force AS f
      ON f.fiscal_year = m.fiscal_year AND f.budget_version = m.budget_version AND f.is_current
  ) AS sides
  GROUP BY fiscal_year, department, account, campaign_id, currency
),
carried AS (
  SELECT u.fiscal_year + 1 AS fiscal_year, u.department, u.account, u.campaign_id, u.currency,
    least(u.remaining, ratio_2(u.budget * coalesce(own.max_percent, every.max_percent), 100)) AS amount
  FROM unspent AS u
  -- An empty cell of a seed is NULL.
  LEFT JOIN carry_forward AS own ON own.department = u.department AND coalesce(own.account, '') = u.account
  LEFT JOIN carry_forward AS every ON every.department = u.department AND every.account = '*'
  LEFT JOIN classes AS c ON c.account = u.account
  WHERE u.remaining > 0 AND u.budget > 0 AND coalesce(own.max_percent, every.max_percent) > 0
    AND coalesce(c.account_class, 'cost') = 'cost'
    AND u.fiscal_year < (SELECT max(fiscal_year) FROM budget_bookings)
),
sides AS (
  SELECT budget_version, fiscal_year, period_start, department, account, campaign_id, currency, budget,
    CAST(0 AS DECIMAL(38,2)) AS carried, CAST(0 AS DECIMAL(38,2)) AS actual, CAST(0 AS DECIMAL(38,2)) AS committed,
    CAST(NULL AS DATE) AS last_on, first_line_id
  FROM budget_plans
  UNION ALL
  SELECT budget_version, fiscal_year, period_start, department, account, campaign_id, currency, 0, 0, actual, committed, last_on, NULL
  FROM matched
  UNION ALL
  SELECT v.budget_version, f.fiscal_year, f.period_start, c.department, c.account, c.campaign_id, c.currency, 0, c.amount, 0, 0, NULL, NULL
  FROM carried AS c
  JOIN versions AS v ON v.fiscal_year = c.fiscal_year
  JOIN fiscal_periods AS f ON f.fiscal_year = c.fiscal_year AND f.fiscal_period = 1
)
SELECT
  s.budget_version,
  s.period_start,
  f.period,
  s.fiscal_year,
  f.fiscal_period,
  s.department,
  s.account,
  s.campaign_id,
  coalesce(c.account_class, 'cost') AS account_class,
  s.currency,
  CAST(sum(s.budget) AS DECIMAL(38,2)) AS budget,
  CAST(sum(s.carried) AS DECIMAL(38,2)) AS carried,
  CAST(sum(s.actual) AS DECIMAL(38,2)) AS actual,
  CAST(sum(s.committed) AS DECIMAL(38,2)) AS committed,
  CAST(CASE WHEN coalesce(c.account_class, 'cost') = 'revenue' THEN sum(s.actual) - sum(s.budget)
    ELSE sum(s.budget) - sum(s.actual) END AS DECIMAL(38,2)) AS favourable,
  max(s.last_on) AS last_on,
  min(s.first_line_id) AS first_line_id,
  s.budget_version = 'none' OR i.budget_version IS NOT NULL AS is_in_force
FROM sides AS s
JOIN fiscal_periods AS f ON f.period_start = s.period_start
LEFT JOIN classes AS c ON c.account = s.account
LEFT JOIN budget_in_force AS i
  ON i.fiscal_year = s.fiscal_year AND i.budget_version = s.budget_version AND i.is_current
GROUP BY s.budget_version, s.period_start, f.period, s.fiscal_year, f.fiscal_period, s.department, s.account, s.campaign_id,
  coalesce(c.account_class, 'cost'), s.currency, i.budget_version
