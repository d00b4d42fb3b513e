-- title: Ageing of receivables
-- description: What is open by days past due, for each customer or in sum, on the last day of a month or the latest day.
-- parameter: as_of text of latest from receivables_ageing.as_of = latest; The last day of a fiscal month as YYYY-MM-DD, or latest
-- parameter: by text of customer|all = customer; A row for each customer, or one in sum
SELECT a.as_of, a.currency,
  CASE WHEN $by = 'customer' THEN a.customer_cluster ELSE '' END AS customer,
  CASE WHEN $by = 'customer' THEN a.customer_name ELSE 'all customers' END AS name,
  sum(CASE WHEN a.bucket_place = 1 THEN a.open_amount ELSE 0 END) AS not_due,
  sum(CASE WHEN a.bucket_place = 2 THEN a.open_amount ELSE 0 END) AS days_1_30,
  sum(CASE WHEN a.bucket_place = 3 THEN a.open_amount ELSE 0 END) AS days_31_60,
  sum(CASE WHEN a.bucket_place = 4 THEN a.open_amount ELSE 0 END) AS days_61_90,
  sum(CASE WHEN a.bucket_place >= 5 THEN a.open_amount ELSE 0 END) AS over_90,
  sum(CASE WHEN a.bucket_place = 0 THEN a.open_amount ELSE 0 END) AS on_account,
  sum(a.open_amount) AS open_amount
FROM receivables_ageing AS a
WHERE CASE WHEN $as_of = 'latest' THEN a.is_latest ELSE CAST(a.as_of AS STRING) = $as_of END
GROUP BY a.as_of, a.currency, 3, 4
ORDER BY open_amount DESC, customer, a.currency
