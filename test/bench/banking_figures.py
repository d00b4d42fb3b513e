"""What tools/bench_banking.sh compares and reports.

  banking_figures.py compare PROGRAM PROJECT PEER    do both ways give the same postings and the same money?
  banking_figures.py query PROGRAM PROJECT MEASURED  category by month from 2024-01-01: one process, then a warm server
  banking_figures.py report MEASURED                 the measured times as ratios, against their bounds
"""

import csv
import io
import re
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import duckdb

SQL = """SELECT CAST(count(*) AS VARCHAR) AS postings, CAST(sum(amount_signed) AS VARCHAR) AS amount_signed,
  CAST(sum(balance_change) AS VARCHAR) AS balance_change, CAST(sum(spend) AS VARCHAR) AS spend FROM """
METRIC = {'by': 'category', 'grain': 'month', 'start': '2024-01-01'}


def compare(program, project, peer):
    text = subprocess.run([program, 'query', SQL + 'postings', '--output', 'csv'], cwd=project, check=True,
                          capture_output=True, text=True).stdout
    ours = tuple(next(csv.DictReader(io.StringIO(text))).values())
    theirs = duckdb.sql(SQL + f"read_parquet('{peer}/postings/*/*.parquet', hive_partitioning = false)").fetchone()
    print(f'bench: postings and sums: {ours} here, {theirs} by hand' + ('' if ours == theirs else '  <- they differ'),
          file=sys.stderr)


def query(program, project, measured):
    server = subprocess.Popen([program, 'serve', '--no-auth', '--port', '0'], cwd=project, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    try:
        address = None
        for line in server.stdout:
            found = re.search(r'http://[0-9.]+:[0-9]+', line)
            if found:
                address = found.group(0)
                break
        times = []
        for turn in range(12):
            # Another end each time, so that no answer is kept from before.
            asked = urllib.parse.urlencode(dict(METRIC, end=f'2030-01-{turn + 1:02d}'))
            begin = time.monotonic()
            urllib.request.urlopen(f'{address}/api/v1/metrics/spend/values?{asked}').read()
            times.append(time.monotonic() - begin)
    finally:
        server.terminate()
        server.wait()
    with open(measured, 'a', encoding='utf-8') as file:
        file.write(f'query_cold\t{times[0]:.3f}\t0\nquery_warm\t{statistics.median(times[1:]):.3f}\t0\n')


def bound(text, value, limit, form):
    print(f'{"ok  " if value <= limit else "OVER"}  {text:<52} {form.format(value):>9}  (at most {form.format(limit)})')


def report(path):
    measured = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            name, seconds, peak_mib = line.split('\t')
            measured[name] = (float(seconds), float(peak_mib))
    for name, (seconds, peak_mib) in measured.items():
        print(f'{name:<14} {seconds:>9.2f} s {peak_mib:>9.0f} MiB')
    full = measured['full'][0]
    bound('first run against the script by hand', full / measured['peer'][0], 1.5, '{:.2f}x')
    bound('one late day, of the first run', 100 * measured['late'][0] / full, 8, '{:.1f} %')
    bound('category by month, first question', 1000 * measured['query_cold'][0], 1000, '{:.0f} ms')
    bound('category by month, warm', 1000 * measured['query_warm'][0], 300, '{:.0f} ms')


if __name__ == '__main__':
    {'compare': compare, 'query': query, 'report': report}[sys.argv[1]](*sys.argv[2:])
