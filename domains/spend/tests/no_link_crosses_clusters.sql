-- Two linked vendors stand in one cluster, however long the chain between them.
SELECT l.vendor_id, l.other_vendor_id, a.vendor_cluster, b.vendor_cluster AS other_cluster
FROM vendor_links AS l
JOIN vendor_clusters AS a ON a.vendor_id = l.vendor_id
JOIN vendor_clusters AS b ON b.vendor_id = l.other_vendor_id
WHERE a.vendor_cluster <> b.vendor_cluster
