-- title: Budget variance
-- description: Plan and bookings for a fiscal month, the year so far and its pace; F is favourable, U unfavourable, and `material` is what reaches both limits of seeds/materiality.csv.
-- parameter: month month of latest from fiscal_days.day = latest; A day of the fiscal month as YYYY-MM-DD, the month as YYYY-MM, or latest
-- parameter: version text of in_force from budget_plans.budget_version = in_force; A version of the budget, or in_force: what was in force at the end of the month
-- parameter: by text of department|account|campaign|line = department; What has a row of its own; line is all three
WITH chosen AS (
  SELECT max(p.fiscal_year) AS fiscal_year, max(p.fiscal_period) AS fiscal_period, max(p.period) AS period,
    max(p.period_start) AS period_start, max(p.next_period_start) AS next_period_start,
    max(p.year_start) AS year_start, max(p.next_year_start) AS next_year_start
  FROM fiscal_periods AS p
  WHERE CASE
    WHEN $month = 'latest' THEN p.period_start = (
      -- Of a year that has a budget, if there is one.
      SELECT coalesce(max(CASE WHEN budget_version <> 'none' THEN period_start END), max(period_start))
      FROM budget_position
      WHERE is_in_force AND actual <> 0)
    ELSE CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) >= p.period_start
      AND CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) < p.next_period_start
  END
),
days AS (
  SELECT CAST(count(*) AS BIGINT) AS days_of_year,
    CAST(sum(CASE WHEN d.day < c.next_period_start THEN 1 ELSE 0 END) AS BIGINT) AS days_gone
  FROM fiscal_days AS d
  JOIN chosen AS c ON d.day >= c.year_start AND d.day < c.next_year_start
),
version AS (
  SELECT CASE WHEN $version = 'in_force'
    THEN coalesce((SELECT f.budget_version FROM budget_in_force AS f JOIN chosen AS c ON c.period_start = f.period_start), 'none')
    ELSE $version END AS budget_version
),
sums AS (
  SELECT
    CASE WHEN $by IN ('department', 'line') THEN p.department ELSE '' END AS department,
    CASE WHEN $by IN ('account', 'line') THEN p.account ELSE '' END AS account,
    CASE WHEN $by IN ('campaign', 'line') THEN p.campaign_id ELSE '' END AS campaign_id,
    p.account_class,
    p.currency,
    sum(CASE WHEN p.period_start = c.period_start THEN p.budget ELSE 0 END) AS budget,
    sum(CASE WHEN p.period_start = c.period_start THEN p.actual ELSE 0 END) AS actual,
    sum(CASE WHEN p.period_start <= c.period_start THEN p.budget ELSE 0 END) AS budget_ytd,
    sum(CASE WHEN p.period_start <= c.period_start THEN p.actual ELSE 0 END) AS actual_ytd,
    sum(p.budget + p.carried) AS budget_year
  FROM budget_position AS p
  JOIN version AS v ON v.budget_version = p.budget_version
  JOIN chosen AS c ON c.fiscal_year = p.fiscal_year
  GROUP BY 1, 2, 3, p.account_class, p.currency
),
signed AS (
  SELECT s.*, CASE WHEN s.account_class = 'revenue' THEN actual - budget ELSE budget - actual END AS favourable,
    CASE WHEN s.account_class = 'revenue' THEN actual_ytd - budget_ytd ELSE budget_ytd - actual_ytd END AS favourable_ytd,
    m.min_amount, m.min_percent
  FROM sums AS s
  LEFT JOIN materiality AS m ON m.account_class = s.account_class
)
SELECT s.department, s.account, s.campaign_id, s.account_class, s.currency, v.budget_version, c.period,
  s.budget, s.actual, s.actual - s.budget AS variance,
  CASE WHEN s.favourable < 0 THEN 'U' WHEN s.favourable > 0 THEN 'F' ELSE '' END AS fu,
  ratio_2(100 * (s.actual - s.budget), abs(s.budget)) AS percent,
  CASE WHEN abs(s.favourable) >= s.min_amount AND 100 * abs(s.favourable) >= s.min_percent * abs(s.budget) THEN 'yes' ELSE '' END AS material,
  s.budget_ytd, s.actual_ytd, s.actual_ytd - s.budget_ytd AS variance_ytd,
  CASE WHEN s.favourable_ytd < 0 THEN 'U' WHEN s.favourable_ytd > 0 THEN 'F' ELSE '' END AS fu_ytd,
  ratio_2(100 * (s.actual_ytd - s.budget_ytd), abs(s.budget_ytd)) AS percent_ytd,
  CASE WHEN abs(s.favourable_ytd) >= s.min_amount AND 100 * abs(s.favourable_ytd) >= s.min_percent * abs(s.budget_ytd) THEN 'yes' ELSE '' END AS material_ytd,
  s.budget_year,
  -- Spent in percent of the year's budget, for each percent of the year that is over: 100 is on plan.
  ratio_2(100 * s.actual_ytd * d.days_of_year, s.budget_year * d.days_gone) AS pace
FROM signed AS s
CROSS JOIN chosen AS c
CROSS JOIN days AS d
CROSS JOIN version AS v
ORDER BY s.account_class, s.department, s.account, s.campaign_id, s.currency
