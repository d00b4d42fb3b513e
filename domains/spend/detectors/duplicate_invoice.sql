-- An invoice that was entered or billed again. Two documents are compared when they have the same
-- amount and either the same number, as it can be misread, or the same company, nearly the same day
-- and numbers that differ by one slip of the keyboard. A document is also compared with single lines
-- of others, for what is paid twice may be a part. What a slip proves depends on the company's own
-- history: an amount that it billed twice and never else is no chance, one that it bills every week
-- is. What was credited and whole runs that came twice are no duplicates.
-- Keys of 64 bits say where a look at the texts is worth it; the texts decide.
WITH wholes AS (
  SELECT
    d.document_id, d.line_count, d.vendor_cluster, d.is_placeholder, d.number_plain, d.number_parts, d.number_stem, d.invoice_date, d.posted_on,
    d.currency, d.amount, d.entity, d.posted_month,
    row_hash(CAST(21 AS UBIGINT), d.vendor_cluster, d.currency) AS vendor_key,
    row_hash(CAST(22 AS UBIGINT), d.vendor_cluster, d.currency, d.amount) AS money_key,
    row_hash(CAST(24 AS UBIGINT), d.entity, d.number_plain) AS number_key
  FROM {{ documents() }} AS d
  LEFT JOIN batch_twins AS t ON t.batch_id = d.batch_id
  WHERE d.document_type = 'invoice' AND d.amount >= {{ param('min_amount') }} AND t.batch_id IS NULL
),
-- Equal lines of one document are one: a look at the first is enough.
parts AS (
  SELECT document_id, posted_month, amount, min(line_id) AS line_id
  FROM fact_invoice_line
  WHERE document_lines > 1 AND amount >= {{ param('min_amount') }}
  GROUP BY document_id, posted_month, amount
),
-- Documents, and the single lines of those that have several.
bills AS (
  SELECT document_id, document_id AS unit_id, 0 AS is_part, is_placeholder, number_plain, number_parts, number_stem, number_key, invoice_date,
    posted_on, currency, amount, money_key
  FROM wholes
  UNION ALL
  SELECT w.document_id, p.line_id, 1, w.is_placeholder, w.number_plain, w.number_parts, w.number_stem, w.number_key, w.invoice_date,
    w.posted_on, w.currency, CAST(p.amount AS DECIMAL(38,2)), row_hash(CAST(22 AS UBIGINT), w.vendor_cluster, w.currency, CAST(p.amount AS DECIMAL(38,2)))
  FROM parts AS p
  JOIN wholes AS w ON w.document_id = p.document_id AND w.posted_month = p.posted_month
),
-- Amounts that a company has more than once, as a whole or in a part.
repeats AS (
  SELECT money_key, sum(1 - is_part) AS bills
  FROM bills
  GROUP BY money_key
  HAVING count(*) > 1
),
repeated AS (
  SELECT b.*,
    {{ number_counted('b') }} AS counted,
    {{ number_counted_in_year('b') }} AS counted_in_year,
    -- bullion: allow sql-duckdb-only
    CAST(floor(CAST(date_diff('day', DATE '2000-01-01', b.invoice_date) AS DOUBLE) / nullif({{ param('near_days') }} + 1, 0)) AS BIGINT) AS bucket
  FROM bills AS b
  SEMI JOIN repeats AS r ON r.money_key = b.money_key
),
-- How many documents of a company have the amount.
holders AS (
  SELECT money_key, count(DISTINCT row_hash(CAST(23 AS UBIGINT), document_id)) AS documents
  FROM repeated
  GROUP BY money_key
),
-- Of all bills of a company, how many share their amount with another.
habits AS (
  SELECT w.vendor_key, count(*) AS bills, sum(CASE WHEN r.bills > 1 THEN 1 ELSE 0 END) AS equal_bills
  FROM wholes AS w
  LEFT JOIN repeats AS r ON r.money_key = w.money_key
  GROUP BY w.vendor_key
),
-- Numbers that stand on documents of several companies. Where and while a ledger numbers its
-- documents itself that cannot be, so such a number was typed wrong; where vendors number them it is
-- common.
numbered AS (
  SELECT entity, posted_month, vendor_key, number_key
  FROM wholes
  WHERE length(number_plain) >= 6
),
posted AS (
  SELECT entity, posted_month, sum(CASE WHEN length(number_plain) >= 6 THEN 1 ELSE 0 END) AS numbers
  FROM wholes
  GROUP BY entity, posted_month
),
shared AS (
  SELECT number_key FROM numbered GROUP BY number_key HAVING min(vendor_key) <> max(vendor_key)
),
shared_in AS (
  SELECT n.entity, n.posted_month, n.number_key FROM numbered AS n SEMI JOIN shared AS s ON s.number_key = n.number_key
),
common AS (
  SELECT m.entity, m.posted_month
  FROM posted AS m
  JOIN (SELECT entity, posted_month, count(*) AS shared FROM shared_in GROUP BY entity, posted_month) AS s
    ON s.entity = m.entity AND s.posted_month = m.posted_month
  WHERE 100 * s.shared > {{ param('shared_percent') }} * m.numbers
),
taken AS (
  SELECT s.number_key
  FROM shared_in AS s
  LEFT JOIN common AS c ON c.entity = s.entity AND c.posted_month = s.posted_month
  GROUP BY s.number_key
  HAVING count(c.posted_month) = 0
),
credits AS (
  SELECT d.currency, -d.amount AS amount, d.posted_on, d.reverses_number,
    row_hash(CAST(22 AS UBIGINT), d.vendor_cluster, d.currency, -d.amount) AS money_key
  FROM {{ documents() }} AS d
  WHERE d.amount < 0
),
credited AS (
  SELECT money_key, count(*) AS credits FROM credits GROUP BY money_key
),
keys AS (
  SELECT unit_id, document_id, is_part, posted_on, number_plain AS number_text, currency, amount,
    row_hash(CAST(25 AS UBIGINT), number_plain, currency, amount) AS number_key
  FROM bills
  WHERE number_plain <> ''
  UNION ALL
  SELECT unit_id, document_id, is_part, posted_on, number_parts, currency, amount, row_hash(CAST(25 AS UBIGINT), number_parts, currency, amount)
  FROM bills
  WHERE length(number_parts) >= 3 AND number_parts <> number_plain
  UNION ALL
  SELECT unit_id, document_id, is_part, posted_on, number_stem, currency, amount, row_hash(CAST(25 AS UBIGINT), number_stem, currency, amount)
  FROM bills
  WHERE length(number_stem) >= 3 AND number_stem <> number_plain AND number_stem <> number_parts
),
shared_keys AS (
  SELECT number_key FROM keys GROUP BY number_key HAVING count(*) > 1
),
kept_keys AS (
  SELECT k.* FROM keys AS k SEMI JOIN shared_keys AS s ON s.number_key = k.number_key
),
-- Pairs: the later unit, and the earlier one.
same_numbers AS (
  SELECT DISTINCT l.unit_id, l.document_id, l.posted_on, l.is_part, o.unit_id AS first_id, o.document_id AS first_document_id,
    o.posted_on AS first_posted_on, o.is_part AS first_is_part, l.amount
  FROM kept_keys AS l
  JOIN kept_keys AS o
    ON o.number_key = l.number_key AND o.number_text = l.number_text AND o.amount = l.amount AND o.currency = l.currency
  WHERE o.document_id <> l.document_id AND l.is_part + o.is_part <= 1
    AND (o.posted_on < l.posted_on OR (o.posted_on = l.posted_on AND o.document_id < l.document_id))
    -- bullion: allow sql-duckdb-only
    AND date_diff('day', o.posted_on, l.posted_on) <= {{ param('window_days') }}
),
meets AS (
  SELECT *, bucket AS meeting FROM repeated
  UNION ALL
  SELECT *, bucket + 1 FROM repeated
  UNION ALL
  SELECT *, bucket - 1 FROM repeated
),
near_bills AS (
  SELECT l.unit_id, l.document_id, l.posted_on, l.is_part, o.unit_id AS first_id, o.document_id AS first_document_id,
    o.posted_on AS first_posted_on, o.is_part AS first_is_part, l.amount, l.money_key,
    -- bullion: allow sql-duckdb-only
    date_diff('day', o.posted_on, l.posted_on) AS days_posted,
    CASE WHEN l.posted_on > o.posted_on THEN 1 ELSE 0 END AS is_later,
    length(l.number_plain) = length(o.number_plain) AS same_length,
    levenshtein(l.number_plain, o.number_plain) AS slips,
    {{ number_distance('l', 'o') }} AS distance,
    coalesce(l.counted < o.counted, false) AS is_lower,
    l.number_key, o.number_key AS first_number_key
  FROM meets AS l
  JOIN repeated AS o ON o.money_key = l.money_key AND o.bucket = l.meeting
  WHERE o.document_id <> l.document_id AND l.is_part + o.is_part <= 1 AND o.amount = l.amount AND o.currency = l.currency
    AND NOT l.is_placeholder
    AND (length(l.number_plain) = length(o.number_plain)
      OR (abs(length(l.number_plain) - length(o.number_plain)) = 1 AND least(length(l.number_plain), length(o.number_plain)) >= 5))
    AND (o.posted_on < l.posted_on OR (o.posted_on = l.posted_on AND o.document_id < l.document_id))
    -- bullion: allow sql-duckdb-only
    AND date_diff('day', o.posted_on, l.posted_on) <= {{ param('window_days') }}
    -- bullion: allow sql-duckdb-only
    AND abs(date_diff('day', o.invoice_date, l.invoice_date)) <= {{ param('near_days') }}
),
other_numbers AS (
  SELECT n.*
  FROM near_bills AS n
  ANTI JOIN same_numbers AS s ON s.unit_id = n.unit_id AND s.first_id = n.first_id
  WHERE n.same_length OR n.slips = 1
),
-- How often a company bills an amount again within days, at once or later.
near AS (
  SELECT money_key, is_later, count(DISTINCT row_hash(CAST(26 AS UBIGINT), first_document_id, document_id)) AS pairs
  FROM other_numbers
  GROUP BY money_key, is_later
),
-- Most slips prove nothing in view of the company's habit; the texts of the others alone are worth a look.
slipped AS (
  SELECT
    o.*,
    {{ amount_habit('d.documents', 'n.pairs') }} AS habit,
    t.number_key IS NOT NULL OR u.number_key IS NOT NULL AS is_taken
  FROM other_numbers AS o
  LEFT JOIN holders AS d ON d.money_key = o.money_key
  LEFT JOIN near AS n ON n.money_key = o.money_key AND n.is_later = o.is_later
  LEFT JOIN taken AS t ON t.number_key = o.number_key
  LEFT JOIN taken AS u ON u.number_key = o.first_number_key
  WHERE o.slips BETWEEN 1 AND 2
),
pairs AS (
  SELECT unit_id, document_id, posted_on, is_part, first_id, first_document_id, first_posted_on, first_is_part, amount, 1 AS same_number
  FROM same_numbers
  UNION ALL
  SELECT unit_id, document_id, posted_on, is_part, first_id, first_document_id, first_posted_on, first_is_part, amount, 0
  FROM slipped AS s
  WHERE 100 * {{ slip_points('s') }} >= {{ param('min_points') }}
),
involved AS (
  SELECT document_id FROM pairs
  UNION
  SELECT first_document_id FROM pairs
),
facts AS (
  SELECT d.*,
    {{ number_counted('d') }} AS counted,
    {{ number_counted_in_year('d') }} AS counted_in_year
  FROM {{ documents() }} AS d
  SEMI JOIN involved AS i ON i.document_id = d.document_id
),
-- `o` is the original, `l` the later one.
compared AS (
  SELECT
    p.unit_id,
    p.first_id,
    l.document_id,
    o.document_id AS first_document_id,
    p.is_part,
    p.first_is_part,
    p.same_number,
    l.vendor_cluster = o.vendor_cluster AS same_vendor,
    l.is_placeholder OR o.is_placeholder AS any_placeholder,
    l.number_plain = o.number_plain AS equal_plain,
    l.number_parts = o.number_parts AS equal_parts,
    length(l.number_plain) AS number_length,
    length(l.number_plain) = length(o.number_plain) AS same_length,
    CASE WHEN p.same_number = 0 THEN levenshtein(l.number_plain, o.number_plain) END AS slips,
    -- Numbers in sequence differ in their last two places only, or in those before the year.
    left(l.number_plain, length(l.number_plain) - 2) = left(o.number_plain, length(o.number_plain) - 2)
      OR (right(l.number_plain, 2) = right(o.number_plain, 2)
        AND right(l.number_plain, 2) = substr(CAST(l.invoice_date AS STRING), 3, 2)
        AND left(l.number_plain, length(l.number_plain) - 4) = left(o.number_plain, length(o.number_plain) - 4)) AS is_near,
    -- bullion: allow sql-duckdb-only
    abs(date_diff('day', o.invoice_date, l.invoice_date)) AS days_between,
    -- bullion: allow sql-duckdb-only
    abs(date_diff('day', o.posted_on, l.posted_on)) AS days_posted,
    {{ number_distance('l', 'o') }} AS distance,
    coalesce(l.counted < o.counted, false) AS is_lower,
    l.contract_id IS NOT NULL AND l.contract_id = o.contract_id AS same_contract,
    o.vendor_id AS first_vendor_id, o.vendor_name AS first_vendor_name, o.invoice_number AS first_number, o.number_plain AS first_plain,
    o.invoice_date AS first_date, o.posted_on AS first_posted_on, o.entity AS first_entity,
    l.vendor_id, l.vendor_name, l.invoice_number, l.number_plain, l.invoice_date, l.posted_on, l.entity, l.vendor_cluster,
    p.amount, l.currency,
    row_hash(CAST(21 AS UBIGINT), l.vendor_cluster, l.currency) AS vendor_key,
    row_hash(CAST(22 AS UBIGINT), l.vendor_cluster, l.currency, p.amount) AS money_key
  FROM pairs AS p
  JOIN facts AS l ON l.document_id = p.document_id AND l.posted_on = p.posted_on
  JOIN facts AS o ON o.document_id = p.first_document_id AND o.posted_on = p.first_posted_on
),
judged AS (
  SELECT
    *,
    CASE
      WHEN same_number = 1 AND same_vendor AND (equal_plain OR equal_parts) THEN
        CASE WHEN entity <> first_entity THEN 'the same number in another entity' WHEN equal_plain THEN 'the same number'
          ELSE 'the same number written otherwise' END
      WHEN same_number = 1 AND same_vendor AND days_between <= {{ param('near_days') }} THEN 'the same number with letters behind it'
      WHEN same_number = 1 AND NOT same_vendor AND number_length >= 5 AND (equal_plain OR equal_parts) THEN
        -- The names are a second opinion only; the number and the amount agree already.
        CASE WHEN left(lower(vendor_name), 5) = left(lower(first_vendor_name), 5)
            OR 3 * levenshtein(lower(vendor_name), lower(first_vendor_name)) <= length(vendor_name)
          THEN 'the same number under a name like it' ELSE 'the same number under another vendor' END
      WHEN same_number = 0 AND same_contract THEN NULL
      -- Two neighbouring letters changed places: the same letters, two of them elsewhere.
      WHEN same_number = 0 AND slips = 2 AND days_between <= {{ param('near_days') }}
        AND length(replace(number_plain, '0', '')) = length(replace(first_plain, '0', ''))
        AND length(replace(number_plain, '1', '')) = length(replace(first_plain, '1', ''))
        AND length(replace(number_plain, '2', '')) = length(replace(first_plain, '2', ''))
        AND length(replace(number_plain, '3', '')) = length(replace(first_plain, '3', ''))
        AND length(replace(number_plain, '4', '')) = length(replace(first_plain, '4', ''))
        AND length(replace(number_plain, '5', '')) = length(replace(first_plain, '5', ''))
        AND length(replace(number_plain, '6', '')) = length(replace(first_plain, '6', ''))
        AND length(replace(number_plain, '7', '')) = length(replace(first_plain, '7', ''))
        AND length(replace(number_plain, '8', '')) = length(replace(first_plain, '8', ''))
        THEN CASE WHEN is_near THEN 'a number whose last places are exchanged' ELSE 'a number with two places exchanged' END
      WHEN same_number = 0 AND slips = 1 AND days_between <= {{ param('near_days') }} THEN
        CASE WHEN NOT same_length THEN 'a number with one place more or less'
          WHEN NOT is_near THEN 'a number that differs in one place' WHEN days_between = 0 THEN 'nearly the same number on the same day'
          ELSE 'nearly the same number' END
    END AS evidence
  FROM compared
),
-- Only now what needs joins: few pairs are left.
weighed AS (
  SELECT
    j.*,
    coalesce(r.bills, 1) AS equal_bills,
    coalesce(CAST(round(ratio_0(100 * greatest(h.equal_bills - coalesce(r.bills, 0), 0), h.bills), 0) AS BIGINT), 0) AS habit_percent,
    coalesce(k.credits, 0) AS credits,
    {{ amount_habit('d.documents', 'n.pairs') }} AS habit,
    t.number_key IS NOT NULL OR u.number_key IS NOT NULL AS is_taken
  FROM judged AS j
  LEFT JOIN repeats AS r ON r.money_key = j.money_key
  LEFT JOIN habits AS h ON h.vendor_key = j.vendor_key
  LEFT JOIN holders AS d ON d.money_key = j.money_key
  LEFT JOIN credited AS k ON k.money_key = j.money_key
  LEFT JOIN near AS n ON n.money_key = j.money_key AND n.is_later = CASE WHEN j.days_posted > 0 THEN 1 ELSE 0 END
  LEFT JOIN taken AS t ON t.number_key = row_hash(CAST(24 AS UBIGINT), j.entity, j.number_plain)
  LEFT JOIN taken AS u ON u.number_key = row_hash(CAST(24 AS UBIGINT), j.first_entity, j.first_plain)
  WHERE j.evidence IS NOT NULL
),
-- A credit settles a pair when it names one of them, when no more than one bill is left without a
-- credit, or when it comes soon after.
settled AS (
  SELECT DISTINCT w.unit_id, w.first_id
  FROM weighed AS w
  JOIN credits AS c ON c.money_key = w.money_key AND c.amount = w.amount AND c.currency = w.currency
  WHERE c.reverses_number = w.invoice_number OR c.reverses_number = w.first_number
    OR (c.posted_on >= w.first_posted_on - 30 AND c.posted_on <= w.posted_on + {{ param('credit_days') }} AND w.equal_bills - w.credits <= 1)
    OR (c.posted_on >= w.first_posted_on AND c.posted_on <= w.posted_on + {{ param('soon_days') }})
),
scored AS (
  SELECT
    w.*,
    CASE
      WHEN w.evidence = 'the same number' THEN 980000
      WHEN w.evidence = 'the same number written otherwise' THEN 960000
      WHEN w.evidence = 'the same number in another entity' THEN 950000
      WHEN w.evidence = 'the same number under a name like it' THEN CASE WHEN w.number_length >= 8 THEN 950000 ELSE 850000 END
      WHEN w.evidence = 'the same number with letters behind it' THEN 880000
      WHEN w.evidence = 'the same number under another vendor' THEN
        CASE WHEN w.is_part + w.first_is_part > 0 THEN 0 WHEN w.any_placeholder THEN 5000 ELSE 8500 END * greatest(10, 100 - w.habit_percent)
      ELSE {{ slip_points('w') }}
    END
    -- A round amount comes twice sooner than another.
    * CASE
        WHEN w.distance >= 10000 OR w.distance IS NULL OR w.is_taken OR w.amount <> round(w.amount, 0)
          OR (w.same_number = 1 AND w.evidence <> 'the same number under another vendor') THEN 100
        WHEN w.same_number = 0 AND (w.distance >= 10 OR w.slips = 2) THEN CASE WHEN w.amount = round(w.amount, -2) THEN 92 ELSE 97 END
        WHEN w.amount = round(w.amount, -2) THEN 70
        ELSE 85
      END AS points,
    -- The next numbers, which are weak alone.
    w.same_number = 0 AND w.slips = 1 AND w.distance < 10 AND NOT w.is_taken AS is_next
  FROM weighed AS w
  LEFT JOIN settled AS s ON s.unit_id = w.unit_id AND s.first_id = w.first_id
  WHERE s.unit_id IS NULL
),
-- Where equal bills have next numbers month by month, they are entered one after the other and paid
-- on several days: that proves nothing, and what is close by proves little.
in_sequence AS (
  SELECT s.entity
  FROM (SELECT entity, count(DISTINCT document_id) AS bills FROM scored WHERE is_next AND points >= {{ param('min_points') }} GROUP BY entity) AS s
  JOIN (SELECT entity, count(*) AS months FROM posted GROUP BY entity) AS m ON m.entity = s.entity
  WHERE s.bills > {{ param('next_numbers') }} * m.months
),
best AS (
  SELECT
    s.*,
    row_number() OVER (PARTITION BY s.document_id ORDER BY s.points DESC, s.is_part, s.first_posted_on, s.first_id NULLS LAST) AS turn
  FROM scored AS s
  LEFT JOIN in_sequence AS q ON q.entity = s.entity
  WHERE s.points >= {{ param('min_points') }}
    AND (q.entity IS NULL OR s.same_number = 1 OR s.is_taken OR s.slips > 1 OR s.distance >= 100 OR s.points >= 80000000)
),
-- Many invoices of one month that were posted again in another are one event.
kept AS (
  SELECT
    *,
    same_number = 1 AND same_vendor AND month_key(first_posted_on) <> month_key(posted_on)
      AND sum(CASE WHEN same_number = 1 AND same_vendor THEN 1 ELSE 0 END) OVER (
        PARTITION BY entity, month_key(first_posted_on), month_key(posted_on)
      ) >= {{ param('run_invoices') }} AS is_run,
    -- So are several invoices of a company that were posted again on one day.
    same_number = 1 AND same_vendor AND first_posted_on < posted_on
      AND sum(CASE WHEN same_number = 1 AND same_vendor AND first_posted_on < posted_on THEN 1 ELSE 0 END) OVER (
        PARTITION BY entity, vendor_cluster, posted_on
      ) > 1 AS is_together
  FROM best
  WHERE turn = 1
),
shown AS (
  SELECT *, document_id AS shown_id, unit_id AS shown_unit_id, is_part AS shown_is_part FROM kept
  UNION ALL
  SELECT *, first_document_id, first_id, first_is_part FROM kept
),
rows_shown AS (
  SELECT
    CASE
      -- What one company billed several times on one day, counting on, is one finding.
      WHEN b.same_number = 0 AND b.days_posted = 0 AND b.distance < 10000
        THEN b.vendor_cluster || '|' || CAST(b.amount AS STRING) || '|' || CAST(b.invoice_date AS STRING)
      ELSE b.first_vendor_id || '|' || b.first_number || '|' || CAST(b.first_date AS STRING) || '|' || b.vendor_id || '|'
        || b.invoice_number || '|' || CAST(b.invoice_date AS STRING) || '|' || b.entity
    END AS finding_key,
    CASE WHEN b.is_run THEN 'batch' ELSE 'invoice' END AS subject_type,
    CASE
      WHEN b.is_run THEN b.entity || ' ' || month_key(b.first_posted_on) || ' again in ' || month_key(b.posted_on)
      WHEN b.is_together THEN b.entity || ' ' || b.vendor_cluster || ' again on ' || CAST(b.posted_on AS STRING)
      ELSE b.first_vendor_id || ' ' || b.first_number
    END AS subject_id,
    f.line_id AS row_id,
    CASE WHEN f.document_id = b.document_id THEN 'flagged' ELSE 'compared' END AS role,
    b.posted_on AS occurred_on,
    CAST(CASE WHEN f.document_id = b.document_id AND f.amount > 0 THEN f.amount ELSE 0 END AS DECIMAL(28,6)) AS amount_at_risk,
    b.currency,
    CAST(ratio_4(b.points, 100000000) AS DECIMAL(5,4)) AS strength,
    'Invoice ' || b.invoice_number || ' of ' || b.vendor_name || ' (' || b.currency || ' ' || CAST(b.amount AS STRING) || ', posted '
      || CAST(b.posted_on AS STRING) || ') has the same amount and ' || b.evidence
      || CASE WHEN b.same_number = 0 AND b.is_taken THEN ', one that another company has as well,' ELSE '' END || ' as invoice ' || b.first_number || ' of '
      || b.first_vendor_name || ', posted ' || CAST(b.first_posted_on AS STRING) AS reason
  FROM shown AS b
  JOIN fact_invoice_line AS f ON f.document_id = b.shown_id AND (b.shown_is_part = 0 OR f.line_id = b.shown_unit_id)
),
-- Of three copies the second is compared with the first and with the third: once is enough.
counted AS (
  SELECT *, row_number() OVER (PARTITION BY finding_key, row_id ORDER BY role DESC, strength DESC, reason NULLS LAST) AS turn
  FROM rows_shown
)
SELECT finding_key, subject_type, subject_id, row_id, role, occurred_on, amount_at_risk, currency, strength, reason
FROM counted
WHERE turn = 1
