SELECT line FROM generated_lines WHERE file_index = {{ var('file_index') }} ORDER BY place
