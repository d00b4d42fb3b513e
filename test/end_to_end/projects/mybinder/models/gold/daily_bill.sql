-- What a project paid on a day for a category of charges.
SELECT usage_date, project_id, category, sum(cost) AS cost, count(*) AS line_count
FROM cloud_bill
GROUP BY usage_date, project_id, category
