-- A flagged invoice line or expense is spend that there is, with no more money than it has.
SELECT f.detector, f.finding_key, f.row_id, f.amount_at_risk, e.amount
FROM findings AS f
JOIN fact_expense AS e ON e.expense_id = f.row_id
WHERE f.role = 'flagged' AND f.amount_at_risk > greatest(e.amount, 0)
