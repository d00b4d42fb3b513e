-- What each account was closed with, each month in its newest version.
-- grain: period_start, account, currency
SELECT
  period_start,
  account,
  version AS balance_version,
  opening,
  debit,
  credit,
  closing,
  currency
FROM raw_trial_balance
