-- The days with their events, and every planted line: what is late, bad, corrected, moved,
-- withdrawn or repeated, and in which file it stands. File k holds what arrives after day k.

-- Day k has the events first_event .. end_event - 1. The planted ones come first, kind by kind;
-- a rate holds over all days together, however small a day is. Nothing of the last day can be
-- late or repeated in a later file, so the other days make up for it.
CREATE OR REPLACE TABLE generated_days AS
WITH bounds AS (
  SELECT
    k AS day_index,
    {{ var('events') }} * k // {{ var('days') }} AS first_event,
    {{ var('events') }} * (k + 1) // {{ var('days') }} AS end_event
  FROM range(0, {{ var('days') }}) AS t(k)
),
counts AS (
  SELECT
    day_index,
    first_event,
    end_event,
    first_event + CASE WHEN day_index = {{ var('days') }} - 1 THEN 0 ELSE
      {{ var('late_per_million') }} * {{ var('days') }} * end_event
        // (1000000 * ({{ var('days') }} - 1))
      - {{ var('late_per_million') }} * {{ var('days') }} * first_event
        // (1000000 * ({{ var('days') }} - 1)) END AS bad_from,
    {{ var('bad_per_million') }} * end_event // 1000000
      - {{ var('bad_per_million') }} * first_event // 1000000 AS bad_count,
    {{ var('corrected_per_million') }} * end_event // 1000000
      - {{ var('corrected_per_million') }} * first_event // 1000000 AS corrected_count,
    CASE WHEN {{ var('days') }} = 1 THEN 0 ELSE
      {{ var('moved_per_million') }} * end_event // 1000000
      - {{ var('moved_per_million') }} * first_event // 1000000 END AS moved_count,
    {{ var('withdrawn_per_million') }} * end_event // 1000000
      - {{ var('withdrawn_per_million') }} * first_event // 1000000 AS withdrawn_count,
    CASE WHEN day_index = {{ var('days') }} - 1 THEN 0 ELSE
      {{ var('duplicate_per_million') }} * {{ var('days') }} * end_event
        // (1000000 * ({{ var('days') }} - 1))
      - {{ var('duplicate_per_million') }} * {{ var('days') }} * first_event
        // (1000000 * ({{ var('days') }} - 1)) END AS duplicate_count
  FROM bounds
)
SELECT
  day_index,
  first_event,
  least(end_event, bad_from) AS bad_from,
  least(end_event, bad_from + bad_count) AS corrected_from,
  least(end_event, bad_from + bad_count + corrected_count) AS moved_from,
  least(end_event, bad_from + bad_count + corrected_count + moved_count) AS withdrawn_from,
  least(end_event, bad_from + bad_count + corrected_count + moved_count + withdrawn_count)
    AS duplicate_from,
  least(end_event, bad_from + bad_count + corrected_count + moved_count + withdrawn_count
    + duplicate_count) AS plain_from,
  end_event
FROM counts
ORDER BY day_index;

-- One row per planted line. `chance` is the event's own, of which its pair and terms come;
-- quantity_chance is another one for corrected versions.
CREATE OR REPLACE TABLE generated_planted AS
WITH planted AS (
  SELECT 'late' AS kind, day_index, unnest(range(first_event, bad_from)) AS event_number
  FROM generated_days
  UNION ALL
  SELECT 'bad', day_index, unnest(range(bad_from, corrected_from))
  FROM generated_days
  UNION ALL
  SELECT 'corrected', day_index, unnest(range(corrected_from, moved_from))
  FROM generated_days
  UNION ALL
  SELECT 'moved', day_index, unnest(range(moved_from, withdrawn_from))
  FROM generated_days
  UNION ALL
  SELECT 'withdrawn', day_index, unnest(range(withdrawn_from, duplicate_from))
  FROM generated_days
  UNION ALL
  SELECT 'duplicate', day_index, unnest(range(duplicate_from, plain_from))
  FROM generated_days
),
drawn AS (
  SELECT
    kind,
    day_index,
    event_number,
    generated_chance(event_number, 1) AS chance,
    generated_chance(event_number, 2) AS plant_chance,
    {{ var('days') }} - 1 AS last_file
  FROM planted
),
placed AS (
  SELECT
    kind,
    day_index,
    event_number,
    chance,
    plant_chance,
    last_file,
    CASE kind
      WHEN 'bad' THEN day_index
      WHEN 'late' THEN
        day_index + 1
        + plant_chance % greatest(1, least({{ var('late_max_days') }}, last_file - day_index))
      WHEN 'duplicate' THEN least(last_file, day_index + 1 + plant_chance % 30)
      ELSE least(last_file, day_index + plant_chance % 31)
    END AS file_index,
    (day_index + 1 + (plant_chance >> 20) % greatest(1, least(3, last_file)))
      % {{ var('days') }} AS other_day
  FROM drawn
)
SELECT
  kind,
  CASE kind
    WHEN 'bad' THEN
      ['bad date', 'lost digits', 'missing field', 'extra field', 'bad number',
       'other currency'][1 + plant_chance % 6]
    WHEN 'late' THEN CAST(file_index - day_index AS VARCHAR)
    WHEN 'moved' THEN 'away'
    ELSE ''
  END AS detail,
  file_index,
  event_number,
  day_index,
  CASE kind WHEN 'moved' THEN other_day ELSE day_index END AS usage_day,
  CASE WHEN kind IN ('corrected', 'moved', 'withdrawn') THEN 2 ELSE 1 END AS version,
  CASE kind WHEN 'duplicate' THEN day_index ELSE file_index END AS ingestion_file,
  kind = 'withdrawn' AS is_withdrawn,
  chance,
  CASE kind WHEN 'corrected' THEN generated_chance(event_number, 12) ELSE chance END
    AS quantity_chance
FROM placed
UNION ALL
SELECT
  kind,
  CASE kind WHEN 'moved' THEN 'back' ELSE 'again' END,
  least(last_file, file_index + 1 + (plant_chance >> 44) % 10),
  event_number,
  day_index,
  day_index,
  3,
  least(last_file, file_index + 1 + (plant_chance >> 44) % 10),
  false,
  chance,
  CASE kind WHEN 'corrected' THEN generated_chance(event_number, 13) ELSE chance END
FROM placed
WHERE (kind = 'corrected' AND (plant_chance >> 40) % 8 = 0)
  OR (kind = 'moved' AND (plant_chance >> 40) % 5 = 0);
