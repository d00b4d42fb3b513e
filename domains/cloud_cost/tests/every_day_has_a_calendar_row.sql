-- Every published day stands in the calendar exactly once per tenant; a second row would double
-- costs.
SELECT cost.tenant_id, cost.usage_date, count(calendar.usage_date) AS calendar_rows
FROM (SELECT DISTINCT tenant_id, usage_date FROM daily_account_cost) AS cost
LEFT JOIN billing_calendar AS calendar
  ON calendar.tenant_id = cost.tenant_id AND calendar.usage_date = cost.usage_date
GROUP BY cost.tenant_id, cost.usage_date
HAVING count(calendar.usage_date) <> 1
