-- The days of a customer's versions follow each other without gap or overlap, from the first day to the last.
WITH days AS (
  SELECT
    customer_id,
    valid_from,
    valid_to,
    lead(valid_from) OVER (PARTITION BY customer_id ORDER BY valid_from) AS next_from,
    row_number() OVER (PARTITION BY customer_id ORDER BY valid_from) AS turn
  FROM dim_customer
  WHERE customer_key <> -1
)
SELECT customer_id, valid_from, valid_to, next_from
FROM days
WHERE valid_from >= valid_to
  OR valid_to <> coalesce(next_from, DATE '9999-12-31')
  OR (turn = 1 AND valid_from <> DATE '1900-01-01')
