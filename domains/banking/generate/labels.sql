-- One line per planted record, then the planted days.
SELECT line FROM (
  SELECT 1 AS part, event_number AS place,
    concat(kind, ',,', generated_transaction_id(event_number), ',', generated_date(day_index), ',',
      generated_file_name(2 + CASE WHEN kind IN ('duplicate', 'corrected')
        THEN least(day_index + 1, {{ var('days') }} - 1) ELSE day_index END)) AS line
  FROM generated_planted
  UNION ALL
  SELECT 2, day_index, concat('volume,', planted, ',,', generated_date(day_index), ',', generated_file_name(2 + day_index))
  FROM generated_days
  WHERE planted IS NOT NULL
)
ORDER BY part, place
