-- An invoice that was entered or billed again. Two documents are compared when they have the same
-- amount and either the same number, as it can be misread, or the same company, nearly the same day
-- and numbers that differ by one slip of the keyboard. A document is also compared with single lines
-- of others, for what is paid twice may be a part. What a slip proves depends on the company's own
-- history: an amount that it billed twice and never else is no chance, one that it bills every week
-- is. What was credited and whole runs that came twice are no duplicates.
WITH wholes AS (
  SELECT
    d.document_id, d.document_id AS unit_id, 0 AS is_part, d.line_count, d.vendor_cluster, d.is_placeholder, d.vendor_id, d.vendor_name, d.entity, d.invoice_number,
    d.number_plain, d.number_parts, d.number_stem, d.invoice_date, d.posted_on, d.contract_id, d.currency, d.amount,
    -- bullion: allow sql-duckdb-only
    CAST(floor(CAST(date_diff('day', DATE '2000-01-01', d.invoice_date) AS DOUBLE) / nullif({{ param('near_days') }} + 1, 0)) AS BIGINT) AS bucket
  FROM {{ documents() }} AS d
  LEFT JOIN batch_twins AS t ON t.batch_id = d.batch_id
  WHERE d.document_type = 'invoice' AND d.amount >= {{ param('min_amount') }} AND t.batch_id IS NULL
),
bills AS (
  SELECT * FROM wholes
  UNION ALL
  SELECT
    w.document_id, f.line_id, 1, w.line_count, w.vendor_cluster, w.is_placeholder, w.vendor_id, w.vendor_name, w.entity,
    w.invoice_number, w.number_plain, w.number_parts, w.number_stem, w.invoice_date, w.posted_on, w.contract_id, w.currency,
    CAST(f.amount AS DECIMAL(38,2)), w.bucket
  FROM wholes AS w
  JOIN fact_invoice_line AS f ON f.document_id = w.document_id
  WHERE w.line_count BETWEEN 2 AND {{ param('max_lines') }} AND f.amount >= {{ param('min_amount') }}
),
repeats AS (
  SELECT vendor_cluster, amount, currency, count(*) AS bills
  FROM wholes
  GROUP BY vendor_cluster, amount, currency
),
-- Of all bills of a company, how many share their amount with another.
habits AS (
  SELECT vendor_cluster, currency, sum(bills) AS bills,
    coalesce(sum(CASE WHEN bills > 1 THEN bills END), 0) AS equal_bills
  FROM repeats
  GROUP BY vendor_cluster, currency
),
-- How many documents of a company have the amount, as a whole or in a part.
holders AS (
  SELECT vendor_cluster, amount, currency, count(DISTINCT document_id) AS documents
  FROM bills
  GROUP BY vendor_cluster, amount, currency
),
-- Numbers that stand on documents of several companies. Where a ledger numbers its documents itself
-- that cannot be, so such a number was typed wrong; where vendors number them it is common.
numbers AS (
  SELECT number_plain, count(DISTINCT vendor_cluster) AS companies
  FROM wholes
  WHERE length(number_plain) >= 6
  GROUP BY number_plain
),
ledger AS (
  SELECT count(*) AS numbers, coalesce(sum(CASE WHEN companies > 1 THEN 1 ELSE 0 END), 0) AS shared
  FROM numbers
),
taken AS (
  SELECT n.number_plain
  FROM numbers AS n
  CROSS JOIN ledger AS g
  WHERE n.companies > 1 AND 100 * g.shared <= {{ param('shared_percent') }} * g.numbers
),
credits AS (
  SELECT vendor_cluster, currency, -amount AS amount, posted_on, reverses_number
  FROM {{ documents() }} AS d
  WHERE amount < 0
),
credited AS (
  SELECT vendor_cluster, currency, amount, count(*) AS credits FROM credits GROUP BY vendor_cluster, currency, amount
),
keys AS (
  SELECT unit_id, document_id, is_part, number_plain AS number_key, currency, amount FROM bills WHERE number_plain <> ''
  UNION ALL
  SELECT unit_id, document_id, is_part, number_parts, currency, amount FROM bills
  WHERE length(number_parts) >= 3 AND number_parts <> number_plain
  UNION ALL
  SELECT unit_id, document_id, is_part, number_stem, currency, amount FROM bills
  WHERE length(number_stem) >= 3 AND number_stem <> number_plain AND number_stem <> number_parts
),
met AS (
  SELECT a.unit_id, b.unit_id AS other_id, 1 AS same_number
  FROM keys AS a
  JOIN keys AS b
    ON b.number_key = a.number_key AND b.amount = a.amount AND b.currency = a.currency
    AND b.document_id <> a.document_id AND a.is_part + b.is_part <= 1
  UNION ALL
  SELECT a.unit_id, b.unit_id, 0
  FROM bills AS a
  JOIN bills AS b
    ON b.vendor_cluster = a.vendor_cluster AND b.amount = a.amount AND b.currency = a.currency AND b.bucket = a.bucket
  WHERE a.document_id <> b.document_id AND a.is_part + b.is_part <= 1 AND NOT a.is_placeholder AND length(a.number_plain) = length(b.number_plain)
  UNION ALL
  SELECT a.unit_id, b.unit_id, 0
  FROM bills AS a
  JOIN bills AS b
    ON b.vendor_cluster = a.vendor_cluster AND b.amount = a.amount AND b.currency = a.currency AND b.bucket = a.bucket + 1
  WHERE a.document_id <> b.document_id AND a.is_part + b.is_part <= 1 AND NOT a.is_placeholder AND length(a.number_plain) = length(b.number_plain)
  UNION ALL
  SELECT b.unit_id, a.unit_id, 0
  FROM bills AS a
  JOIN bills AS b
    ON b.vendor_cluster = a.vendor_cluster AND b.amount = a.amount AND b.currency = a.currency AND b.bucket = a.bucket + 1
  WHERE a.document_id <> b.document_id AND a.is_part + b.is_part <= 1 AND NOT a.is_placeholder AND length(a.number_plain) = length(b.number_plain)
),
counted_bills AS (
  SELECT *,
    CASE
      WHEN number_parts <> number_plain AND length(number_parts) > 3 AND right(number_parts, 2) = substr(CAST(invoice_date AS STRING), 3, 2)
        THEN try_cast(left(number_parts, length(number_parts) - 2) AS BIGINT)
      ELSE try_cast(number_parts AS BIGINT)
    END AS counted
  FROM bills
),
pairs AS (
  SELECT unit_id, other_id, max(same_number) AS same_number
  FROM met
  GROUP BY unit_id, other_id
),
-- `o` is the original, `l` the later one.
compared AS (
  SELECT
    l.unit_id,
    o.unit_id AS first_id,
    l.document_id,
    o.document_id AS first_document_id,
    l.is_part,
    o.is_part AS first_is_part,
    p.same_number,
    l.vendor_cluster = o.vendor_cluster AS same_vendor,
    l.is_placeholder OR o.is_placeholder AS any_placeholder,
    l.number_plain = o.number_plain AS equal_plain,
    l.number_parts = o.number_parts AS equal_parts,
    length(l.number_plain) AS number_length,
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
    -- Numbers are counted up: how far one is from the other, and whether the later one is lower. A
    -- year behind the number does not count.
    abs(l.counted - o.counted) AS distance,
    coalesce(l.counted < o.counted, false) AS is_lower,
    l.contract_id IS NOT NULL AND l.contract_id = o.contract_id AS same_contract,
    o.vendor_id AS first_vendor_id, o.vendor_name AS first_vendor_name, o.invoice_number AS first_number, o.number_plain AS first_plain,
    o.invoice_date AS first_date, o.posted_on AS first_posted_on, o.entity AS first_entity,
    l.vendor_id, l.vendor_name, l.invoice_number, l.number_plain, l.invoice_date, l.posted_on, l.entity, l.vendor_cluster,
    l.amount, l.currency
  FROM pairs AS p
  JOIN counted_bills AS l ON l.unit_id = p.unit_id
  JOIN counted_bills AS o ON o.unit_id = p.other_id
  WHERE (o.posted_on < l.posted_on OR (o.posted_on = l.posted_on AND o.document_id < l.document_id))
    -- bullion: allow sql-duckdb-only
    AND date_diff('day', o.posted_on, l.posted_on) <= {{ param('window_days') }}
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
        CASE WHEN NOT is_near THEN 'a number that differs in one place' WHEN days_between = 0 THEN 'nearly the same number on the same day'
          ELSE 'nearly the same number' END
    END AS evidence
  FROM compared
),
-- How often a company bills an amount again within days, at once or later.
again AS (
  SELECT DISTINCT vendor_cluster, amount, currency, first_document_id, document_id, CASE WHEN days_posted > 0 THEN 1 ELSE 0 END AS is_later
  FROM compared
  WHERE same_number = 0 AND days_between <= {{ param('near_days') }}
),
near AS (
  SELECT vendor_cluster, amount, currency, is_later, count(*) AS pairs
  FROM again
  GROUP BY vendor_cluster, amount, currency, is_later
),
-- Only now what needs joins: few pairs are left.
weighed AS (
  SELECT
    j.*,
    coalesce(r.bills, 1) AS equal_bills,
    coalesce(CAST(round(ratio_0(100 * greatest(h.equal_bills - coalesce(r.bills, 0), 0), h.bills), 0) AS BIGINT), 0) AS habit_percent,
    coalesce(k.credits, 0) AS credits,
    CASE
      WHEN coalesce(d.documents, 2) <= 2 THEN 0
      WHEN coalesce(n.pairs, 1) <= 1 THEN 1
      WHEN n.pairs <= 3 THEN 2
      ELSE 3
    END AS habit,
    t.number_plain IS NOT NULL OR u.number_plain IS NOT NULL AS is_taken
  FROM judged AS j
  LEFT JOIN repeats AS r ON r.vendor_cluster = j.vendor_cluster AND r.amount = j.amount AND r.currency = j.currency
  LEFT JOIN habits AS h ON h.vendor_cluster = j.vendor_cluster AND h.currency = j.currency
  LEFT JOIN holders AS d ON d.vendor_cluster = j.vendor_cluster AND d.amount = j.amount AND d.currency = j.currency
  LEFT JOIN credited AS k ON k.vendor_cluster = j.vendor_cluster AND k.amount = j.amount AND k.currency = j.currency
  LEFT JOIN near AS n ON n.vendor_cluster = j.vendor_cluster AND n.amount = j.amount AND n.currency = j.currency
    AND n.is_later = CASE WHEN j.days_posted > 0 THEN 1 ELSE 0 END
  LEFT JOIN taken AS t ON t.number_plain = j.number_plain
  LEFT JOIN taken AS u ON u.number_plain = j.first_plain
  WHERE j.evidence IS NOT NULL
),
-- A credit settles a pair when it names one of them, when no more than one bill is left without a
-- credit, or when it comes soon after.
settled AS (
  SELECT DISTINCT w.unit_id, w.first_id
  FROM weighed AS w
  JOIN credits AS c ON c.vendor_cluster = w.vendor_cluster AND c.amount = w.amount AND c.currency = w.currency
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
      -- One slip in a high place is far from where counting on could lead.
      WHEN w.distance IS NULL OR w.distance >= 10000 THEN 970000
      WHEN w.is_taken THEN 950000
      ELSE 100 * CASE
        -- At once: companies bill several equal things in a row.
        WHEN w.days_posted = 0 THEN
          CASE WHEN w.distance >= 1000 AND w.habit <= 2 THEN 8500
            WHEN w.distance >= 100 AND w.habit <= 1 THEN 7800
            WHEN w.habit = 0 THEN CASE WHEN w.distance >= 10 THEN 4800 ELSE 4200 END
            ELSE 2000 END
        WHEN w.slips = 2 AND w.distance < 100 THEN
          CASE w.habit WHEN 0 THEN 9500 WHEN 1 THEN 9200 WHEN 2 THEN CASE WHEN w.is_lower THEN 8600 ELSE 6000 END ELSE 4000 END
        WHEN w.distance >= 10 THEN
          CASE
            WHEN w.habit = 0 THEN CASE WHEN w.is_lower THEN 9500 ELSE 9200 END
            WHEN w.habit = 1 THEN CASE WHEN w.is_lower THEN 8900 WHEN w.distance >= 100 THEN 8700 ELSE 6500 END
            WHEN w.habit = 2 THEN CASE WHEN w.is_lower THEN 7600 ELSE 5600 END
            ELSE CASE WHEN w.is_lower AND w.distance >= 100 THEN 8500 WHEN w.is_lower THEN 4500 ELSE 3800 END
          END
        -- The next numbers: seldom a slip.
        WHEN w.habit = 0 AND w.days_posted >= 2 THEN CASE WHEN w.is_lower THEN 7000 ELSE 6600 END
        WHEN w.habit = 0 THEN 4600
        WHEN w.habit = 1 AND w.is_lower THEN 4200
        ELSE 2500
      END
    END
    -- A round amount comes twice sooner than another.
    * CASE
        WHEN w.distance >= 10000 OR w.distance IS NULL OR w.is_taken OR w.amount <> round(w.amount, 0)
          OR (w.same_number = 1 AND w.evidence <> 'the same number under another vendor') THEN 100
        WHEN w.same_number = 0 AND (w.distance >= 10 OR w.slips = 2) THEN CASE WHEN w.amount = round(w.amount, -2) THEN 92 ELSE 97 END
        WHEN w.amount = round(w.amount, -2) THEN 70
        ELSE 85
      END AS points
  FROM weighed AS w
  LEFT JOIN settled AS s ON s.unit_id = w.unit_id AND s.first_id = w.first_id
  WHERE s.unit_id IS NULL
),
best AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY document_id ORDER BY points DESC, is_part, first_posted_on, first_id) AS turn
  FROM scored
  WHERE points >= {{ param('min_points') }}
),
-- Many invoices of one month that were posted again in another are one event.
kept AS (
  SELECT
    *,
    same_number = 1 AND same_vendor AND month_key(first_posted_on) <> month_key(posted_on)
      AND sum(CASE WHEN same_number = 1 AND same_vendor THEN 1 ELSE 0 END) OVER (
        PARTITION BY entity, month_key(first_posted_on), month_key(posted_on)
      ) >= {{ param('run_invoices') }} AS is_run
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
