-- title: Contribution to growth
-- description: What each segment, country or customer added to the change of what was invoiced, against the month before or the year before; contributions add up to the growth of the total.
-- parameter: month month of latest from fiscal_days.day = latest; A day of the fiscal month as YYYY-MM-DD, the month as YYYY-MM, or latest
-- parameter: by text of segment|country|customer = segment; What has a row of its own
-- parameter: against text of prior_period|prior_year = prior_period; What it is compared with
WITH chosen AS (
  SELECT max(p.period_start) AS period_start, max(p.fiscal_year) AS fiscal_year, max(p.fiscal_period) AS fiscal_period
  FROM fiscal_periods AS p
  WHERE CASE
    WHEN $month = 'latest' THEN p.period_start = (
      SELECT max(d.period_start) FROM fiscal_days AS d JOIN fact_invoice AS i ON i.invoice_date = d.day)
    ELSE CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) >= p.period_start
      AND CAST(CASE WHEN length($month) = 7 THEN $month || '-01' ELSE $month END AS DATE) < p.next_period_start
  END
),
base AS (
  SELECT CASE WHEN $against = 'prior_period'
    THEN (SELECT max(p.period_start) FROM fiscal_periods AS p JOIN chosen AS c ON p.period_start < c.period_start)
    ELSE (SELECT max(p.period_start) FROM fiscal_periods AS p JOIN chosen AS c
      ON p.fiscal_year = c.fiscal_year - 1 AND p.fiscal_period = c.fiscal_period) END AS period_start
),
sums AS (
  SELECT
    CASE $by WHEN 'segment' THEN i.segment WHEN 'country' THEN i.country ELSE i.customer_name END AS part,
    i.currency,
    sum(CASE WHEN d.period_start = c.period_start THEN i.amount ELSE 0 END) AS amount,
    sum(CASE WHEN d.period_start = b.period_start THEN i.amount ELSE 0 END) AS base_amount
  FROM fact_invoice AS i
  JOIN fiscal_days AS d ON d.day = i.invoice_date
  CROSS JOIN chosen AS c
  CROSS JOIN base AS b
  WHERE i.document_type <> 'adjustment' AND (d.period_start = c.period_start OR d.period_start = b.period_start)
  GROUP BY 1, i.currency
)
SELECT part, currency, amount, base_amount, amount - base_amount AS change,
  CASE WHEN base_amount > 0 AND amount >= 0
    THEN CAST(CAST(ratio_1(100 * (amount - base_amount), base_amount) AS DECIMAL(18,1)) AS STRING) ELSE 'n.m.' END AS growth_percent,
  CASE WHEN sum(base_amount) OVER (PARTITION BY currency) > 0
    THEN CAST(CAST(ratio_2(100 * (amount - base_amount), sum(base_amount) OVER (PARTITION BY currency)) AS DECIMAL(18,2)) AS STRING)
    ELSE 'n.m.' END AS contribution_points
FROM sums
ORDER BY amount - base_amount DESC, part, currency
