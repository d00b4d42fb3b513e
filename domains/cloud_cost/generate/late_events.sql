-- The events of one more delivery: new ones for late_days of the days, spread evenly over all of
-- them.
CREATE OR REPLACE TABLE generated_late AS
WITH numbered AS (
  SELECT
    n AS place,
    {{ var('late_delivery') }} * 10000000000 + n AS event_number,
    (2 * (n % {{ var('late_days') }}) + 1) * {{ var('days') }} // (2 * {{ var('late_days') }})
      AS usage_day,
    {{ var('days') }} + {{ var('late_delivery') }} - 1 AS file_index
  FROM range(0, {{ var('late_events') }}) AS t(n)
),
drawn AS (
  SELECT *, generated_chance(event_number, 20) AS chance FROM numbered
)
SELECT
  place,
  concat('L', event_number) AS event_id,
  usage_day,
  file_index,
  generated_pair_of(chance, (SELECT count(*) FROM generated_pairs)) AS pair_index,
  generated_term_of(chance) AS term_index,
  generated_quantity_of(chance) AS quantity
FROM drawn;

CREATE OR REPLACE MACRO generated_late_file_name() AS concat(
  'billing-late-{{ var('late_delivery') }}-',
  generated_date({{ var('days') }} + {{ var('late_delivery') }}), '.csv'
);
