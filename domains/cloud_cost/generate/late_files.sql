-- One file that arrives after all others.
SELECT 0 AS file_index, generated_late_file_name() AS file_name
