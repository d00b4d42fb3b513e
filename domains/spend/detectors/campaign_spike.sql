-- A day on which a campaign cost far more than on the days before, without bringing more. A push
-- that brings results in proportion is what campaigns are for.
WITH days AS (
  SELECT
    campaign_day_id, campaign_id, campaign_name, day, spend, currency, results,
    CAST(sum(spend) OVER w AS DECIMAL(38,2)) AS past_spend,
    sum(results) OVER w AS past_results,
    count(*) OVER w AS past_days
  FROM fact_campaign_day
  WINDOW w AS (PARTITION BY campaign_id, currency ORDER BY day ROWS BETWEEN {{ param('past_days') }} PRECEDING AND 1 PRECEDING)
)
SELECT
  'spike|' || campaign_id || '|' || CAST(day AS STRING) AS finding_key,
  'campaign' AS subject_type,
  campaign_id AS subject_id,
  campaign_day_id AS row_id,
  'flagged' AS role,
  day AS occurred_on,
  -- What the day cost above what its results usually cost.
  CAST(greatest(spend - ratio_2(past_spend * results, past_results), CAST(0 AS DECIMAL(18,2))) AS DECIMAL(28,6)) AS amount_at_risk,
  currency,
  CAST(ratio_4(least(95, 50 + CAST(round(ratio_0(5 * spend * past_days, past_spend), 0) AS BIGINT)), 100) AS DECIMAL(5,4)) AS strength,
  'Campaign ' || campaign_name || ' cost ' || currency || ' ' || CAST(spend AS STRING) || ' on ' || CAST(day AS STRING) || ', against '
    || CAST(ratio_2(past_spend, past_days) AS STRING) || ' a day before, and brought ' || CAST(results AS STRING) || ' results against '
    || CAST(ratio_1(past_results, past_days) AS STRING) AS reason
FROM days
WHERE past_days >= {{ param('min_days') }} AND spend >= {{ param('min_spend') }}
  AND 100 * spend * past_days >= {{ param('spend_percent') }} * past_spend
  AND 100 * spend * past_results >= {{ param('cost_per_result_percent') }} * past_spend * results
  AND past_results > 0
