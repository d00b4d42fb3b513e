-- Pairs of customers that are the same, each with the reason. Names alone prove nothing: a tax id, a
-- mailbox of one person, a telephone or an address must agree; two different tax ids keep them apart.
-- grain: customer_id, other_customer_id
WITH blocks AS (
  SELECT customer_id, 'tax' AS block, tax_key AS block_key FROM customer_parties WHERE tax_key <> ''
  UNION ALL
  SELECT customer_id, 'email', email_key FROM customer_parties WHERE email_key <> ''
  UNION ALL
  SELECT customer_id, 'phone', phone_key || '|' || name_key FROM customer_parties WHERE length(phone_key) = 9 AND name_key <> ''
  UNION ALL
  SELECT customer_id, 'address', address_key || '|' || name_key
  FROM customer_parties WHERE address_key <> '' AND address_key <> '|' AND name_key <> ''
),
-- What more than 20 customers share tells nothing about any of them.
shared AS (
  SELECT block, block_key
  FROM blocks
  GROUP BY block, block_key
  HAVING count(*) BETWEEN 2 AND 20
),
keyed AS (
  SELECT b.customer_id, b.block, b.block_key
  FROM blocks AS b
  JOIN shared AS s ON s.block = b.block AND s.block_key = b.block_key
),
met AS (
  SELECT
    a.customer_id,
    b.customer_id AS other_customer_id,
    max(CASE WHEN a.block = 'tax' THEN 1 ELSE 0 END) AS same_tax,
    max(CASE WHEN a.block = 'email' THEN 1 ELSE 0 END) AS same_email,
    max(CASE WHEN a.block = 'phone' THEN 1 ELSE 0 END) AS same_phone,
    max(CASE WHEN a.block = 'address' THEN 1 ELSE 0 END) AS same_address
  FROM keyed AS a
  JOIN keyed AS b ON b.block = a.block AND b.block_key = a.block_key AND a.customer_id < b.customer_id
  GROUP BY a.customer_id, b.customer_id
),
automatic AS (
  SELECT
    m.customer_id,
    m.other_customer_id,
    CASE
      WHEN same_tax = 1 THEN 'same tax id'
      WHEN same_email = 1 THEN 'same e-mail address'
      WHEN same_phone = 1 THEN 'same telephone number and name'
      WHEN same_address = 1 THEN 'same address and name'
    END AS reason
  FROM met AS m
  JOIN customer_parties AS p ON p.customer_id = m.customer_id
  JOIN customer_parties AS q ON q.customer_id = m.other_customer_id
  WHERE same_tax = 1 OR coalesce(p.tax_key, '') = '' OR coalesce(q.tax_key, '') = '' OR p.tax_key = q.tax_key
),
decided AS (
  SELECT
    least(customer_id, other_customer_id) AS customer_id,
    greatest(customer_id, other_customer_id) AS other_customer_id,
    customer_id AS moved_customer_id,
    decision,
    decided_by,
    decided_on,
    row_number() OVER (
      PARTITION BY least(customer_id, other_customer_id), greatest(customer_id, other_customer_id)
      ORDER BY decided_on DESC, decision_id DESC
    ) AS turn
  FROM customer_decisions
),
-- An unmerge takes back a merge by hand, and all is as before it. Where people had not merged the two,
-- or the rules say they are one as well, it takes the customer out: later decisions only link it.
taken_out AS (
  SELECT DISTINCT d.moved_customer_id AS customer_id
  FROM decided AS d
  LEFT JOIN automatic AS a ON a.customer_id = d.customer_id AND a.other_customer_id = d.other_customer_id
  LEFT JOIN decided AS m
    ON m.customer_id = d.customer_id AND m.other_customer_id = d.other_customer_id AND m.decision = 'merge'
  WHERE d.turn = 1 AND d.decision = 'unmerge' AND (a.reason IS NOT NULL OR m.decision IS NULL)
)
SELECT a.customer_id, a.other_customer_id, a.reason
FROM automatic AS a
LEFT JOIN taken_out AS x ON x.customer_id = a.customer_id
LEFT JOIN taken_out AS y ON y.customer_id = a.other_customer_id
LEFT JOIN decided AS d ON d.customer_id = a.customer_id AND d.other_customer_id = a.other_customer_id AND d.turn = 1
WHERE a.reason IS NOT NULL AND x.customer_id IS NULL AND y.customer_id IS NULL AND d.customer_id IS NULL
UNION ALL
SELECT customer_id, other_customer_id, 'merged by ' || decided_by || ' on ' || CAST(decided_on AS STRING)
FROM decided
WHERE turn = 1 AND decision = 'merge' AND customer_id <> other_customer_id
