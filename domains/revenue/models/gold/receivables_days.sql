-- Days sales outstanding: open receivables over what was invoiced, less credits, in the days before,
-- times these days. Ninety days unless bullion.yml says otherwise.
-- grain: as_of, currency
-- time column: as_of
WITH open_by_day AS (
  SELECT as_of, is_latest, currency,
    sum(open_amount) AS open_amount,
    sum(CASE WHEN days_past_due > 0 THEN open_amount ELSE 0 END) AS overdue_amount
  FROM receivables_ageing
  GROUP BY as_of, is_latest, currency
),
sold AS (
  SELECT d.as_of, i.currency, sum(i.amount) AS sales
  FROM as_of_days AS d
  JOIN invoices AS i ON i.invoice_date <= d.as_of AND i.invoice_date > d.as_of - {{ var('dso_days') }}
  WHERE i.document_type <> 'adjustment'
  GROUP BY d.as_of, i.currency
)
SELECT
  o.as_of,
  o.is_latest,
  o.currency,
  CAST(o.open_amount AS DECIMAL(38,4)) AS open_amount,
  CAST(o.overdue_amount AS DECIMAL(38,4)) AS overdue_amount,
  CAST(coalesce(s.sales, 0) AS DECIMAL(38,4)) AS sales,
  CAST({{ var('dso_days') }} AS INT) AS days,
  CAST(o.open_amount * {{ var('dso_days') }} AS DECIMAL(38,4)) AS open_amount_days,
  CASE WHEN s.sales > 0 THEN ratio_2(o.open_amount * {{ var('dso_days') }}, s.sales) END AS days_outstanding
FROM open_by_day AS o
LEFT JOIN sold AS s ON s.as_of = o.as_of AND s.currency = o.currency
