-- Campaigns with a day's spend and results. Spend varies with the day and results follow it.
-- Innocent: days of three times the spend that bring three times the results.
CREATE OR REPLACE TABLE campaigns AS
SELECT CAST(c AS INTEGER) AS campaign_index, concat('CMP-', 100 + c) AS campaign_id,
  concat(['Spring', 'Summer', 'Autumn', 'Winter', 'Launch', 'Retention'][1 + c % 6], ' ', ['search', 'social', 'video'][1 + c % 3],
    ' ', c // 6 + 1) AS name,
  ['search', 'social', 'video'][1 + c % 3] AS channel,
  20000 + pick(c, 101, 80000) AS day_cents,
  12 + pick(c, 102, 30) AS results_per_hundred,
  pick(c, 103, 120) AS first_day, 150 + pick(c, 104, 90) AS length
FROM range(0, (SELECT campaigns FROM sizes)) AS t(c);

CREATE OR REPLACE TABLE campaign_days AS
WITH days AS (
  SELECT c.*, n AS turn, first_day + n AS day, campaign_index * 1000 + n AS id
  FROM campaigns AS c CROSS JOIN range(0, 240) AS t(n) WHERE n < length
),
spikes AS (
  SELECT *,
    -- One spike for each planted anomaly, on a campaign of its own as long as there are enough.
    turn >= 30 AND turn = 40 + pick(campaign_index, 105, 90)
      AND campaign_index < (SELECT planted FROM sizes) AS is_spike,
    turn >= 30 AND pick(id, 106, 60) = 0 AS is_push
  FROM days
),
spent AS (
  SELECT *, day_cents * (85 + pick(id, 107, 30)) // 100
    * CASE WHEN is_spike THEN 5 WHEN is_push THEN 3 ELSE 1 END AS cents
  FROM spikes
)
SELECT campaign_index, campaign_id, day, day_of(day) AS on_day, cents, is_spike,
  -- Results of a spike are those of an ordinary day.
  CASE WHEN is_spike THEN cents // 5 ELSE cents END * results_per_hundred * (90 + pick(id, 108, 20)) // 1000000 AS results,
  cents // (12 + pick(id, 109, 6)) AS clicks,
  cents * 3 AS impressions
FROM spent;
