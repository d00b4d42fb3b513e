-- Customers, accounts, then one file for each day.
SELECT n AS file_index, generated_file_name(n) AS file_name
FROM range(0, {{ var('days') }} + 2) AS t(n)
ORDER BY n
