-- title: Price, volume, mix
-- description: Why articles cost or brought another amount than the base: price + volume + mix = difference, to the cent. Articles of one department and account share a volume.
-- parameter: from day; First day of the time compared, YYYY-MM-DD
-- parameter: to day; First day after it
-- parameter: base text of in_force|prior_year from budget_plans.budget_version = in_force; A version of the budget, in_force, or prior_year for what was booked a fiscal year before
WITH months AS (
  SELECT fiscal_year, fiscal_period, period_start
  FROM fiscal_periods
  WHERE period_start >= CAST($from AS DATE) AND period_start < CAST($to AS DATE)
),
base_rows AS (
  SELECT v.department, v.account, v.item, v.currency, v.quantity, v.amount
  FROM item_volumes AS v
  JOIN months AS m ON m.period_start = v.period_start
  LEFT JOIN budget_in_force AS f ON f.fiscal_year = v.fiscal_year AND f.is_current
  WHERE v.scenario = CASE WHEN $base = 'in_force' THEN f.budget_version ELSE $base END AND v.scenario <> 'actual'
  UNION ALL
  SELECT v.department, v.account, v.item, v.currency, v.quantity, v.amount
  FROM item_volumes AS v
  JOIN fiscal_periods AS p ON p.period_start = v.period_start
  JOIN months AS m ON m.fiscal_year = p.fiscal_year + 1 AND m.fiscal_period = p.fiscal_period
  WHERE $base = 'prior_year' AND v.scenario = 'actual'
),
sides AS (
  SELECT department, account, item, currency, quantity AS q0, amount AS a0,
    CAST(0 AS DECIMAL(28,4)) AS q1, CAST(0 AS DECIMAL(28,2)) AS a1
  FROM base_rows
  UNION ALL
  SELECT v.department, v.account, v.item, v.currency, 0, 0, v.quantity, v.amount
  FROM item_volumes AS v
  JOIN months AS m ON m.period_start = v.period_start
  WHERE v.scenario = 'actual'
),
items AS (
  SELECT department, account, item, currency,
    CAST(sum(q0) AS DECIMAL(16,4)) AS q0, CAST(sum(a0) AS DECIMAL(18,2)) AS a0,
    CAST(sum(q1) AS DECIMAL(16,4)) AS q1, CAST(sum(a1) AS DECIMAL(18,2)) AS a1
  FROM sides
  GROUP BY department, account, item, currency
),
totals AS (
  SELECT *,
    CAST(sum(q0) OVER (PARTITION BY department, account, currency) AS DECIMAL(16,4)) AS all_q0,
    CAST(sum(q1) OVER (PARTITION BY department, account, currency) AS DECIMAL(16,4)) AS all_q1
  FROM items
),
-- With quantity q and amount a of an article, Q of all articles of the department and account, and 0
-- for the base and 1 for what is compared:
--   price  = a1 - q1 * a0 / q0
--   volume = a0 * (Q1 - Q0) / Q0
--   mix    = a1 - a0 - price - volume = (q1 - Q1 * q0 / Q0) * a0 / q0
-- Price and volume are rounded to cents and mix takes what is left. An article without a base has no
-- price of its own to compare with and is all mix; one without any quantity is all price.
effects AS (
  SELECT *,
    CASE
      WHEN q0 = 0 AND q1 = 0 THEN CAST(a1 - a0 AS DECIMAL(38,2))
      WHEN q0 = 0 THEN CAST(0 AS DECIMAL(38,2))
      ELSE CAST(a1 - ratio_2(q1 * a0, q0) AS DECIMAL(38,2))
    END AS price,
    CASE
      WHEN q0 = 0 OR all_q0 = 0 THEN CAST(0 AS DECIMAL(38,2))
      ELSE CAST(ratio_2(a0 * (all_q1 - all_q0), all_q0) AS DECIMAL(38,2))
    END AS volume
  FROM totals
)
SELECT department, account, item, currency, q0 AS base_quantity, q1 AS quantity, a0 AS base_amount, a1 AS amount,
  a1 - a0 AS difference, price, volume, CAST(a1 - a0 - price - volume AS DECIMAL(38,2)) AS mix
FROM effects
ORDER BY department, account, item, currency
