-- With var completeness_preset `strict`, a day that is empty or known to be incomplete holds the
-- release back. Days that only lack history are not held back: nothing could ever start.
SELECT
  tenant_id,
  usage_date,
  event_count,
  regular_pairs_expected,
  regular_pairs_in_band,
  completeness
FROM billing_calendar
WHERE '{{ var('completeness_preset') }}' <> 'mark'
  AND (event_count = 0 OR (NOT data_complete AND completeness <> 'no history'))
