-- title: Budget outlook
-- description: The year of each budget line: what is spent, ordered and left, and two forecasts of its end.
-- parameter: month month of latest from fiscal_days.day = latest; A day of the fiscal month as YYYY-MM-DD, the month as YYYY-MM, or latest
-- parameter: version text of in_force from budget_plans.budget_version = in_force; A version of the budget, or in_force: what was in force at the end of the month
-- parameter: by text of department|account|campaign|line = department; What has a row of its own; line is all three
WITH chosen AS (
  SELECT max(p.fiscal_year) AS fiscal_year, max(p.fiscal_period) AS fiscal_period, max(p.period) AS period,
    max(p.period_start) AS period_start, max(p.next_period_start) AS next_period_start,
    max(p.year_start) AS year_start, max(p.next_year_start) AS next_year_start
  FROM fiscal_periods AS p
  WHERE CASE
    WHEN $month = 'latest' THEN p.period_start = (SELECT max(period_start) FROM budget_position WHERE is_in_force AND budget > 0 AND actual <> 0)
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
-- What the months to come are expected to cost: the version whose role is outlook, where there is one.
outlook AS (
  SELECT coalesce(
    (SELECT max(p.budget_version) FROM budget_position AS p JOIN chosen AS c ON c.fiscal_year = p.fiscal_year
      JOIN budget_versions AS b ON b.budget_version = p.budget_version AND b.role = 'outlook'),
    (SELECT budget_version FROM version)) AS budget_version
),
sums AS (
  SELECT
    CASE WHEN $by IN ('department', 'line') THEN p.department ELSE '' END AS department,
    CASE WHEN $by IN ('account', 'line') THEN p.account ELSE '' END AS account,
    CASE WHEN $by IN ('campaign', 'line') THEN p.campaign_id ELSE '' END AS campaign_id,
    p.account_class,
    p.currency,
    sum(CASE WHEN p.budget_version = v.budget_version THEN p.carried ELSE 0 END) AS carried,
    sum(CASE WHEN p.budget_version = v.budget_version THEN p.budget + p.carried ELSE 0 END) AS budget_year,
    sum(CASE WHEN p.budget_version = v.budget_version AND p.period_start <= c.period_start THEN p.actual ELSE 0 END) AS actual_ytd,
    sum(CASE WHEN p.budget_version = v.budget_version AND p.period_start <= c.period_start THEN p.committed ELSE 0 END) AS committed,
    sum(CASE WHEN p.budget_version = o.budget_version AND p.period_start > c.period_start THEN p.budget ELSE 0 END) AS to_come
  FROM budget_position AS p
  CROSS JOIN version AS v
  CROSS JOIN outlook AS o
  JOIN chosen AS c ON c.fiscal_year = p.fiscal_year
  WHERE p.budget_version IN (v.budget_version, o.budget_version)
  GROUP BY 1, 2, 3, p.account_class, p.currency
),
forecast AS (
  SELECT s.*, s.actual_ytd + s.to_come AS forecast_year,
    ratio_2(s.actual_ytd * d.days_of_year, d.days_gone) AS run_rate_year,
    ratio_2(100 * s.actual_ytd, s.budget_year) AS spent_percent,
    ratio_2(100 * d.days_gone, d.days_of_year) AS elapsed_percent,
    ratio_2(100 * s.actual_ytd * d.days_of_year, s.budget_year * d.days_gone) AS pace
  FROM sums AS s
  CROSS JOIN days AS d
)
SELECT s.department, s.account, s.campaign_id, s.account_class, s.currency, v.budget_version, c.period,
  s.carried, s.budget_year, s.actual_ytd, s.committed, s.budget_year - s.actual_ytd - s.committed AS available,
  s.forecast_year, s.forecast_year - s.budget_year AS variance_year,
  CASE
    WHEN s.forecast_year = s.budget_year THEN ''
    WHEN (s.forecast_year > s.budget_year) = (s.account_class = 'revenue') THEN 'F'
    ELSE 'U'
  END AS fu_year,
  s.run_rate_year, s.spent_percent, s.elapsed_percent, s.pace
FROM forecast AS s
CROSS JOIN chosen AS c
CROSS JOIN version AS v
ORDER BY s.account_class, s.department, s.account, s.campaign_id, s.currency
