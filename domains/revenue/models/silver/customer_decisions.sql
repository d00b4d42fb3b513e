-- Merge and unmerge decisions; they are only ever added, so that any day can be reproduced.
SELECT decision_id, decided_on, decision, customer_id, other_customer_id, decided_by, reason
FROM raw_customer_decisions
