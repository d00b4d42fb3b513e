-- Which vendors are one company: the smallest vendor id that links lead to. Each round every vendor
-- takes the smallest label of its neighbours, then the label of its label; chains of up to 64
-- links come to rest in six rounds (tests/no_link_crosses_clusters.sql proves that they did).
-- grain: vendor_id
WITH edges AS (
  SELECT vendor_id, other_vendor_id FROM vendor_links
  UNION ALL
  SELECT other_vendor_id, vendor_id FROM vendor_links
),
label_0 AS (
  SELECT DISTINCT vendor_id, vendor_id AS label FROM edges
),
near_1 AS (
  SELECT l.vendor_id, least(l.label, min(n.label)) AS label
  FROM label_0 AS l
  JOIN edges AS e ON e.vendor_id = l.vendor_id
  JOIN label_0 AS n ON n.vendor_id = e.other_vendor_id
  GROUP BY l.vendor_id, l.label
),
label_1 AS (
  SELECT a.vendor_id, least(a.label, b.label) AS label
  FROM near_1 AS a
  JOIN near_1 AS b ON b.vendor_id = a.label
),
near_2 AS (
  SELECT l.vendor_id, least(l.label, min(n.label)) AS label
  FROM label_1 AS l
  JOIN edges AS e ON e.vendor_id = l.vendor_id
  JOIN label_1 AS n ON n.vendor_id = e.other_vendor_id
  GROUP BY l.vendor_id, l.label
),
label_2 AS (
  SELECT a.vendor_id, least(a.label, b.label) AS label
  FROM near_2 AS a
  JOIN near_2 AS b ON b.vendor_id = a.label
),
near_3 AS (
  SELECT l.vendor_id, least(l.label, min(n.label)) AS label
  FROM label_2 AS l
  JOIN edges AS e ON e.vendor_id = l.vendor_id
  JOIN label_2 AS n ON n.vendor_id = e.other_vendor_id
  GROUP BY l.vendor_id, l.label
),
label_3 AS (
  SELECT a.vendor_id, least(a.label, b.label) AS label
  FROM near_3 AS a
  JOIN near_3 AS b ON b.vendor_id = a.label
),
near_4 AS (
  SELECT l.vendor_id, least(l.label, min(n.label)) AS label
  FROM label_3 AS l
  JOIN edges AS e ON e.vendor_id = l.vendor_id
  JOIN label_3 AS n ON n.vendor_id = e.other_vendor_id
  GROUP BY l.vendor_id, l.label
),
label_4 AS (
  SELECT a.vendor_id, least(a.label, b.label) AS label
  FROM near_4 AS a
  JOIN near_4 AS b ON b.vendor_id = a.label
),
near_5 AS (
  SELECT l.vendor_id, least(l.label, min(n.label)) AS label
  FROM label_4 AS l
  JOIN edges AS e ON e.vendor_id = l.vendor_id
  JOIN label_4 AS n ON n.vendor_id = e.other_vendor_id
  GROUP BY l.vendor_id, l.label
),
label_5 AS (
  SELECT a.vendor_id, least(a.label, b.label) AS label
  FROM near_5 AS a
  JOIN near_5 AS b ON b.vendor_id = a.label
),
near_6 AS (
  SELECT l.vendor_id, least(l.label, min(n.label)) AS label
  FROM label_5 AS l
  JOIN edges AS e ON e.vendor_id = l.vendor_id
  JOIN label_5 AS n ON n.vendor_id = e.other_vendor_id
  GROUP BY l.vendor_id, l.label
),
label_6 AS (
  SELECT a.vendor_id, least(a.label, b.label) AS label
  FROM near_6 AS a
  JOIN near_6 AS b ON b.vendor_id = a.label
)
SELECT
  p.vendor_id,
  coalesce(l.label, p.vendor_id) AS vendor_cluster,
  p.name,
  min(p.name) OVER (PARTITION BY coalesce(l.label, p.vendor_id)) AS cluster_name,
  CAST(count(*) OVER (PARTITION BY coalesce(l.label, p.vendor_id)) AS BIGINT) AS cluster_vendors,
  p.is_in_master,
  p.is_placeholder
FROM vendor_parties AS p
LEFT JOIN label_6 AS l ON l.vendor_id = p.vendor_id
