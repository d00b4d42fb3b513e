-- Every customer there is, once: those of the master with their present particulars, and those that
-- stand on documents only. The keys are what is compared: without case, blanks and signs.
-- grain: customer_id
WITH seen AS (
  SELECT customer_id FROM order_lines
  UNION
  SELECT customer_id FROM invoices
  UNION
  SELECT customer_id FROM payments
  UNION
  SELECT customer_id FROM tickets
),
parties AS (
  SELECT customer_id, name, email, phone, tax_id, address, postcode, city, country, segment,
    marketing_consent, created_on, true AS is_in_master
  FROM customer_versions
  WHERE is_current
  UNION ALL
  SELECT s.customer_id, 'Customer ' || s.customer_id, CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING),
    CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING),
    false, CAST(NULL AS DATE), false
  FROM seen AS s
  LEFT JOIN customer_versions AS v ON v.customer_id = s.customer_id AND v.is_current
  WHERE v.customer_id IS NULL AND s.customer_id <> '?'
),
words AS (
  SELECT DISTINCT p.customer_id,
    split_part(translate(lower(p.name), '.,;:-_/()[]&+*#"’`´', '                   '), ' ', CAST(n AS INT)) AS word
  FROM parties AS p
  CROSS JOIN range(1, 13) AS t(n)
  WHERE p.is_in_master
),
telling AS (
  SELECT w.customer_id,
    CAST(count(*) AS BIGINT) AS words,
    CAST(sum(row_hash(CAST(7 AS UBIGINT), w.word) % 1000000007) AS STRING) || '|' || CAST(count(*) AS STRING) AS name_key
  FROM words AS w
  LEFT JOIN name_noise_words AS x ON x.word = w.word
  WHERE w.word <> '' AND x.word IS NULL
  GROUP BY w.customer_id
)
SELECT
  p.customer_id,
  p.name,
  coalesce(t.name_key, '') AS name_key,
  coalesce(t.words, 0) AS telling_words,
  {{ plain_key('p.tax_id') }} AS tax_key,
  CASE WHEN m.mailbox IS NULL AND p.email LIKE '%@%'
    THEN {{ mailbox('p.email') }} || '@' || split_part(lower(trim(p.email)), '@', 2)
    ELSE '' END AS email_key,
  right(translate(p.phone, ' -/().+', ''), 9) AS phone_key,
  lower(replace(replace(translate(lower(p.address), ' .,-', ''), 'strasse', 'str'), 'street', 'str'))
    || '|' || translate(lower(p.postcode), ' -', '') AS address_key,
  translate(lower(p.postcode), ' -', '') AS postcode_key,
  p.city,
  p.country,
  p.segment,
  p.marketing_consent,
  p.created_on,
  p.is_in_master
FROM parties AS p
LEFT JOIN telling AS t ON t.customer_id = p.customer_id
LEFT JOIN shared_mailboxes AS m ON m.mailbox = {{ mailbox('p.email') }}
