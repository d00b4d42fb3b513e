-- In which order rows came.

{# Batches of a source are numbered behind their last hyphen, raw_vendors-12: the twelfth. #}
{% macro delivered(batch_id) %}
CAST(regexp_extract({{ batch_id }}, '^.*-([0-9]+)$', 1) AS BIGINT)
{% endmacro %}
