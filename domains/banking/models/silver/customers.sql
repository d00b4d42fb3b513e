-- Customers in their newest version.
-- grain: customer_id
SELECT
  customer_id,
  customer_name,
  state,
  credit_score,
  signup_date,
  coalesce(updated_on, signup_date) AS updated_on
FROM raw_customers
