-- The numbers of each fiscal month, with the quarter and the year so far, twelve months, the month
-- before and the same month a year before. Growth is empty where a percentage would mislead: from a
-- base that is missing, zero or negative, or to a number below zero.
-- grain: period_start, kpi, currency
-- time column: period_start
WITH bounds AS (
  SELECT min(period_start) AS first_period, max(period_start) AS last_period, max(day) AS last_day FROM daily_kpis
),
periods AS (
  SELECT p.period_start, p.period, p.fiscal_year, p.fiscal_quarter, p.fiscal_period
  FROM fiscal_periods AS p
  JOIN bounds AS b ON p.period_start >= b.first_period AND p.period_start <= b.last_period
),
lengths AS (
  SELECT d.period_start,
    CAST(count(*) AS BIGINT) AS days,
    CAST(sum(CASE WHEN d.day >= CAST(date_trunc('week', d.day) AS DATE) + 5 OR h.day IS NOT NULL THEN 0 ELSE 1 END) AS BIGINT) AS business_days
  FROM fiscal_days AS d
  JOIN bounds AS b ON d.day <= b.last_day
  LEFT JOIN holidays AS h ON h.day = d.day
  GROUP BY d.period_start
),
names AS (
  SELECT DISTINCT kpi, unit, currency FROM daily_kpis
),
sums AS (
  SELECT period_start, kpi, currency, sum(value) AS value FROM daily_kpis GROUP BY period_start, kpi, currency
),
grid AS (
  SELECT p.period_start, p.period, p.fiscal_year, p.fiscal_quarter, p.fiscal_period, n.kpi, n.unit, n.currency,
    CAST(coalesce(s.value, 0) AS DECIMAL(38,4)) AS value
  FROM periods AS p
  CROSS JOIN names AS n
  LEFT JOIN sums AS s ON s.period_start = p.period_start AND s.kpi = n.kpi AND s.currency = n.currency
),
running AS (
  SELECT *,
    sum(value) OVER (PARTITION BY kpi, currency, fiscal_year, fiscal_quarter ORDER BY period_start
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS qtd,
    sum(value) OVER (PARTITION BY kpi, currency, fiscal_year ORDER BY period_start
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ytd,
    sum(value) OVER (PARTITION BY kpi, currency ORDER BY period_start ROWS BETWEEN 11 PRECEDING AND CURRENT ROW) AS ltm,
    lag(value) OVER (PARTITION BY kpi, currency ORDER BY period_start) AS prior_period,
    lag(value) OVER (PARTITION BY kpi, currency, fiscal_period ORDER BY period_start) AS prior_year
  FROM grid
)
SELECT
  r.period_start,
  r.period,
  r.fiscal_year,
  r.kpi,
  r.unit,
  r.currency,
  l.days,
  l.business_days,
  r.value,
  CAST(ratio_4(r.value, l.business_days) AS DECIMAL(38,4)) AS per_business_day,
  CAST(r.qtd AS DECIMAL(38,4)) AS qtd,
  CAST(r.ytd AS DECIMAL(38,4)) AS ytd,
  CAST(r.ltm AS DECIMAL(38,4)) AS ltm,
  r.prior_period,
  r.prior_year,
  {{ growth_percent('r.value', 'r.prior_period') }} AS growth_percent,
  {{ growth_percent('r.value', 'r.prior_year') }} AS growth_percent_year
FROM running AS r
JOIN lengths AS l ON l.period_start = r.period_start
