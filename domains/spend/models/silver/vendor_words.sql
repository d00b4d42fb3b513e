-- The words of vendors' names with how rare each is: 1000 times the natural logarithm of vendors
-- per vendor with the word. Legal forms and fillers do not count.
-- grain: vendor_id, word
WITH words AS (
  SELECT DISTINCT p.vendor_id, split_part(p.name_plain, ' ', CAST(n AS INT)) AS word
  FROM vendor_parties AS p
  CROSS JOIN range(1, 13) AS t(n)
  WHERE NOT p.is_placeholder AND split_part(p.name_plain, ' ', CAST(n AS INT)) <> ''
),
telling AS (
  SELECT w.vendor_id, w.word
  FROM words AS w
  LEFT JOIN name_noise_words AS x ON x.word = w.word
  WHERE x.word IS NULL
),
counted AS (
  SELECT word, count(*) AS vendors FROM telling GROUP BY word
),
total AS (
  SELECT count(*) AS vendors FROM vendor_parties
)
SELECT
  t.vendor_id,
  t.word,
  CAST(c.vendors AS BIGINT) AS word_vendors,
  CAST(round(1000 * ln(CAST(n.vendors + 1 AS DOUBLE) / nullif(c.vendors, 0)), 0) AS BIGINT) AS word_weight
FROM telling AS t
JOIN counted AS c ON c.word = t.word
CROSS JOIN total AS n
