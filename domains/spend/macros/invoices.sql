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
CASE WHEN translate({{ number }}, '0123456789', '') = '' THEN {{ number }}
    ELSE translate(lower({{ number }}), 'oil -/._#', '011') END
{% endmacro %}

{# Without a leading word, each part without leading zeros. #}
{% macro number_parts(number) %}
CASE WHEN translate({{ number }}, '0123456789', '') = '' THEN trim(LEADING '0' FROM {{ number }})
    ELSE concat({{ number_part(number, 1) }}, {{ number_part(number, 2) }}, {{ number_part(number, 3) }}) END
{% endmacro %}

{% macro number_part(number, position) %}
regexp_replace(split_part(regexp_replace(translate(lower({{ number }}), ' /._#', '-----'), '^[^0-9]+', ''), '-', {{ position }}), '^0+', '')
{% endmacro %}

{# number_plain without letters behind its last digit. #}
{% macro number_stem(number) %}
CASE WHEN translate({{ number }}, '0123456789', '') = '' THEN {{ number }}
    ELSE regexp_extract(translate(lower({{ number }}), 'oil -/._#', '011'), '^(.*[0-9])[^0-9]*$', 1) END
{% endmacro %}
