-- What a campaign cost and brought on a day.
-- grain: campaign_day_id
-- time column: day
SELECT
  f.campaign_id || '|' || CAST(f.day AS STRING) AS campaign_day_id,
  coalesce(c.campaign_key, -1) AS campaign_key,
  f.campaign_id,
  coalesce(c.name, f.campaign_id) AS campaign_name,
  f.day,
  f.spend,
  f.currency,
  coalesce(f.impressions, 0) AS impressions,
  coalesce(f.clicks, 0) AS clicks,
  f.results
FROM campaign_days AS f
LEFT JOIN dim_campaign AS c
  ON c.campaign_id = f.campaign_id AND f.day >= c.valid_from AND f.day < c.valid_to
