-- The files in the order in which they would arrive.
SELECT file_index, CASE
    WHEN file_index = 0 THEN 'customers.csv'
    WHEN file_index = 1 THEN 'refunds.csv'
    WHEN file_index = 2 THEN 'expenses.csv'
    WHEN file_index = 3 THEN 'commitments.csv'
    WHEN file_index = 4 THEN 'budgets.csv'
    WHEN file_index = 5 THEN 'trial_balance.csv'
    WHEN file_index = 6 THEN 'tickets.csv'
    ELSE concat(['orders', 'invoices', 'payments', 'ledger'][file_index // 1000], '-', substr(CAST(m.first_day AS STRING), 1, 7), '.csv')
  END AS file_name
FROM (SELECT DISTINCT CAST(file_index AS BIGINT) AS file_index FROM generated_lines) AS f
LEFT JOIN months AS m ON m.month_index = f.file_index % 1000 AND f.file_index >= 1000
ORDER BY file_index
