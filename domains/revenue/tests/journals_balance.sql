-- The lines of a journal entry sum to zero.
SELECT journal_id, currency, sum(amount) AS amount
FROM ledger_lines
GROUP BY journal_id, currency
HAVING sum(amount) <> 0
