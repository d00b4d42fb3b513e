-- What several detectors read or compute alike.

{# Invoices as documents, one row each for the month it was posted in: what its first line says, the
   sum of its lines, and the company behind the vendor as it is known now. #}
{% macro documents() %}
(
  SELECT
    f.document_id, f.posted_month, f.vendor_id, f.vendor_name, k.vendor_cluster, k.cluster_name, k.is_placeholder,
    f.entity, f.invoice_number, f.number_plain, f.number_parts, f.number_stem, f.document_type, f.reverses_number,
    f.invoice_date, f.posted_on, f.category, f.contract_id, f.batch_id, f.currency, f.document_amount AS amount,
    f.document_lines AS line_count, f.line_id AS first_line_id
  FROM fact_invoice_line AS f
  JOIN vendor_clusters AS k ON k.vendor_id = f.vendor_id
  WHERE f.is_first_line
)
{% endmacro %}

{# The forms by which two spellings of one number meet: 1O-045, 10/45 and 001045 are typing, not
   other invoices. Digits alone, as ledgers number them, need no reading. #}

{# In lower case without punctuation, O as 0 and I and L as 1. #}
{% macro number_plain(number) %}
CASE WHEN regexp_replace({{ number }}, '^[0-9]+$', '') = '' THEN {{ number }}
    ELSE translate(lower({{ number }}), 'oil -/._#', '011') END
{% endmacro %}

{# Without a leading word, each part without leading zeros. #}
{% macro number_parts(number) %}
CASE WHEN regexp_replace({{ number }}, '^[0-9]+$', '') = '' THEN trim(LEADING '0' FROM {{ number }})
    ELSE concat({{ number_part(number, 1) }}, {{ number_part(number, 2) }}, {{ number_part(number, 3) }}) END
{% endmacro %}

{% macro number_part(number, position) %}
regexp_replace(split_part(regexp_replace(translate(lower({{ number }}), ' /._#', '-----'), '^[^0-9]+', ''), '-', {{ position }}), '^0+', '')
{% endmacro %}

{# number_plain without letters behind its last digit. #}
{% macro number_stem(number) %}
CASE WHEN regexp_replace({{ number }}, '^[0-9]+$', '') = '' THEN {{ number }}
    ELSE regexp_extract(translate(lower({{ number }}), 'oil -/._#', '011'), '^(.*[0-9])[^0-9]*$', 1) END
{% endmacro %}

{# Numbers are counted up: what a document's counts, NULL where it is no number. #}
{% macro number_counted(d) %}
try_cast({{ d }}.number_parts AS BIGINT)
{% endmacro %}

{# The same without the year of the invoice behind it: 4711/24. #}
{% macro number_counted_in_year(d) %}
CASE
      WHEN {{ d }}.number_parts <> {{ d }}.number_plain AND length({{ d }}.number_parts) > 3
        AND right({{ d }}.number_parts, 2) = substr(CAST({{ d }}.invoice_date AS STRING), 3, 2)
        THEN try_cast(left({{ d }}.number_parts, length({{ d }}.number_parts) - 2) AS BIGINT)
    END
{% endmacro %}

{# How far one number is from the other. The same year behind both does not count. #}
{% macro number_distance(l, o) %}
CASE WHEN right({{ l }}.number_plain, 2) = right({{ o }}.number_plain, 2)
      THEN coalesce(abs({{ l }}.counted_in_year - {{ o }}.counted_in_year), abs({{ l }}.counted - {{ o }}.counted))
      ELSE abs({{ l }}.counted - {{ o }}.counted) END
{% endmacro %}

{# How often a company has an amount: in at most two documents (0), else again within days once (1), up
   to three times (2) or more often (3). #}
{% macro amount_habit(documents, pairs) %}
CASE
      WHEN coalesce({{ documents }}, 2) <= 2 THEN 0
      WHEN coalesce({{ pairs }}, 1) <= 1 THEN 1
      WHEN {{ pairs }} <= 3 THEN 2
      ELSE 3
    END
{% endmacro %}

{# How much, of a million, it proves that a company has an amount again under a number that differs by one slip.
   One slip in a high place is far from where counting on could lead; on one day companies bill several
   equal things in a row; and the next numbers are seldom a slip. #}
{% macro slip_points(p) %}
CASE
        WHEN {{ p }}.distance IS NULL OR {{ p }}.distance >= 10000 THEN 970000
        WHEN {{ p }}.is_taken THEN 950000
        WHEN {{ p }}.days_posted = 0 THEN
          CASE WHEN {{ p }}.distance >= 1000 AND {{ p }}.habit <= 2 THEN 850000
            WHEN {{ p }}.distance >= 100 AND {{ p }}.habit <= 1 THEN 780000
            WHEN {{ p }}.habit = 0 THEN CASE WHEN {{ p }}.distance >= 10 THEN 480000 ELSE 420000 END
            ELSE 200000 END
        WHEN {{ p }}.slips = 2 AND {{ p }}.distance < 100 THEN
          CASE {{ p }}.habit WHEN 0 THEN 950000 WHEN 1 THEN 920000 WHEN 2 THEN CASE WHEN {{ p }}.is_lower THEN 860000 ELSE 600000 END ELSE 400000 END
        WHEN {{ p }}.distance >= 10 THEN
          CASE
            WHEN {{ p }}.habit = 0 THEN CASE WHEN {{ p }}.is_lower THEN 950000 ELSE 920000 END
            WHEN {{ p }}.habit = 1 THEN CASE WHEN {{ p }}.is_lower THEN 890000 WHEN {{ p }}.distance >= 100 THEN 870000 ELSE 650000 END
            WHEN {{ p }}.habit = 2 THEN CASE WHEN {{ p }}.is_lower THEN 760000 ELSE 560000 END
            ELSE CASE WHEN {{ p }}.is_lower AND {{ p }}.distance >= 100 THEN 850000 WHEN {{ p }}.is_lower THEN 450000 ELSE 380000 END
          END
        WHEN {{ p }}.habit = 0 AND {{ p }}.days_posted >= 2 THEN CASE WHEN {{ p }}.is_lower THEN 700000 ELSE 660000 END
        WHEN {{ p }}.habit = 0 THEN 460000
        WHEN {{ p }}.habit = 1 AND {{ p }}.is_lower THEN 420000
        ELSE 250000
      END
{% endmacro %}
