-- Merge and unmerge decisions; they are only ever added, so that any day can be reproduced.
SELECT decision_id, decided_on, decision, vendor_id, other_vendor_id, decided_by, reason
FROM raw_vendor_decisions
