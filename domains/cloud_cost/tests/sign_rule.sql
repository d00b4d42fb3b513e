-- No cost may have a sign that its kind of charge does not explain. Which signs are explained is
-- var sign_preset: `strict` allows no negative cost at all. `focus` allows negative usage, tax
-- and adjustments (refunds), wants credits negative and purchases positive, and leaves a line
-- that corrects an earlier invoice (charge_class Correction) free. Any other preset fails on
-- every row.
SELECT event_id, account_id, usage_date, charge_category, charge_class, cost_usd
FROM billing_events
WHERE CASE
  WHEN '{{ var('sign_preset') }}' = 'strict' THEN cost_usd < 0
  WHEN '{{ var('sign_preset') }}' = 'focus' THEN charge_class IS NULL AND (
    (charge_category = 'Credit' AND cost_usd > 0)
    OR (charge_category = 'Purchase' AND cost_usd < 0)
  )
  ELSE true
END
