-- Bought on a day off of the entity's country by somebody who does not work then. The day of the
-- purchase counts, never the day of the payment run; categories, departments and people for whom days
-- off are usual do not.
WITH bought AS (
  SELECT
    e.expense_id, e.employee_id, e.entity, e.department, e.category, e.payee_name, e.spent_on, e.amount, e.currency, n.country,
    h.holiday_name,
    CASE WHEN h.holiday_name IS NOT NULL OR e.spent_on >= CAST(date_trunc('week', e.spent_on) AS DATE) + 5 THEN 1 ELSE 0 END AS is_off
  FROM fact_expense AS e
  JOIN entities AS n ON n.entity = e.entity
  LEFT JOIN holidays AS h ON h.country = n.country AND h.day = e.spent_on
  LEFT JOIN refunded_purchases AS r ON r.expense_id = e.expense_id
  WHERE e.channel <> 'invoice' AND e.amount > 0 AND r.expense_id IS NULL
),
counted AS (
  SELECT
    b.expense_id, b.employee_id, b.entity, b.department, b.category, b.payee_name, b.spent_on, b.amount, b.currency, b.country,
    b.holiday_name, b.is_off,
    count(*) OVER (PARTITION BY b.category) AS category_bought,
    sum(b.is_off) OVER (PARTITION BY b.category) AS category_off,
    count(*) OVER (PARTITION BY b.department) AS department_bought,
    sum(b.is_off) OVER (PARTITION BY b.department) AS department_off,
    count(*) OVER (PARTITION BY b.employee_id) AS own_bought,
    sum(b.is_off) OVER (PARTITION BY b.employee_id) AS own_off
  FROM bought AS b
  LEFT JOIN shift_departments AS s ON s.department = b.department
  LEFT JOIN weekend_categories AS w ON w.category = b.category
  WHERE s.department IS NULL AND w.category IS NULL
)
SELECT
  'day_off|' || coalesce(employee_id, '') || '|' || CAST(spent_on AS STRING) || '|' || payee_name || '|' || CAST(amount AS STRING) AS finding_key,
  'employee' AS subject_type,
  coalesce(employee_id, entity) AS subject_id,
  expense_id AS row_id,
  'flagged' AS role,
  spent_on AS occurred_on,
  CAST(amount AS DECIMAL(28,6)) AS amount_at_risk,
  currency,
  CAST(CASE WHEN holiday_name IS NULL THEN 0.6 ELSE 0.65 END AS DECIMAL(5,4)) AS strength,
  coalesce(employee_id, entity) || ' of ' || department || ' bought for ' || currency || ' ' || CAST(amount AS STRING) || ' at ' || payee_name || ' on '
    || CAST(spent_on AS STRING) || ', ' || coalesce('a holiday in ' || country || ' (' || holiday_name || ')', 'a weekend') AS reason
FROM counted
WHERE is_off = 1 AND 100 * category_off <= {{ param('usual_percent') }} * category_bought
  AND 100 * department_off <= {{ param('usual_percent') }} * department_bought
  AND (own_off < 3 OR 100 * own_off <= {{ param('usual_percent') }} * own_bought)
