SELECT 0 AS file_index, 'accounts-late.csv' AS file_name
