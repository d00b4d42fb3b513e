-- All spend once: invoice lines, card purchases and claims.
-- grain: expense_id
-- time column: posted_on
SELECT
  line_id AS expense_id,
  'invoice' AS channel,
  vendor_key,
  CAST(-1 AS BIGINT) AS employee_key,
  department_key,
  account_key,
  campaign_key,
  entity,
  vendor_id AS payee_id,
  vendor_name AS payee_name,
  CAST(NULL AS STRING) AS employee_id,
  department,
  account,
  category,
  campaign_id,
  CAST(NULL AS STRING) AS card_id,
  invoice_number,
  invoice_date AS spent_on,
  coalesce(received_on, invoice_date) AS submitted_on,
  posted_on,
  posted_month,
  amount,
  currency,
  batch_id
FROM fact_invoice_line
UNION ALL
SELECT
  x.expense_id,
  x.channel,
  CAST(-1 AS BIGINT),
  coalesce(e.employee_key, -1),
  coalesce(d.department_key, -1),
  coalesce(a.account_key, -1),
  coalesce(c.campaign_key, -1),
  x.entity,
  lower(trim(x.merchant)),
  x.merchant,
  x.employee_id,
  coalesce(x.department, '?'),
  coalesce(x.account, '?'),
  coalesce(x.category, '?'),
  x.campaign_id,
  x.card_id,
  CAST(NULL AS STRING),
  x.spent_on,
  coalesce(x.submitted_on, x.spent_on),
  x.posted_on,
  x.posted_month,
  x.amount,
  x.currency,
  x.batch_id
FROM expenses AS x
LEFT JOIN dim_employee AS e
  ON e.employee_id = x.employee_id AND x.posted_on >= e.valid_from AND x.posted_on < e.valid_to
LEFT JOIN dim_department AS d
  ON d.department = x.department AND x.posted_on >= d.valid_from AND x.posted_on < d.valid_to
LEFT JOIN dim_account AS a
  ON a.account = x.account AND x.posted_on >= a.valid_from AND x.posted_on < a.valid_to
LEFT JOIN dim_campaign AS c
  ON c.campaign_id = x.campaign_id AND x.posted_on >= c.valid_from AND x.posted_on < c.valid_to
