-- Budget lines that were missed by a material amount and a material share, to the worse: more cost or
-- less revenue than planned. The month counts once something was booked in the department. A month for which a
-- line plans nothing shows a line of its year.
WITH booked AS (
  SELECT DISTINCT department, period_start, currency
  FROM budget_position
  WHERE is_in_force AND actual <> 0
),
planned AS (
  SELECT fiscal_year, department, account, campaign_id, currency, min(first_line_id) AS line_id
  FROM budget_position
  WHERE is_in_force AND first_line_id IS NOT NULL
  GROUP BY fiscal_year, department, account, campaign_id, currency
),
lines AS (
  SELECT p.department, p.account, p.campaign_id, p.period, p.period_start, p.currency, p.budget, p.actual, coalesce(p.first_line_id, y.line_id) AS line_id,
    -p.favourable AS unfavourable, m.min_amount, m.min_percent,
    p.department || CASE WHEN p.account = '' THEN '' ELSE ' ' || p.account END
      || CASE WHEN p.campaign_id = '' THEN '' ELSE ' ' || p.campaign_id END AS line
  FROM budget_position AS p
  JOIN booked AS b ON b.department = p.department AND b.period_start = p.period_start AND b.currency = p.currency
  JOIN planned AS y
    ON y.fiscal_year = p.fiscal_year AND y.department = p.department AND y.account = p.account AND y.campaign_id = p.campaign_id AND y.currency = p.currency
  JOIN materiality AS m ON m.account_class = p.account_class
  WHERE p.is_in_force
)
SELECT
  'variance|' || l.department || '|' || l.account || '|' || l.campaign_id || '|' || l.period || '|' || l.currency AS finding_key,
  'budget_line' AS subject_type,
  l.line || ' ' || l.period AS subject_id,
  l.line_id AS row_id,
  'flagged' AS role,
  CAST(f.next_period_start + (-1) AS DATE) AS occurred_on,
  CAST(l.unfavourable AS DECIMAL(28,6)) AS amount_at_risk,
  l.currency,
  CAST(ratio_4(CASE WHEN l.budget = 0 THEN 95 ELSE least(95, 50 + CAST(round(ratio_0(50 * l.unfavourable, l.budget), 0) AS BIGINT)) END, 100)
    AS DECIMAL(5,4)) AS strength,
  l.line || ', ' || l.period || ': ' || l.currency || ' ' || CAST(l.actual AS STRING)
    || ' against a budget of ' || CAST(l.budget AS STRING) || ', unfavourable by ' || CAST(l.unfavourable AS STRING) AS reason
FROM lines AS l
JOIN fiscal_periods AS f ON f.period_start = l.period_start
WHERE {{ is_missed('l.budget', 'l.unfavourable', 'l.min_amount', 'l.min_percent') }}
