-- One row per campaign and day. Counts of a day only grow, so the largest are the newest.
SELECT campaign_id, day, spend, currency, impressions, clicks, results
FROM raw_campaign_results
