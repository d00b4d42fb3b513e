-- Lines of the ledger with the line of the statements they go to. An account that seeds/accounts.csv
-- does not have counts as an operating expense, so that it is in the profit and seen as `?`.
-- grain: line_id
SELECT
  l.line_id,
  l.journal_id,
  l.posted_on,
  d.period_start,
  l.account,
  coalesce(a.account_name, '?') AS account_name,
  coalesce(a.account_class, 'expense') AS account_class,
  coalesce(a.statement_line, 'unmapped') AS statement_line,
  coalesce(s.statement_title, 'Not mapped') AS statement_title,
  coalesce(s.section, 'operating') AS section,
  l.department,
  l.amount,
  CAST(CASE WHEN coalesce(a.account_class, 'expense') IN ('revenue', 'expense') THEN -l.amount ELSE 0 END AS DECIMAL(18,2)) AS result,
  l.currency,
  l.document_id
FROM ledger_lines AS l
JOIN fiscal_days AS d ON d.day = l.posted_on
LEFT JOIN accounts AS a ON a.account = l.account
LEFT JOIN statement_lines AS s ON s.statement_line = a.statement_line
