"""The same work by hand in DuckDB: CSV -> bronze Parquet -> one row for each transaction, by day -> postings with both
legs, by day -> the five marts. No landing, no fsync, no hashes, no gates, no release.

  peer_banking.py PROJECT OUTPUT [--threads N] [--memory 12GiB]
"""

import argparse
import shutil
import time
from pathlib import Path

import duckdb

TRANSACTIONS = {
    'transaction_id': 'VARCHAR', 'account_id': 'VARCHAR', 'transaction_type': 'VARCHAR', 'amount': 'DECIMAL(18,2)',
    'transaction_ts': 'TIMESTAMP', 'merchant_category': 'VARCHAR', 'mcc': 'VARCHAR', 'merchant_name': 'VARCHAR',
    'counter_account_id': 'VARCHAR', 'record_version': 'INTEGER',
}

SMALL = """
CREATE TABLE customers AS SELECT * FROM read_csv('{project}/incoming/customers.csv', skip = 1, header = true);
CREATE TABLE accounts AS SELECT a.*, t.account_class, t.has_purchases
  FROM read_csv('{project}/incoming/accounts.csv', skip = 1, header = true) AS a
  JOIN read_csv('{project}/seeds/account_types.csv', header = true) AS t USING (account_type);
CREATE TABLE codes AS SELECT mcc, merchant_category, valid_from,
    coalesce(lead(valid_from) OVER (PARTITION BY mcc ORDER BY valid_from), DATE '9999-12-31') AS valid_to
  FROM read_csv('{project}/seeds/mcc_categories.csv', header = true, types = {{'mcc': 'VARCHAR'}});
CREATE TABLE holidays AS SELECT * FROM read_csv('{project}/seeds/holidays.csv', header = true);
"""

BRONZE = """
COPY (
  SELECT * FROM read_csv('{project}/incoming/transactions-*.csv', skip = 1, header = true, columns = {columns},
    ignore_errors = true)
  WHERE regexp_full_match(transaction_id, '[0-9a-fA-F]{{8}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{12}}')
    AND regexp_full_match(account_id, 'A[0-9]{{4,}}') AND amount > 0 AND transaction_ts IS NOT NULL
    AND transaction_type IN ('Deposit', 'Withdrawal', 'Payment', 'Transfer')
    AND (merchant_category IS NULL OR merchant_category IN ('Groceries', 'Utilities', 'Entertainment', 'Dining', 'Travel',
      'Healthcare', 'Education'))
    AND (mcc IS NULL OR regexp_full_match(mcc, '[0-9]{{4}}'))
) TO '{output}/bronze.parquet' (FORMAT parquet, COMPRESSION zstd)
"""

SILVER = """
COPY (
  SELECT * EXCLUDE (version_rank), CAST(transaction_ts AS DATE) AS dt,
    CASE WHEN transaction_type IN ('Deposit', 'Transfer') THEN amount ELSE -amount END AS amount_signed
  FROM (
    SELECT *, row_number() OVER (
      PARTITION BY transaction_id ORDER BY record_version DESC, transaction_ts DESC) AS version_rank
    FROM read_parquet('{output}/bronze.parquet')
  )
  WHERE version_rank = 1
) TO '{output}/transactions' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (dt), WRITE_PARTITION_COLUMNS true)
"""

POSTINGS = """
COPY (
  WITH known AS (
    SELECT t.*, a.customer_id, a.account_type, a.account_class, a.has_purchases, c.customer_id AS other_customer,
      t.mcc IS NOT NULL OR t.merchant_name IS NOT NULL OR (t.merchant_category IS NOT NULL
        AND (t.transaction_type = 'Payment' OR a.account_class = 'liability')) AS has_merchant
    FROM read_parquet('{output}/transactions/*/*.parquet', hive_partitioning = false) AS t
    JOIN accounts AS a USING (account_id)
    LEFT JOIN accounts AS c ON c.account_id = t.counter_account_id
  ),
  signed AS (
    SELECT *, CASE WHEN transaction_type = 'Deposit' THEN 1 WHEN transaction_type = 'Payment' AND account_class = 'liability'
        AND NOT (has_purchases AND has_merchant) THEN 1 ELSE -1 END AS sign,
    FROM known
  ),
  named AS (
    SELECT *, CASE
        WHEN transaction_type = 'Transfer' AND other_customer = customer_id THEN 'own_transfer'
        WHEN transaction_type = 'Transfer' AND other_customer IS NOT NULL THEN 'customer_transfer'
        WHEN transaction_type = 'Transfer' THEN 'external_transfer'
        WHEN transaction_type = 'Withdrawal' THEN 'cash'
        WHEN has_merchant AND account_type <> 'Loan' THEN CASE WHEN sign < 0 THEN 'purchase' ELSE 'refund' END
        WHEN account_class = 'liability' THEN CASE WHEN sign < 0 THEN 'charge' ELSE 'repayment' END
        WHEN transaction_type = 'Payment' THEN 'bill' ELSE 'deposit' END AS flow
    FROM signed
  )
  SELECT n.transaction_id, 'own' AS leg, n.dt, n.transaction_ts, n.account_id, n.customer_id, n.account_type, n.account_class,
    n.transaction_type, n.flow, n.amount, CAST(n.sign * n.amount AS DECIMAL(18,2)) AS amount_signed,
    CAST(CASE WHEN n.account_class = 'liability' THEN -n.sign ELSE n.sign END * n.amount AS DECIMAL(18,2)) AS balance_change,
    n.amount_signed AS literal_amount_signed,
    CAST(CASE WHEN n.flow IN ('purchase', 'refund', 'bill') THEN -n.sign * n.amount ELSE 0 END AS DECIMAL(18,2)) AS spend,
    n.mcc, CASE WHEN n.flow IN ('purchase', 'refund') THEN coalesce(m.merchant_category, n.merchant_category, 'Unmapped')
      WHEN n.flow = 'bill' THEN 'No merchant' END AS merchant_category, n.counter_account_id
  FROM named AS n
  LEFT JOIN codes AS m ON m.mcc = n.mcc AND m.valid_from <= n.dt AND m.valid_to > n.dt
  UNION ALL
  SELECT t.transaction_id, 'counter', t.dt, t.transaction_ts, t.counter_account_id, c.customer_id, c.account_type, c.account_class,
    t.transaction_type, CASE WHEN c.customer_id = a.customer_id THEN 'own_transfer' ELSE 'customer_transfer' END, t.amount, t.amount,
    CASE WHEN c.account_class = 'liability' THEN -t.amount ELSE t.amount END, 0, 0, NULL, NULL, t.account_id
  FROM read_parquet('{output}/transactions/*/*.parquet', hive_partitioning = false) AS t
  JOIN accounts AS a USING (account_id)
  JOIN accounts AS c ON c.account_id = t.counter_account_id
  WHERE t.transaction_type = 'Transfer'
) TO '{output}/postings' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (dt), WRITE_PARTITION_COLUMNS true)
"""

READ = "read_parquet('{output}/postings/*/*.parquet', hive_partitioning = false)"
BY_DAY = "(FORMAT parquet, PARTITION_BY (dt), WRITE_PARTITION_COLUMNS true)"

VOLUME = """
COPY (
  SELECT dt, account_type, account_class, transaction_type, flow, count(*) FILTER (leg = 'own') AS transactions,
    sum(CASE WHEN flow <> 'own_transfer' AND amount_signed < 0 THEN amount ELSE 0 END) AS debit,
    sum(CASE WHEN flow <> 'own_transfer' AND amount_signed > 0 THEN amount ELSE 0 END) AS credit,
    sum(CASE WHEN flow = 'own_transfer' AND leg = 'own' THEN amount ELSE 0 END) AS internal,
    sum(CASE WHEN flow <> 'own_transfer' THEN amount_signed ELSE 0 END) AS net_flow,
    sum(amount_signed) AS amount_signed, sum(literal_amount_signed) AS literal_amount_signed
  FROM """ + READ + """ GROUP BY ALL
) TO '{output}/daily_volume' """ + BY_DAY

ACCOUNT_DAY = """
COPY (
  SELECT account_id, customer_id, account_type, account_class, dt, count(*) AS postings,
    sum(CASE WHEN amount_signed < 0 THEN amount ELSE 0 END) AS debit, sum(CASE WHEN amount_signed > 0 THEN amount ELSE 0 END) AS credit,
    sum(balance_change) AS net_change, sum(amount_signed) AS amount_signed, sum(spend) AS spend
  FROM """ + READ + """ GROUP BY ALL
) TO '{output}/account_day' """ + BY_DAY

CATEGORY_DAY = """
COPY (
  SELECT dt, merchant_category, coalesce(mcc, '') AS mcc, account_type, count(*) AS transactions, sum(spend) AS spend,
    sum(CASE WHEN spend < 0 THEN -spend ELSE 0 END) AS refunds
  FROM """ + READ + """ WHERE merchant_category IS NOT NULL GROUP BY ALL
) TO '{output}/category_day' """ + BY_DAY

BALANCES = """
CREATE TABLE account_day AS FROM read_parquet('{output}/account_day/*/*.parquet', hive_partitioning = false);
COPY (
  SELECT account_id, month_start, a.balance + sum(net_change) OVER w - net_change AS opening_balance, net_change,
    a.balance + sum(net_change) OVER w AS closing_balance
  FROM (SELECT account_id, date_trunc('month', dt) AS month_start, sum(net_change) AS net_change FROM account_day GROUP BY ALL)
  JOIN accounts AS a USING (account_id)
  WINDOW w AS (PARTITION BY account_id ORDER BY month_start)
) TO '{output}/account_month.parquet' (FORMAT parquet);
COPY (
  SELECT dt, account_type, o.opening + sum(net_change) OVER v - net_change AS opening_balance, net_change,
    o.opening + sum(net_change) OVER v AS closing_balance
  FROM (SELECT dt, account_type, sum(net_change) AS net_change FROM account_day GROUP BY ALL)
  JOIN (SELECT account_type, sum(balance) AS opening FROM accounts GROUP BY ALL) AS o USING (account_type)
  WINDOW v AS (PARTITION BY account_type ORDER BY dt)
) TO '{output}/balance_walk.parquet' (FORMAT parquet);
"""

SPENDERS = """
COPY (
  WITH l AS (SELECT max(dt) AS last_day FROM account_day),
  s AS (
    SELECT customer_id, sum(CASE WHEN dt > last_day - 30 THEN spend ELSE 0 END) AS spend,
      sum(CASE WHEN dt <= last_day - 30 THEN spend ELSE 0 END) AS spend_before
    FROM account_day, l WHERE dt > last_day - 210 GROUP BY ALL
  )
  SELECT *, rank() OVER (ORDER BY spend DESC) AS spend_rank, spend_before / 6 AS usual FROM s LEFT JOIN customers USING (customer_id)
) TO '{output}/top_spenders.parquet' (FORMAT parquet)
"""

BANDS = """
COPY (
  WITH days AS (
    SELECT dt, sum(transactions) AS n, sum(debit) AS debit, sum(credit) AS credit,
      CASE WHEN dt IN (SELECT day FROM holidays) THEN 'holiday' WHEN dt = last_day(dt) THEN 'month end'
        ELSE dayname(dt) END AS kind
    FROM read_parquet('{output}/daily_volume/*/*.parquet', hive_partitioning = false) GROUP BY ALL
  )
  SELECT *, avg(n) OVER w AS n_mean, mad(n) OVER w AS n_mad, avg(debit) OVER w AS debit_mean, mad(debit) OVER w AS debit_mad,
    avg(credit) OVER w AS credit_mean, mad(credit) OVER w AS credit_mad
  FROM days WINDOW w AS (PARTITION BY kind ORDER BY dt ROWS BETWEEN 8 PRECEDING AND 1 PRECEDING)
) TO '{output}/volume_bands.parquet' (FORMAT parquet)
"""

BAD = """
COPY (
  SELECT dt, d.n - k.n AS duplicates FROM
    (SELECT CAST(transaction_ts AS DATE) AS dt, count(*) AS n FROM read_parquet('{output}/bronze.parquet') GROUP BY ALL) AS d
    JOIN (SELECT dt, count(*) AS n FROM read_parquet('{output}/transactions/*/*.parquet', hive_partitioning = false) GROUP BY ALL) AS k
    USING (dt)
) TO '{output}/bad_records.parquet' (FORMAT parquet)
"""

STEPS = [('small', SMALL), ('bronze', BRONZE), ('transactions', SILVER), ('postings', POSTINGS), ('volume', VOLUME),
         ('account_day', ACCOUNT_DAY), ('category_day', CATEGORY_DAY), ('balances', BALANCES), ('spenders', SPENDERS),
         ('bands', BANDS), ('bad', BAD)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('project')
    parser.add_argument('output')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--memory', default='12GiB')
    options = parser.parse_args()
    shutil.rmtree(options.output, ignore_errors=True)
    Path(options.output).mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute(f'SET threads = {options.threads}')
    connection.execute(f"SET memory_limit = '{options.memory}'")
    connection.execute('SET preserve_insertion_order = false')
    connection.execute('SET partitioned_write_max_open_files = 400')
    connection.execute(f"SET temp_directory = '{options.output}/spill'")
    for name, sql in STEPS:
        begin = time.monotonic()
        connection.execute(sql.format(project=options.project, output=options.output, columns=TRANSACTIONS))
        print(f'{name}\t{time.monotonic() - begin:.2f} s', flush=True)


if __name__ == '__main__':
    main()
