-- The same amount paid to the same company again, where documents have no numbers: what duplicate_invoice
-- goes by is not there. What is left is how seldom that happens by chance, and the ledger's own history says
-- it: how many of the company's other amounts, as round as this one, had come again after such a time, how often
-- this one had, and how often a repeated amount stands under another spelling of the name. Against this chance stands the
-- share of bills that are paid twice (a parameter). Only what was known on the day counts, so that a month
-- is judged alike whenever it is looked at; but what goes on coming again is a rent and is let go.
WITH unnumbered AS (
  SELECT entity
  FROM fact_invoice_line
  WHERE is_first_line
  GROUP BY entity
  HAVING 2 * sum(CASE WHEN coalesce(number_plain, '') = '' THEN 1 ELSE 0 END) > count(*)
),
payments AS (
  SELECT d.document_id, d.posted_month, d.entity, d.posted_on, d.amount, d.currency, d.vendor_cluster, d.vendor_name, d.contract_id
  FROM {{ documents() }} AS d
  SEMI JOIN unnumbered AS u ON u.entity = d.entity
  LEFT JOIN batch_twins AS t ON t.batch_id = d.batch_id
  WHERE d.document_type = 'invoice' AND d.amount >= {{ param('min_amount') }} AND coalesce(d.number_plain, '') = ''
    AND NOT d.is_placeholder AND t.batch_id IS NULL
),
-- A slip in the very word that tells makes another company of it. One that hardly ever is paid, and then what one of nearly
-- its name is paid within days, is that one written wrong. Names that differ in digits alone are two.
companies AS (
  SELECT vendor_cluster, count(*) AS bills FROM payments GROUP BY vendor_cluster
),
misspelt AS (
  SELECT l.vendor_cluster, min(o.vendor_cluster) AS meant
  FROM payments AS l
  JOIN companies AS c ON c.vendor_cluster = l.vendor_cluster
  JOIN payments AS o ON o.entity = l.entity AND o.currency = l.currency AND o.amount = l.amount
  JOIN companies AS k ON k.vendor_cluster = o.vendor_cluster
  WHERE c.bills <= {{ param('misspelt_bills') }} AND (k.bills > c.bills OR (k.bills = c.bills AND k.vendor_cluster < c.vendor_cluster))
    -- bullion: allow sql-duckdb-only
    AND abs(date_diff('day', o.posted_on, l.posted_on)) <= {{ param('near_days') }}
    AND length(l.vendor_name) >= 6 AND levenshtein(lower(l.vendor_name), lower(o.vendor_name)) <= 2
    AND translate(lower(l.vendor_name), '0123456789', '') <> translate(lower(o.vendor_name), '0123456789', '')
  GROUP BY l.vendor_cluster
),
-- Keys of 64 bits stand for the texts until few bills are left.
bills AS (
  SELECT
    document_id, posted_month, entity, posted_on, amount,
    row_hash(CAST(31 AS UBIGINT), vendor_cluster, currency) AS vendor_key,
    row_hash(CAST(32 AS UBIGINT), vendor_cluster, currency, amount) AS price_key,
    row_hash(CAST(33 AS UBIGINT), vendor_name) AS name_key,
    CASE WHEN contract_id IS NOT NULL THEN row_hash(CAST(34 AS UBIGINT), contract_id) END AS contract_key,
    amount = round(amount, -2) AS is_round
  FROM (
    SELECT p.document_id, p.posted_month, p.entity, p.posted_on, p.amount, p.currency, p.vendor_name, p.contract_id,
      coalesce(m.meant, p.vendor_cluster) AS vendor_cluster
    FROM payments AS p
    LEFT JOIN misspelt AS m ON m.vendor_cluster = p.vendor_cluster
  ) AS meant
),
spelled AS (
  SELECT *, count(*) OVER (PARTITION BY vendor_key, name_key ORDER BY posted_on) AS spelling_bills FROM bills
),
-- A bill, and the one before it of the same company and amount.
in_order AS (
  SELECT *,
    row_number() OVER w AS price_bills,
    lag(document_id) OVER w AS first_document_id,
    lag(posted_on) OVER w AS first_posted_on,
    lag(posted_month) OVER w AS first_posted_month,
    lag(name_key) OVER w AS first_name_key,
    lag(contract_key) OVER w AS first_contract_key,
    lag(spelling_bills) OVER w AS first_spelling_bills
  FROM spelled
  WINDOW w AS (PARTITION BY price_key ORDER BY posted_on, document_id)
),
timed AS (
  SELECT *,
    CASE
      WHEN days_between = 0 THEN 'on the same day'
      WHEN days_between <= {{ param('near_days') }} THEN 'within {{ param('near_days') }} days'
      WHEN abs(days_between - 30) <= {{ param('month_days') }} THEN 'after a month'
    END AS rhythm
  FROM (
    -- bullion: allow sql-duckdb-only
    SELECT *, date_diff('day', first_posted_on, posted_on) AS days_between FROM in_order
  ) AS g
),
turned AS (
  SELECT *,
    row_number() OVER (PARTITION BY price_key, rhythm ORDER BY posted_on, document_id) AS price_returns,
    count(*) OVER (PARTITION BY price_key, rhythm) AS later_returns,
    count(*) OVER (PARTITION BY price_key) AS later_bills
  FROM timed
),
-- What was known on the day: amounts so far, and how many of them had come again in this rhythm.
known AS (
  SELECT *,
    count(*) OVER (PARTITION BY vendor_key ORDER BY posted_on) AS vendor_bills,
    sum(CASE WHEN price_bills = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY vendor_key, is_round ORDER BY posted_on) AS vendor_prices,
    sum(CASE WHEN price_returns = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY vendor_key, is_round, rhythm ORDER BY posted_on) AS vendor_returns,
    sum(CASE WHEN price_bills = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY is_round ORDER BY posted_on) AS ledger_prices,
    sum(CASE WHEN price_returns = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY is_round, rhythm ORDER BY posted_on) AS ledger_returns,
    sum(CASE WHEN price_bills > 1 THEN 1 ELSE 0 END) OVER (ORDER BY posted_on) AS ledger_repeats,
    sum(CASE WHEN name_key <> first_name_key THEN 1 ELSE 0 END) OVER (ORDER BY posted_on) AS ledger_renamed
  FROM turned
),
-- Chances in shares of one. A company of which little is known is taken to be as the ledger is. What
-- stands there twice on one day under one name may be two lines of one bill.
usual AS (
  SELECT *,
    CAST(ratio_8(
      1000000 * (vendor_returns - 1) + {{ param('history') }} * ratio_0(1000000 * ledger_returns, ledger_prices),
      1000000 * (vendor_prices - 1 + {{ param('history') }})) AS DECIMAL(18,8)) AS vendor_chance,
    CASE WHEN name_key = first_name_key THEN CAST(1 AS DECIMAL(18,8))
      ELSE CAST(ratio_8(
        1000000 * (least(spelling_bills, first_spelling_bills) - 1) + {{ param('history') }} * ratio_0(1000000 * ledger_renamed, ledger_repeats),
        1000000 * (vendor_bills - 1 + {{ param('history') }})) AS DECIMAL(18,8))
    END AS spelling_chance
  FROM known
  WHERE rhythm IS NOT NULL AND (days_between > 0 OR name_key <> first_name_key)
    AND (contract_key IS NULL OR first_contract_key IS NULL OR contract_key <> first_contract_key)
),
chances AS (
  SELECT *,
    greatest(vendor_chance, CAST(ratio_8(price_returns - 1 + vendor_chance, price_bills - 1) AS DECIMAL(18,8))) AS chance_then,
    greatest(vendor_chance, CAST(ratio_8(later_returns - 1 + vendor_chance, later_bills - 1) AS DECIMAL(18,8))) AS chance_now
  FROM usual
),
scored AS (
  SELECT *,
    ratio_4({{ param('paid_twice') }}, {{ param('paid_twice') }} + 10000 * round(chance_then * spelling_chance, 8)) AS strength_then,
    ratio_4({{ param('paid_twice') }}, {{ param('paid_twice') }} + 10000 * round(greatest(chance_then, chance_now) * spelling_chance, 8)) AS strength_now
  FROM chances
),
-- A credit of the same amount settles it.
credits AS (
  SELECT row_hash(CAST(32 AS UBIGINT), vendor_cluster, currency, -amount) AS price_key, posted_on
  FROM {{ documents() }}
  WHERE amount < 0
),
settled AS (
  SELECT DISTINCT s.document_id
  FROM scored AS s
  JOIN credits AS c ON c.price_key = s.price_key
  WHERE c.posted_on >= s.first_posted_on AND c.posted_on <= s.posted_on + {{ param('credit_days') }}
),
ranked AS (
  SELECT s.*,
    row_number() OVER (PARTITION BY s.entity, s.posted_month ORDER BY s.strength_then DESC, s.amount DESC, s.document_id NULLS LAST) AS turn
  FROM scored AS s
  LEFT JOIN settled AS x ON x.document_id = s.document_id
  WHERE x.document_id IS NULL AND 100 * s.strength_then >= {{ param('min_percent') }}
),
kept AS (
  SELECT *
  FROM ranked
  WHERE turn <= {{ param('most_a_month') }} AND 100 * strength_now >= {{ param('min_percent') }}
),
involved AS (
  SELECT document_id, posted_month FROM kept
  UNION
  SELECT first_document_id, first_posted_month FROM kept
),
texts AS (
  SELECT f.document_id, f.posted_month, f.vendor_id, f.vendor_name, k.vendor_cluster, f.currency
  FROM involved AS i
  JOIN fact_invoice_line AS f ON f.document_id = i.document_id AND f.posted_month = i.posted_month
  JOIN vendor_clusters AS k ON k.vendor_id = f.vendor_id
  WHERE f.is_first_line
),
named AS (
  SELECT k.*, l.vendor_id, l.vendor_name, l.vendor_cluster, l.currency, o.vendor_id AS first_vendor_id, o.vendor_name AS first_vendor_name
  FROM kept AS k
  JOIN texts AS l ON l.document_id = k.document_id AND l.posted_month = k.posted_month
  JOIN texts AS o ON o.document_id = k.first_document_id AND o.posted_month = k.first_posted_month
),
shown AS (
  SELECT *, document_id AS shown_id, posted_month AS shown_month FROM named
  UNION ALL
  SELECT *, first_document_id, first_posted_month FROM named
),
rows_shown AS (
  SELECT
    b.first_vendor_id || '|' || CAST(b.first_posted_on AS STRING) || '|' || b.vendor_id || '|' || CAST(b.posted_on AS STRING) || '|'
      || CAST(b.amount AS STRING) || '|' || b.currency || '|' || b.entity AS finding_key,
    'vendor' AS subject_type,
    b.entity || ' ' || b.vendor_cluster || ' again on ' || CAST(b.posted_on AS STRING) AS subject_id,
    f.line_id AS row_id,
    CASE WHEN f.document_id = b.document_id THEN 'flagged' ELSE 'compared' END AS role,
    b.posted_on AS occurred_on,
    CAST(CASE WHEN f.document_id = b.document_id AND f.amount > 0 THEN f.amount ELSE 0 END AS DECIMAL(28,6)) AS amount_at_risk,
    b.currency,
    CAST(least(b.strength_now, 0.99) AS DECIMAL(5,4)) AS strength,
    b.vendor_name || ' was paid ' || b.currency || ' ' || CAST(b.amount AS STRING) || ' on ' || CAST(b.posted_on AS STRING) || ' and the same on '
      || CAST(b.first_posted_on AS STRING) || CASE WHEN b.vendor_name <> b.first_vendor_name THEN ' under the name ' || b.first_vendor_name ELSE '' END
      || '; of the company''s ' || CAST(b.vendor_prices - 1 AS STRING) || ' other' || CASE WHEN b.is_round THEN ' round' ELSE '' END
      || ' amounts until then ' || CAST(b.vendor_returns - 1 AS STRING) || ' had come again ' || b.rhythm AS reason
  FROM shown AS b
  JOIN fact_invoice_line AS f ON f.document_id = b.shown_id AND f.posted_month = b.shown_month
),
-- Of three bills the second may be compared and flagged: once is enough.
counted AS (
  SELECT *, row_number() OVER (PARTITION BY finding_key, row_id ORDER BY role DESC, strength DESC, reason NULLS LAST) AS turn
  FROM rows_shown
)
SELECT finding_key, subject_type, subject_id, row_id, role, occurred_on, amount_at_risk, currency, strength, reason
FROM counted
WHERE turn = 1
