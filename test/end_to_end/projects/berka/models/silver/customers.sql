-- Clients; women are born 50 months later, by their birth number.
-- grain: customer_id
SELECT
  c.client_id AS customer_id,
  'Client ' || c.client_id AS customer_name,
  d.region AS state,
  CAST(NULL AS INT) AS credit_score,
  DATE '1993-01-01' AS signup_date,
  DATE '1993-01-01' AS updated_on
FROM raw_customers AS c
LEFT JOIN raw_districts AS d ON d.district_id = c.district_id
