-- Which customers are one: the smallest customer number that links lead to. Each round every customer
-- takes the smallest label of its neighbours, then the label of its label; chains of up to 64
-- links come to rest in six rounds (tests/no_link_crosses_clusters.sql proves that they did).
-- grain: customer_id
WITH edges AS (
  SELECT customer_id, other_customer_id FROM customer_links
  UNION ALL
  SELECT other_customer_id, customer_id FROM customer_links
),
label_0 AS (
  SELECT DISTINCT customer_id, customer_id AS label FROM edges
),
near_1 AS (
  SELECT l.customer_id, least(l.label, min(n.label)) AS label
  FROM label_0 AS l
  JOIN edges AS e ON e.customer_id = l.customer_id
  JOIN label_0 AS n ON n.customer_id = e.other_customer_id
  GROUP BY l.customer_id, l.label
),
label_1 AS (
  SELECT a.customer_id, least(a.label, b.label) AS label
  FROM near_1 AS a
  JOIN near_1 AS b ON b.customer_id = a.label
),
near_2 AS (
  SELECT l.customer_id, least(l.label, min(n.label)) AS label
  FROM label_1 AS l
  JOIN edges AS e ON e.customer_id = l.customer_id
  JOIN label_1 AS n ON n.customer_id = e.other_customer_id
  GROUP BY l.customer_id, l.label
),
label_2 AS (
  SELECT a.customer_id, least(a.label, b.label) AS label
  FROM near_2 AS a
  JOIN near_2 AS b ON b.customer_id = a.label
),
near_3 AS (
  SELECT l.customer_id, least(l.label, min(n.label)) AS label
  FROM label_2 AS l
  JOIN edges AS e ON e.customer_id = l.customer_id
  JOIN label_2 AS n ON n.customer_id = e.other_customer_id
  GROUP BY l.customer_id, l.label
),
label_3 AS (
  SELECT a.customer_id, least(a.label, b.label) AS label
  FROM near_3 AS a
  JOIN near_3 AS b ON b.customer_id = a.label
),
near_4 AS (
  SELECT l.customer_id, least(l.label, min(n.label)) AS label
  FROM label_3 AS l
  JOIN edges AS e ON e.customer_id = l.customer_id
  JOIN label_3 AS n ON n.customer_id = e.other_customer_id
  GROUP BY l.customer_id, l.label
),
label_4 AS (
  SELECT a.customer_id, least(a.label, b.label) AS label
  FROM near_4 AS a
  JOIN near_4 AS b ON b.customer_id = a.label
),
near_5 AS (
  SELECT l.customer_id, least(l.label, min(n.label)) AS label
  FROM label_4 AS l
  JOIN edges AS e ON e.customer_id = l.customer_id
  JOIN label_4 AS n ON n.customer_id = e.other_customer_id
  GROUP BY l.customer_id, l.label
),
label_5 AS (
  SELECT a.customer_id, least(a.label, b.label) AS label
  FROM near_5 AS a
  JOIN near_5 AS b ON b.customer_id = a.label
),
near_6 AS (
  SELECT l.customer_id, least(l.label, min(n.label)) AS label
  FROM label_5 AS l
  JOIN edges AS e ON e.customer_id = l.customer_id
  JOIN label_5 AS n ON n.customer_id = e.other_customer_id
  GROUP BY l.customer_id, l.label
),
label_6 AS (
  SELECT a.customer_id, least(a.label, b.label) AS label
  FROM near_6 AS a
  JOIN near_6 AS b ON b.customer_id = a.label
)
SELECT
  p.customer_id,
  coalesce(l.label, p.customer_id) AS customer_cluster,
  p.name,
  coalesce(f.name, p.name) AS cluster_name,
  CAST(count(*) OVER (PARTITION BY coalesce(l.label, p.customer_id)) AS BIGINT) AS cluster_customers,
  p.is_in_master
FROM customer_parties AS p
LEFT JOIN label_6 AS l ON l.customer_id = p.customer_id
LEFT JOIN customer_parties AS f ON f.customer_id = l.label
