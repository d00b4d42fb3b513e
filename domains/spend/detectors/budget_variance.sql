-- Budget lines that were exceeded by a material amount and a material share; less revenue than
-- planned counts like more cost. The month counts once something was booked in it.
WITH budget AS (
  SELECT b.budget_line_id, b.department, b.account, b.fiscal_month, month_key(b.fiscal_month) AS month, b.amount, b.currency,
    coalesce(a.account_class, 'cost') AS account_class
  FROM fact_budget AS b
  LEFT JOIN dim_account AS a ON a.account_key = b.account_key
  WHERE b.budget_version = '{{ var('budget_version') }}' AND b.campaign_id IS NULL
),
spent AS (
  SELECT department, account, posted_month, currency, CAST(sum(amount) AS DECIMAL(38,2)) AS amount
  FROM fact_expense
  GROUP BY department, account, posted_month, currency
),
whole AS (
  SELECT department, posted_month, currency, CAST(sum(amount) AS DECIMAL(38,2)) AS amount
  FROM spent
  GROUP BY department, posted_month, currency
),
compared AS (
  SELECT b.*, CAST(CASE WHEN b.account = '' THEN w.amount ELSE coalesce(s.amount, CAST(0 AS DECIMAL(38,2))) END AS DECIMAL(38,2)) AS actual
  FROM budget AS b
  JOIN whole AS w ON w.department = b.department AND w.posted_month = b.month AND w.currency = b.currency
  LEFT JOIN spent AS s ON s.department = b.department AND s.account = b.account AND s.posted_month = b.month AND s.currency = b.currency
),
against AS (
  SELECT *, CASE account_class WHEN 'revenue' THEN amount - actual ELSE actual - amount END AS unfavourable
  FROM compared
)
SELECT
  'variance|' || department || '|' || account || '|' || month AS finding_key,
  'budget_line' AS subject_type,
  department || CASE WHEN account = '' THEN '' ELSE ' ' || account END || ' ' || month AS subject_id,
  budget_line_id AS row_id,
  'flagged' AS role,
  last_day(fiscal_month) AS occurred_on,
  CAST(unfavourable AS DECIMAL(28,6)) AS amount_at_risk,
  currency,
  CAST(ratio_4(least(95, 50 + CAST(round(ratio_0(50 * unfavourable, amount), 0) AS BIGINT)), 100) AS DECIMAL(5,4)) AS strength,
  department || CASE WHEN account = '' THEN '' ELSE ', account ' || account END || ', ' || month || ': ' || currency || ' ' || CAST(actual AS STRING)
    || ' against a budget of ' || CAST(amount AS STRING) || ', unfavourable by ' || CAST(unfavourable AS STRING) AS reason
FROM against
WHERE unfavourable >= {{ param('min_amount') }} AND 100 * unfavourable >= {{ param('min_percent') }} * amount AND amount > 0
