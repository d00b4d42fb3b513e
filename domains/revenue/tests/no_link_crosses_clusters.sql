-- Two linked customers stand in one cluster, however long the chain between them.
SELECT l.customer_id, l.other_customer_id, a.customer_cluster, b.customer_cluster AS other_cluster
FROM customer_links AS l
JOIN customer_clusters AS a ON a.customer_id = l.customer_id
JOIN customer_clusters AS b ON b.customer_id = l.other_customer_id
WHERE a.customer_cluster <> b.customer_cluster
