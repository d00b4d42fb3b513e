-- One line per planted line, in the order of the files.
SELECT concat(
    'E', 10000000000 + planted.event_number, ',', planted.version, ',', planted.kind, ',',
    planted.detail, ',', p.account_id, ',', p.service_name, ',',
    generated_date(planted.day_index), ',', generated_date(planted.usage_day), ',',
    generated_file_name(planted.file_index)
  ) AS line
FROM generated_planted AS planted
JOIN generated_pairs AS p
  ON p.pair_index = generated_pair_of(planted.chance, (SELECT count(*) FROM generated_pairs))
ORDER BY planted.file_index, planted.event_number, planted.version
