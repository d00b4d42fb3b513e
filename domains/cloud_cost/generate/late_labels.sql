-- One line per event of the late file; all are late.
SELECT concat(
    late.event_id, ',1,late,', late.file_index - late.usage_day, ',', p.account_id, ',',
    p.service_name, ',', generated_date(late.usage_day), ',', generated_date(late.usage_day), ',',
    generated_late_file_name()
  ) AS line
FROM generated_late AS late
JOIN generated_pairs AS p ON p.pair_index = late.pair_index
ORDER BY late.place
