-- The edge values, unchanged.
-- grain: id
-- owner: tests@example.com
SELECT
  id,
  flag,
  small,
  whole,
  long,
  approximate,
  amount_18,
  amount_19,
  amount_38,
  whole_38,
  divisor,
  day,
  moment,
  text,
  other_text
FROM raw_edge_values
