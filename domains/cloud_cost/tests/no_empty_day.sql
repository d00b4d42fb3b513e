-- severity: warn
-- A day without any event between days that have some. Days without charges do exist, so this only
-- warns; the preset `strict` of tests/strict_completeness.sql makes it an error.
SELECT tenant_id, usage_date, regular_pairs_expected, completeness
FROM billing_calendar
WHERE event_count = 0
