-- What a missed budget is.

{# Missed to the worse by a material amount and a material share; without a plan the amount decides. #}
{% macro is_missed(budget, unfavourable, min_amount, min_percent) %}
({{ budget }} >= 0 AND {{ unfavourable }} >= {{ min_amount }} AND 100 * {{ unfavourable }} >= {{ min_percent }} * {{ budget }})
{% endmacro %}
