-- One row per ticket, in its newest version.
-- grain: ticket_id
SELECT
  ticket_id,
  version AS ticket_version,
  customer_id,
  opened_on,
  closed_on,
  category,
  priority,
  satisfaction,
  coalesce(is_withdrawn, false) AS is_withdrawn
FROM raw_tickets
