-- How a publisher's payments become invoice lines of the spend template.

{# One publisher: `day`, `amount`, ... are expressions over the rows of its source. A line has no number of
   its own, so it is known by its file and its content; a document is what one vendor's number of a month holds. #}
{% macro ledger(body, vendor, day, amount, department, category, number='NULL') %}
(WITH raw AS (
  SELECT
    '{{ body }}|' || left(_file_id, 12) || '|' || _row_id AS line_id,
    '{{ body }}|' || coalesce(lower(trim({{ vendor }})), '?') AS vendor_id,
    CAST({{ vendor }} AS STRING) AS vendor_name,
    CAST({{ number }} AS STRING) AS document_number,
    {{ day }} AS paid_on,
    CAST({{ department }} AS STRING) AS department,
    CAST({{ category }} AS STRING) AS category,
    {{ amount }} AS amount,
    '{{ body }}|' || left(_file_id, 12) AS batch_id
  FROM raw_{{ body }}
  -- A payment without a day belongs to no month.
  WHERE {{ day }} IS NOT NULL
)
SELECT
  line_id,
  1 AS line_version,
  coalesce(vendor_id || '|' || document_number || '|' || month_key(paid_on), line_id) AS document_id,
  '{{ body }}' AS entity,
  vendor_id,
  vendor_name,
  coalesce(document_number, '') AS invoice_number,
  CASE WHEN amount < 0 THEN 'credit_memo' ELSE 'invoice' END AS document_type,
  CAST(NULL AS STRING) AS reverses_number,
  paid_on AS invoice_date,
  CAST(NULL AS DATE) AS received_on,
  paid_on AS posted_on,
  department,
  category AS account,
  category,
  CAST(NULL AS STRING) AS campaign_id,
  CAST(NULL AS STRING) AS item,
  CAST(NULL AS DECIMAL(18,4)) AS quantity,
  CAST(NULL AS DECIMAL(18,4)) AS unit_price,
  amount,
  'GBP' AS currency,
  CAST(NULL AS STRING) AS purchase_order,
  CAST(NULL AS STRING) AS contract_id,
  batch_id,
  false AS is_withdrawn,
  month_key(paid_on) AS posted_month
FROM raw)
{% endmacro %}
