-- The files in the order in which they would arrive.
SELECT file_index, CASE
    WHEN file_index = 0 THEN 'vendors-1.csv'
    WHEN file_index = 1 THEN 'vendors-2.csv'
    WHEN file_index = 2 THEN 'employees.csv'
    WHEN file_index = 3 THEN 'campaigns.csv'
    WHEN file_index = 4 THEN 'campaign_results.csv'
    WHEN file_index = 5 THEN 'budgets.csv'
    WHEN file_index = 6 THEN 'vendor_decisions.csv'
    WHEN file_index < 30 THEN concat('invoices-', substr(CAST(day_of(31 * (file_index - 10) - (file_index - 10) // 2) AS STRING), 1, 7), '.csv')
    ELSE concat('expenses-', substr(CAST(day_of(31 * (file_index - 30) - (file_index - 30) // 2) AS STRING), 1, 7), '.csv')
  END AS file_name
FROM (SELECT DISTINCT file_index FROM generated_lines) AS f
ORDER BY file_index
