-- The calendar knows the days of this century only; a usage date outside it is a mistake.
SELECT tenant_id, account_id, usage_date, event_count
FROM account_service_day_cost
WHERE usage_date < DATE '2000-01-01' OR usage_date >= DATE '2100-01-01'
