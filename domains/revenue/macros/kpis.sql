{# Growth in percent with one digit, and NULL where a percentage would mislead: from a base that is
   missing, zero or below zero, or to a value below zero. #}
{% macro growth_percent(value, base) %}
CASE WHEN {{ base }} > 0 AND {{ value }} >= 0
    THEN CAST(ratio_1(100 * ({{ value }} - {{ base }}), {{ base }}) AS DECIMAL(38,4)) END
{% endmacro %}

{# Letters and digits of an identifying text in lower case, without what people write between them. #}
{% macro plain_key(text) %}
translate(lower({{ text }}), ' -./', '')
{% endmacro %}

{# The mailbox of an e-mail address: lower case, without blanks around it and without what follows a +. #}
{% macro mailbox(email) %}
split_part(split_part(lower(trim({{ email }})), '@', 1), '+', 1)
{% endmacro %}
