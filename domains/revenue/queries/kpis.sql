-- title: KPIs of a month
-- description: Each number of a fiscal month with its quarter and year so far, twelve months, the month before and the year before. Growth is n.m. where a percentage would mislead.
-- parameter: month month of latest from fiscal_days.day = latest; A day of the fiscal month as YYYY-MM-DD, the month as YYYY-MM, or latest
SELECT k.kpi, k.currency, k.period, k.value, k.per_business_day, k.qtd, k.ytd, k.ltm, k.prior_period, k.prior_year,
  coalesce(CAST(CAST(k.growth_percent AS DECIMAL(18,1)) AS STRING), 'n.m.') AS growth_percent,
  coalesce(CAST(CAST(k.growth_percent_year AS DECIMAL(18,1)) AS STRING), 'n.m.') AS growth_percent_year
FROM monthly_kpis AS k
JOIN fiscal_periods AS p ON p.period_start = k.period_start
WHERE CASE
  WHEN $month = 'latest' THEN k.period_start = (SELECT max(period_start) FROM monthly_kpis)
  ELSE CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) >= p.period_start
    AND CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) < p.next_period_start
END
ORDER BY k.unit DESC, k.kpi, k.currency
