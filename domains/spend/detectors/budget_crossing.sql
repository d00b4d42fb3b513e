-- Budget lines of which bookings and open orders together reached a share of the year's budget. Each
-- share is one finding for a line and year, however often the line is looked at. Its money is what
-- the line was by then over its year's budget, beyond the months that budget_variance tells; of
-- shares that are reached at once the largest has it.
WITH months AS (
  SELECT fiscal_year, period_start, department, account, campaign_id, currency, last_on,
    sum(actual + committed) OVER so_far AS used,
    sum(CASE WHEN {{ is_missed('budget', '-favourable', 'min_amount', 'min_percent') }} THEN -favourable ELSE 0 END)
      OVER so_far AS told,
    sum(budget + carried) OVER (PARTITION BY fiscal_year, department, account, campaign_id, currency) AS year_budget,
    min(first_line_id) OVER (PARTITION BY fiscal_year, department, account, campaign_id, currency) AS line_id
  FROM budget_position AS p
  JOIN materiality AS t ON t.account_class = p.account_class
  WHERE p.is_in_force AND p.account_class = 'cost'
  WINDOW so_far AS (
    PARTITION BY fiscal_year, department, account, campaign_id, currency ORDER BY period_start
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
),
crossed AS (
  SELECT m.fiscal_year, m.period_start, m.department, m.account, m.campaign_id, m.currency, m.last_on, m.used, m.told, m.year_budget, m.line_id,
    t.threshold_percent, t.strength,
    row_number() OVER (
      PARTITION BY m.fiscal_year, m.department, m.account, m.campaign_id, m.currency, t.threshold_percent
      ORDER BY m.period_start
    ) AS turn
  FROM months AS m
  JOIN budget_thresholds AS t ON 100 * m.used >= t.threshold_percent * m.year_budget
  WHERE m.year_budget > 0 AND m.line_id IS NOT NULL AND m.last_on IS NOT NULL
),
named AS (
  SELECT department, account, campaign_id, currency, fiscal_year, last_on, used, told, year_budget, line_id, threshold_percent, strength,
    max(threshold_percent) OVER (
      PARTITION BY fiscal_year, department, account, campaign_id, currency, period_start
    ) AS largest_percent,
    department || CASE WHEN account = '' THEN '' ELSE ' ' || account END
    || CASE WHEN campaign_id = '' THEN '' ELSE ' ' || campaign_id END || ' FY' || CAST(fiscal_year AS STRING) AS line
  FROM crossed
  WHERE turn = 1
)
SELECT
  'crossing|' || department || '|' || account || '|' || campaign_id || '|' || currency || '|' || CAST(fiscal_year AS STRING)
    || '|' || CAST(threshold_percent AS STRING) AS finding_key,
  -- The lines of a department are one case: whoever answers for its budget.
  'budget' AS subject_type,
  department || ' FY' || CAST(fiscal_year AS STRING) AS subject_id,
  line_id AS row_id,
  'flagged' AS role,
  last_on AS occurred_on,
  CAST(CASE WHEN threshold_percent = largest_percent THEN greatest(used - year_budget - told, 0) ELSE 0 END
    AS DECIMAL(28,6)) AS amount_at_risk,
  currency,
  strength,
  line || ': booked and ordered ' || currency || ' ' || CAST(used AS STRING) || ' by ' || CAST(last_on AS STRING) || ', '
    || CAST(ratio_1(100 * used, year_budget) AS STRING) || ' % of the budget of ' || CAST(year_budget AS STRING)
    || '; ' || CAST(threshold_percent AS STRING) || ' % is crossed' AS reason
FROM named
