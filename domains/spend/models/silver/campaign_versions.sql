-- Particulars of campaigns with the days they hold; of rows for one day the one delivered last counts.
-- grain: campaign_id, valid_from
WITH told AS (
  SELECT
    campaign_id, effective_on, name, channel, department, starts_on, ends_on,
    row_number() OVER (
      PARTITION BY campaign_id, effective_on
      ORDER BY {{ delivered('_batch_id') }} DESC, name DESC, channel DESC, department DESC, starts_on DESC, ends_on DESC
    ) AS turn
  FROM raw_campaigns
)
SELECT
  campaign_id,
  CASE
    WHEN row_number() OVER (PARTITION BY campaign_id ORDER BY effective_on) = 1 THEN DATE '1900-01-01'
    ELSE effective_on
  END AS valid_from,
  coalesce(lead(effective_on) OVER (PARTITION BY campaign_id ORDER BY effective_on), DATE '9999-12-31') AS valid_to,
  lead(effective_on) OVER (PARTITION BY campaign_id ORDER BY effective_on) IS NULL AS is_current,
  name, channel, department, starts_on, ends_on
FROM told
WHERE turn = 1
