-- Nothing is planted in it.
SELECT '' AS line WHERE false
