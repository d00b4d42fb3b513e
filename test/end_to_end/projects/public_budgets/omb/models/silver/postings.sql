-- What fiscal year 2015 was in the end, in the budget of 2017.
SELECT CAST(_row_id AS STRING) AS posting_id, 1 AS posting_version, DATE '2014-10-01' AS posted_on,
  agency_name AS department, 'outlays' AS account, '' AS campaign_id, CAST(NULL AS STRING) AS item,
  CAST(NULL AS DECIMAL(18,4)) AS quantity, CAST(outlays * 1000 AS DECIMAL(18,2)) AS amount, 'USD' AS currency
FROM omb_2017
WHERE fiscal_year = '2015'
