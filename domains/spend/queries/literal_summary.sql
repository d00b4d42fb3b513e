-- title: Summary in four numbers
-- description: Expenses, signals of the five literal rules, vendors, budget records.
SELECT
  (SELECT count(*) FROM fact_expense) AS expenses,
  (SELECT count(*) FROM literal_signals) AS signals,
  (SELECT count(*) FROM vendor_versions WHERE is_current) AS vendors,
  (SELECT count(*) FROM budget_lines) AS budget_records
