"""Writes one late file: new versions of some events of a few early days.

  late_file.py INCOMING [--events 10000] [--days 3]
"""

import argparse
import csv
import datetime
from pathlib import Path


def is_date(text):
    try:
        return bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('incoming')
    parser.add_argument('--events', type=int, default=10000)
    parser.add_argument('--days', type=int, default=3)
    options = parser.parse_args()
    incoming = Path(options.incoming)
    by_day, header = {}, None
    quota = -(-options.events // options.days)
    for path in sorted(incoming.glob('*.csv')):
        with open(path, newline='', encoding='utf-8', errors='replace') as file:
            reader = csv.DictReader(file)
            header = header or reader.fieldnames
            for row in reader:
                if row.get(None) or row['event_version'] != '1' or not is_date(row['usage_date']):
                    continue
                if row['usage_date'] not in by_day and len(by_day) < options.days:
                    by_day[row['usage_date']] = []
                of_day = by_day.get(row['usage_date'])
                if of_day is not None and len(of_day) < quota:
                    of_day.append(row)
        if len(by_day) == options.days and all(len(of_day) == quota for of_day in by_day.values()):
            break
    rows = [row for of_day in by_day.values() for row in of_day][:options.events]
    with open(incoming / 'late.csv', 'w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, header, extrasaction='ignore', lineterminator='\n')
        writer.writeheader()
        for row in rows:
            row['event_version'] = '90'
            row['usage_quantity'] = '1'
            writer.writerow(row)
    print(f'late.csv: {len(rows)} events of {len(by_day)} days: {", ".join(sorted(by_day))}')


if __name__ == '__main__':
    main()
