-- The estimate of fiscal year 2015 in the budget of 2016.
SELECT CAST(_row_id AS STRING) AS budget_line_id, 'adopted' AS budget_version, DATE '2014-10-01' AS fiscal_month,
  agency_name AS department, 'outlays' AS account, CAST(NULL AS STRING) AS campaign_id, CAST(NULL AS STRING) AS item,
  CAST(NULL AS DECIMAL(18,4)) AS quantity, CAST(outlays * 1000 AS DECIMAL(18,2)) AS amount, 'USD' AS currency
FROM omb_2016
WHERE fiscal_year = '2015'
