-- The lines of the late file.
SELECT
  generated_line(
    late.event_id, 1, p.pair_text, t.term_text, generated_date(late.usage_day), late.quantity,
    p.usage_unit, generated_cost(late.quantity, t.sign, p.price), 'USD',
    generated_date(late.file_index + 1), false
  ) AS line
FROM generated_late AS late
JOIN generated_pairs AS p ON p.pair_index = late.pair_index
JOIN generated_terms AS t ON t.term_index = late.term_index
ORDER BY late.place
