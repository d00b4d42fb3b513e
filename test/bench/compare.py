"""compare.py PROGRAM PROJECT PEER: do both ways give the same events and the same money?

A difference is shown, not refused: the script by hand rounds digits that Bullion rejects.
"""

import csv
import io
import subprocess
import sys

import duckdb

SQL = """SELECT CAST(CAST(sum(total_cost_usd) AS DECIMAL(38,6)) AS VARCHAR) AS total_cost_usd,
  CAST(sum(event_count) AS VARCHAR) AS events, CAST(count(*) AS VARCHAR) AS rows FROM """

program, project, peer = sys.argv[1:]
text = subprocess.run([program, 'query', SQL + 'daily_account_cost', '--output', 'csv'], cwd=project,
                      check=True, capture_output=True, text=True).stdout
ours = tuple(next(csv.DictReader(io.StringIO(text))).values())
theirs = duckdb.sql(SQL + f"read_parquet('{peer}/daily_account_cost/*/*.parquet', hive_partitioning = false)"
                    ).fetchone()
print(f'bench: money, events and rows: {ours} here, {theirs} by hand'
      + ('' if ours == theirs else '  <- they differ'), file=sys.stderr)
