-- The files in order; `lines` runs once for each with its file_index.
SELECT day_index AS file_index, generated_file_name(day_index) AS file_name
FROM generated_days
ORDER BY day_index
