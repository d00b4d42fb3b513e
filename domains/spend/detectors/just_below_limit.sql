-- People whose purchases stop just below the limit again and again. One such amount is chance, and
-- a price that comes every month is a price.
WITH bought AS (
  SELECT
    e.expense_id, e.channel, e.employee_id AS person, e.payee_id, e.spent_on, e.amount, e.currency, l.approval_limit,
    100 * e.amount >= (100 - {{ param('percent_below') }}) * l.approval_limit AS is_below,
    count(*) OVER (PARTITION BY e.employee_id, e.payee_id, e.amount, e.currency) AS same_price
  FROM fact_expense AS e
  JOIN approval_limits AS l ON l.channel = e.channel AND l.currency = e.currency
  LEFT JOIN batch_twins AS t ON t.batch_id = e.batch_id
  LEFT JOIN refunded_purchases AS r ON r.expense_id = e.expense_id
  WHERE e.amount < l.approval_limit AND 2 * e.amount >= l.approval_limit AND e.employee_id IS NOT NULL AND t.batch_id IS NULL AND r.expense_id IS NULL
),
chance AS (
  SELECT channel, currency, count(*) AS purchases, sum(CASE WHEN is_below THEN 1 ELSE 0 END) AS below
  FROM bought
  WHERE same_price < {{ param('regular_price') }}
  GROUP BY channel, currency
),
people AS (
  SELECT channel, currency, person, count(*) AS purchases, sum(CASE WHEN is_below THEN 1 ELSE 0 END) AS below,
    CAST(sum(CASE WHEN is_below THEN amount ELSE CAST(0 AS DECIMAL(18,2)) END) AS DECIMAL(38,2)) AS amount, min(approval_limit) AS approval_limit
  FROM bought
  WHERE same_price < {{ param('regular_price') }}
  GROUP BY channel, currency, person
),
standing_out AS (
  SELECT p.*, c.below AS all_below, c.purchases AS all_purchases
  FROM people AS p
  JOIN chance AS c ON c.channel = p.channel AND c.currency = p.currency
  -- At least three, half of the large purchases, and twice what others have.
  WHERE p.below >= {{ param('min_purchases') }} AND 2 * p.below >= p.purchases
    AND p.below * (c.purchases - p.purchases) >= 2 * p.purchases * (c.below - p.below)
)
SELECT
  'below|' || s.person || '|' || s.channel || '|' || substr(CAST(b.spent_on AS STRING), 1, 4) AS finding_key,
  'employee' AS subject_type,
  s.person AS subject_id,
  b.expense_id AS row_id,
  'flagged' AS role,
  b.spent_on AS occurred_on,
  CAST(b.amount AS DECIMAL(28,6)) AS amount_at_risk,
  b.currency,
  CAST(ratio_4(least(90, 45 + 10 * s.below), 100) AS DECIMAL(5,4)) AS strength,
  s.person || ' made ' || CAST(s.below AS STRING) || ' of ' || CAST(s.purchases AS STRING) || ' large purchases within {{ param('percent_below') }} % below the limit of '
    || CAST(s.approval_limit AS STRING) || ' ' || s.currency || '; of all, ' || CAST(s.all_below AS STRING) || ' of ' || CAST(s.all_purchases AS STRING) || ' are' AS reason
FROM standing_out AS s
JOIN bought AS b
  ON b.channel = s.channel AND b.currency = s.currency AND b.person = s.person AND b.is_below
  AND b.same_price < {{ param('regular_price') }}
