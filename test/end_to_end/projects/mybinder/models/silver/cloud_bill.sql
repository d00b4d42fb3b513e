SELECT date AS usage_date, project_id, line_item, description, category, cost
FROM cloud_bill_export
