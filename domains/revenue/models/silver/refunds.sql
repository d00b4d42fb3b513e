-- One row per refund, in its newest version.
-- grain: refund_id
SELECT
  refund_id,
  version AS refund_version,
  payment_id,
  refunded_on,
  amount,
  currency,
  reason,
  coalesce(is_withdrawn, false) AS is_withdrawn
FROM raw_refunds
