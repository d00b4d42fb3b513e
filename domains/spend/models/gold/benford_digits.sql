-- The first two digits of invoice amounts against Benford's law, by entity. It speaks of a whole
-- population, never of one invoice: few rows, amounts of less than two orders of magnitude, or a
-- ledger that begins at a limit ("over 500") make it meaningless, and `is_fit` says so.
-- grain: entity, currency, digits
WITH amounts AS (
  SELECT entity, currency, amount, posted_on,
    CAST(substr(replace(trim(LEADING '0' FROM replace(CAST(amount AS STRING), '.', '')), '.', ''), 1, 2) AS INT) AS digits
  FROM fact_invoice_line
  WHERE amount >= 0.10
),
population AS (
  SELECT entity, currency, count(*) AS lines, min(amount) AS smallest, max(amount) AS largest,
    max(posted_on) AS last_on
  FROM amounts
  GROUP BY entity, currency
),
seen AS (
  SELECT entity, currency, digits, count(*) AS lines FROM amounts GROUP BY entity, currency, digits
),
compared AS (
  SELECT
    p.entity, p.currency, e.digits, p.last_on,
    CAST(coalesce(s.lines, 0) AS BIGINT) AS line_count,
    CAST(p.lines AS BIGINT) AS population,
    CAST(ratio_8(coalesce(s.lines, 0), p.lines) AS DECIMAL(10,8)) AS share,
    e.expected_share,
    p.lines >= 1000 AND p.largest >= 100 * p.smallest AND p.smallest < 10 AS is_fit
  FROM population AS p
  CROSS JOIN benford_shares AS e
  LEFT JOIN seen AS s ON s.entity = p.entity AND s.currency = p.currency AND s.digits = e.digits
)
SELECT
  entity, currency, digits, last_on, line_count, population, share, expected_share,
  CAST(share - expected_share AS DECIMAL(10,8)) AS deviation,
  -- Mean absolute deviation; above 0.0022 is called nonconformity.
  CAST(ratio_8(sum(abs(share - expected_share)) OVER (PARTITION BY entity, currency), 90) AS DECIMAL(10,8)) AS mean_deviation,
  is_fit
FROM compared
