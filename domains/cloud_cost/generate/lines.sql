-- The lines of one file: first those planted into it, then the day's own events, each part in
-- the order of event numbers. Every pair has at least one plain event a day when there are
-- enough events, so that a pair that is missing means something.
WITH day AS (
  SELECT corrected_from, plain_from, end_event
  FROM generated_days
  WHERE day_index = {{ var('file_index') }}
),
own AS (
  SELECT event_number, generated_chance(event_number, 1) AS chance
  FROM range((SELECT corrected_from FROM day), (SELECT end_event FROM day)) AS t(event_number)
),
events AS (
  SELECT
    0 AS part,
    event_number,
    version,
    detail,
    usage_day,
    ingestion_file,
    is_withdrawn,
    generated_pair_of(chance, (SELECT count(*) FROM generated_pairs)) AS pair_index,
    generated_term_of(chance) AS term_index,
    generated_quantity_of(quantity_chance) AS quantity
  FROM generated_planted
  WHERE file_index = {{ var('file_index') }}
  UNION ALL
  SELECT
    1,
    event_number,
    1,
    '',
    {{ var('file_index') }},
    {{ var('file_index') }},
    false,
    CASE
      WHEN event_number >= (SELECT plain_from FROM day)
        AND event_number < (SELECT plain_from FROM day) + (SELECT count(*) FROM generated_pairs)
      THEN event_number - (SELECT plain_from FROM day)
      ELSE generated_pair_of(chance, (SELECT count(*) FROM generated_pairs))
    END,
    generated_term_of(chance),
    generated_quantity_of(chance)
  FROM own
),
lines AS (
  SELECT
    events.part,
    events.event_number,
    events.version,
    events.detail,
    generated_line(
      concat('E', 10000000000 + events.event_number), events.version, p.pair_text, t.term_text,
      CASE events.detail
        WHEN 'bad date' THEN concat(left(generated_date(events.usage_day), 5), '02-30')
        ELSE generated_date(events.usage_day)
      END,
      events.quantity, p.usage_unit,
      concat(
        generated_cost(events.quantity, t.sign, p.price),
        CASE events.detail WHEN 'lost digits' THEN '1' WHEN 'bad number' THEN 'x' ELSE '' END
      ),
      CASE events.detail WHEN 'other currency' THEN 'EUR' ELSE 'USD' END,
      generated_date(events.ingestion_file + 1), events.is_withdrawn
    ) AS line
  FROM events
  JOIN generated_pairs AS p ON p.pair_index = events.pair_index
  JOIN generated_terms AS t ON t.term_index = events.term_index
)
SELECT CASE detail
    WHEN 'missing field' THEN left(line, length(line) - length(',false'))
    WHEN 'extra field' THEN concat(line, ',extra')
    ELSE line
  END AS line
FROM lines
ORDER BY part, event_number, version
