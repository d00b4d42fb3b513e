-- Categories in which one company takes most of the money although others sell the same, and those
-- with a single source. It is no loss by itself, so no money is at risk.
SELECT
  'concentration|' || category || '|' || year || '|' || currency AS finding_key,
  'category' AS subject_type,
  category || ' ' || year AS subject_id,
  concentration_id AS row_id,
  'flagged' AS role,
  make_date(CAST(year AS INT), 12, 31) AS occurred_on,
  CAST(0 AS DECIMAL(28,6)) AS amount_at_risk,
  currency,
  CAST(ratio_4(least(9000, CAST(round(top_percent * 100, 0) AS BIGINT)), 10000) AS DECIMAL(5,4)) AS strength,
  top_vendor_name || ' took ' || CAST(ratio_1(top_percent, 1) AS STRING) || ' % of ' || currency || ' ' || CAST(amount AS STRING) || ' in ' || category || ' in '
    || year || ', of ' || CAST(vendors AS STRING) || ' companies (HHI ' || CAST(hhi AS STRING) || ')'
    || CASE WHEN top_percent_change IS NULL THEN '' ELSE ', ' || CAST(ratio_1(top_percent_change, 1) AS STRING) || ' points more than the year before' END AS reason
FROM category_concentration
WHERE amount >= {{ param('min_amount') }}
  AND ((top_percent >= {{ param('top_percent') }} AND hhi >= {{ param('min_hhi') }}) OR is_single_source)
