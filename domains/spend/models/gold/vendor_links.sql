-- Pairs of vendors that are the same company, each with the reasons. Nothing rests on how alike
-- two names look: names meet by words that few others have, and a second piece of evidence or the
-- same rare words must agree; two different tax ids keep them apart.
-- grain: vendor_id, other_vendor_id
WITH signature AS (
  SELECT
    vendor_id,
    sum(word_weight) AS weight,
    count(*) AS words,
    sum(row_hash(CAST(7 AS UBIGINT), word) % 1000000007) AS name_key
  FROM vendor_words
  GROUP BY vendor_id
),
-- Candidates: the same tax id, bank account or address where few share it, or a rare word.
rare AS (
  SELECT vendor_id, word, word_vendors,
    row_number() OVER (PARTITION BY vendor_id ORDER BY word_vendors, word) AS turn
  FROM vendor_words
  WHERE word_vendors <= 20
),
blocks AS (
  SELECT vendor_id, 'tax' AS block, tax_key AS block_key FROM vendor_parties WHERE tax_key <> ''
  UNION ALL
  SELECT vendor_id, 'bank', bank_key FROM vendor_parties WHERE bank_key <> ''
  UNION ALL
  SELECT vendor_id, 'address', address_key FROM vendor_parties WHERE address_key <> '' AND address_key <> '|'
  UNION ALL
  SELECT vendor_id, 'word', word FROM rare WHERE turn <= 2 AND word_vendors > 1
  UNION ALL
  SELECT vendor_id, 'name', CAST(name_key AS STRING) || '|' || CAST(words AS STRING) FROM signature
),
shared AS (
  SELECT block, block_key, count(*) AS vendors
  FROM blocks
  GROUP BY block, block_key
  HAVING count(*) BETWEEN 2 AND 20
),
keyed AS (
  SELECT b.vendor_id, b.block, b.block_key
  FROM blocks AS b
  JOIN shared AS s ON s.block = b.block AND s.block_key = b.block_key
),
met AS (
  SELECT
    a.vendor_id,
    b.vendor_id AS other_vendor_id,
    max(CASE WHEN a.block = 'tax' THEN 1 ELSE 0 END) AS same_tax,
    max(CASE WHEN a.block = 'bank' THEN 1 ELSE 0 END) AS same_bank,
    max(CASE WHEN a.block = 'address' THEN 1 ELSE 0 END) AS same_address,
    max(CASE WHEN a.block = 'name' THEN 1 ELSE 0 END) AS same_name
  FROM keyed AS a
  JOIN keyed AS b ON b.block = a.block AND b.block_key = a.block_key AND a.vendor_id < b.vendor_id
  GROUP BY a.vendor_id, b.vendor_id
),
-- The outer join is for the order of work: the words of a pair's one vendor, then those it shares.
common AS (
  SELECT m.vendor_id, m.other_vendor_id, sum(CASE WHEN y.word IS NOT NULL THEN x.word_weight END) AS weight
  FROM met AS m
  JOIN vendor_words AS x ON x.vendor_id = m.vendor_id
  LEFT JOIN vendor_words AS y ON y.vendor_id = m.other_vendor_id AND y.word = x.word
  GROUP BY m.vendor_id, m.other_vendor_id
),
judged AS (
  SELECT
    m.vendor_id,
    m.other_vendor_id,
    m.same_tax,
    m.same_bank,
    m.same_address,
    CASE WHEN p.tax_key <> '' AND q.tax_key <> '' AND p.tax_key <> q.tax_key THEN 1 ELSE 0 END AS other_tax,
    -- How much of all telling words the two share, in percent of their weight.
    CAST(floor(100 * coalesce(c.weight, 0) / nullif(CAST(s.weight + o.weight - coalesce(c.weight, 0) AS DOUBLE), 0)) AS BIGINT) AS alike,
    coalesce(c.weight, 0) AS common_weight,
    w.whole
  FROM met AS m
  JOIN vendor_parties AS p ON p.vendor_id = m.vendor_id
  JOIN vendor_parties AS q ON q.vendor_id = m.other_vendor_id
  CROSS JOIN (
    SELECT CAST(round(1000 * ln(CAST(count(*) + 1 AS DOUBLE)), 0) AS BIGINT) AS whole FROM vendor_parties
  ) AS w
  LEFT JOIN signature AS s ON s.vendor_id = m.vendor_id
  LEFT JOIN signature AS o ON o.vendor_id = m.other_vendor_id
  LEFT JOIN common AS c ON c.vendor_id = m.vendor_id AND c.other_vendor_id = m.other_vendor_id
),
automatic AS (
  SELECT
    vendor_id,
    other_vendor_id,
    CASE
      WHEN same_tax = 1 THEN 'same tax id'
      WHEN same_bank = 1 AND alike >= 30 THEN 'same bank account and telling words of the name'
      WHEN same_address = 1 AND alike >= 30 THEN 'same address and telling words of the name'
      WHEN alike >= 85 AND 100 * common_weight >= {{ var('name_alone_percent') }} * whole THEN 'all telling words of the name, which few others have'
    END AS reason
  FROM judged
  WHERE same_tax = 1 OR other_tax = 0
),
decided AS (
  SELECT
    least(vendor_id, other_vendor_id) AS vendor_id,
    greatest(vendor_id, other_vendor_id) AS other_vendor_id,
    vendor_id AS moved_vendor_id,
    decision,
    decided_by,
    decided_on,
    row_number() OVER (
      PARTITION BY least(vendor_id, other_vendor_id), greatest(vendor_id, other_vendor_id)
      -- Numbers grow: 10 is after 9.
      ORDER BY decided_on DESC, length(decision_id) DESC, decision_id DESC
    ) AS turn
  FROM vendor_decisions
),
-- Whoever was taken out of a cluster is linked by later decisions only.
taken_out AS (
  SELECT DISTINCT moved_vendor_id AS vendor_id FROM decided WHERE turn = 1 AND decision = 'unmerge'
)
SELECT a.vendor_id, a.other_vendor_id, a.reason
FROM automatic AS a
LEFT JOIN taken_out AS x ON x.vendor_id = a.vendor_id
LEFT JOIN taken_out AS y ON y.vendor_id = a.other_vendor_id
LEFT JOIN decided AS d ON d.vendor_id = a.vendor_id AND d.other_vendor_id = a.other_vendor_id AND d.turn = 1
WHERE a.reason IS NOT NULL AND x.vendor_id IS NULL AND y.vendor_id IS NULL AND d.vendor_id IS NULL
UNION ALL
SELECT vendor_id, other_vendor_id, 'merged by ' || decided_by || ' on ' || CAST(decided_on AS STRING)
FROM decided
WHERE turn = 1 AND decision = 'merge' AND vendor_id <> other_vendor_id
