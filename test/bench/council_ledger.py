"""A spend project on a council's public payments, and duplicates put into it as clerks would make them.

usage: council_ledger.py PROGRAM DATA_FOLDER FOLDER DRAWS
Makes a project in FOLDER, gives it the payments of Manchester, runs it, and prints how many new cases a month it has. Then
one more file brings DRAWS times 50 duplicates (numbers with one slip, names written otherwise, the same bill a month
later). Of each 50, as if they alone had come, it prints how many are among the first 100 of all cases, and among the
first 100 of those that are new in that run: what people see who have worked through the others. Leaves with 1 when
fewer than 45 are, or more than 20 come in a month.
"""
import calendar
import collections
import csv
import datetime
import gzip
import io
import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
INJECTED = 50
FIRST = 100
LEAST = 45
MONTHLY = 20
SKIPPED = 77
COLUMNS = ['Body Name', 'Service Area', 'Expenses Type', 'Invoice Payment Date', 'Transaction Number', 'Net Amount', 'Supplier Name']

HEAD = """-- Payments of a council in the columns of invoice lines. Its own number of a payment stands for the
-- vendor's number of the invoice; the same number on another day is another document.
-- grain: line_id
SELECT
  _row_id AS line_id,
  1 AS line_version,
  transaction_number || '|' || coalesce(supplier_name, '') || '|' || CAST(paid_on AS STRING) AS document_id,
  'MCC' AS entity,
  coalesce(supplier_name, 'unknown') AS vendor_id,
  coalesce(supplier_name, 'unknown') AS vendor_name,
  transaction_number AS invoice_number,
  CASE WHEN net_amount < 0 THEN 'credit_memo' ELSE 'invoice' END AS document_type,
  CAST(NULL AS STRING) AS reverses_number,
  paid_on AS invoice_date,
  CAST(NULL AS DATE) AS received_on,
  paid_on AS posted_on,
  service_area AS department,
  expenses_type AS account,
  expenses_type AS category,
  CAST(NULL AS STRING) AS campaign_id,
  CAST(NULL AS STRING) AS item,
  CAST(NULL AS DECIMAL(18,4)) AS quantity,
  CAST(NULL AS DECIMAL(18,4)) AS unit_price,
  net_amount AS amount,
  'GBP' AS currency,
  CAST(NULL AS STRING) AS purchase_order,
  CAST(NULL AS STRING) AS contract_id,
  CAST(NULL AS STRING) AS batch_id,
  false AS is_withdrawn,
"""


def run(program, project, *arguments):
    return subprocess.run([program, *arguments], cwd=project, check=True, capture_output=True, text=True).stdout


def replace(path, old, new):
    text = path.read_text()
    if old not in text:
        raise SystemExit(f'{path}: there is no `{old}`')
    path.write_text(text.replace(old, new))


def make_project(program, folder):
    """`bullion init spend` with another source, currency and model of invoice lines."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    run(program, folder.parent, 'init', 'spend', folder.name, '-q')
    for path in [folder / 'bullion.yml', folder / 'models/silver/schema.yml', *folder.glob('sources/*.yml')]:
        text = path.read_text()
        path.write_text(text.replace('currency: EUR', 'currency: GBP').replace('[EUR]', '[GBP]'))
    source = (ROOT / 'test/end_to_end/council_sources/raw_manchester.yml').read_text()
    (folder / 'sources/raw_manchester.yml').write_text(
        source.replace('amount: net_amount', 'amount: net_amount\n      identity: occurrence'))
    model = folder / 'models/silver/invoice_lines.sql'
    lines = model.read_text()
    forms = lines[lines.index('  month_key(posted_on)'):lines.index('FROM raw_invoices')]
    model.write_text(HEAD + forms.replace('posted_on', 'paid_on').replace('invoice_number', 'transaction_number')
                     + 'FROM raw_manchester\n')
    replace(folder / 'models/silver/schema.yml', 'conserves: {amount: amount}\n      amount: amount\n      currency_column: currency\n      contract: {enforced: true}\n    columns:\n      - name: line_id',
            'conserves: {amount: net_amount}\n      amount: amount\n      currency_column: currency\n      contract: {enforced: true}\n    columns:\n      - name: line_id')


def payments(files):
    """Rows that a clerk could enter again: of a named supplier, 100 or more, with a number of ten digits."""
    found = []
    for file in sorted(files.glob('*.csv.gz')):
        text = gzip.decompress(file.read_bytes()).decode('utf-8-sig')
        reader = csv.reader(io.StringIO(text))
        names = [name.strip().lower() for name in next(reader)]
        at = {name: place for place, name in enumerate(names)}
        for row in reader:
            if len(row) < 7:
                continue
            number, supplier = row[at['transaction number']].strip(), row[at['supplier name']].strip()
            try:
                amount = float(row[at.get('net amount', at.get('amount', 5))].replace(',', ''))
                day = datetime.date.fromisoformat(row[at['invoice payment date']].strip())
            except ValueError:
                continue
            if amount >= 100 and len(number) == 10 and number.isdigit() and supplier and 'redact' not in supplier.lower():
                found.append((row[0], row[1], row[2], day, number, row[at.get('net amount', at.get('amount', 5))], supplier))
    return found


def with_slip(number, chance):
    """One digit is another, two neighbours have changed places, one is left out or struck twice: the kind of slip, and the
    number with it. The first two places say what kind of document it is and stay."""
    places = [place for place in range(2, len(number)) if number[place].isdigit()]
    at = chance.choice(places)
    before, digit, after = number[:at], number[at], number[at + 1:]
    slips = {
        'other': before + chance.choice([other for other in '0123456789' if other != digit]) + after,
        'left out': before + after,
        'twice': before + digit + digit + after,
    }
    exchanged = [place for place in places if place - 1 in places and number[place] != number[place - 1]]
    if exchanged:
        at = chance.choice(exchanged)
        slips['exchanged'] = number[:at - 1] + number[at] + number[at - 1] + number[at + 1:]
    return chance.choice(sorted(slips.items()))


def other_name(name, chance):
    """The same company as another clerk would write it."""
    words = name.split()
    last = words[-1].lower().rstrip('.')
    forms = [name.upper() if name != name.upper() else name.title()]
    if last in ('ltd', 'limited'):
        forms += [' '.join(words[:-1]) or name, ' '.join([*words[:-1], 'Limited' if last == 'ltd' else 'Ltd'])]
    else:
        forms.append(name + ' Ltd')
    forms.append('The ' + name)
    if '&' in name:
        forms.append(name.replace('&', 'and'))
    at = chance.choice([place for place in range(1, len(name)) if name[place].isalpha()] or [0])
    forms.append(name[:at] + name[at + 1:])
    return chance.choice([form for form in forms if form != name])


def month_later(day):
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def duplicates(found, draw):
    """50 of them: (kind, row). Slips and names are paid up to ten days later."""
    chance = random.Random(7000 + draw)
    for turn, original in enumerate(chance.sample(found, INJECTED)):
        body, area, kind_of, day, number, amount, supplier = original
        kind = ('slip', 'name', 'month')[turn % 3]
        if kind == 'slip':
            kind, number = with_slip(number, chance)
        elif kind == 'name':
            supplier = other_name(supplier, chance)
        day = month_later(day) if kind == 'month' else day + datetime.timedelta(days=chance.randrange(0, 11))
        yield kind, [body, area, kind_of, day.isoformat(), number, amount, supplier]


def case_of_rows(program, project):
    """What `bullion detect` made of it: the cases that show each row, and the month of each case."""
    rows = csv.DictReader(io.StringIO(run(program, project, 'query', """
        SELECT detector, finding_key, row_id, occurred_on FROM findings""", '--output', 'csv')))
    store = sqlite3.connect(project / 'lake/state.db')
    ids = {(detector, key): case for detector, key, case in
           store.execute('SELECT detector, finding_key, case_id FROM bullion_case_findings')}
    of_row, months = collections.defaultdict(set), {}
    for row in rows:
        case = ids.get((row['detector'], row['finding_key']))
        if case is None:
            continue  # It would open no case alone.
        of_row[row['row_id']].add(case)
        months[case] = max(months.get(case, ''), row['occurred_on'][:7])
    return of_row, months


def cases_of(program, project):
    """The numbers of the open cases, the surest first."""
    run(program, project, 'detect')
    return [case['case'] for case in json.loads(run(program, project, 'cases', 'list', '--output', 'json'))]


def own_cases(program, project):
    """Runs the ledger as it is: its cases, and how many come in each month."""
    run(program, project, 'run', '-q')
    cases = cases_of(program, project)
    _, months = case_of_rows(program, project)
    a_month = collections.Counter(months[case] for case in cases if case in months)
    print(f'{len(cases)} cases of the ledger itself, {sum(a_month.values()) / len(a_month):.1f} a month, at most {max(a_month.values())}')
    return set(cases), max(a_month.values())


def later_run(program, project, before, injected, lines_of):
    """Runs a ledger that was run before once more, with what was put in: (draw, kind) by name. Says of each draw, as if
    it alone were there, how many are among the first of all cases, how many among the first of those that are new in
    this run, and how many have a case at all; yields these three numbers."""
    run(program, project, 'run', '-q')
    cases = cases_of(program, project)
    of_row, _ = case_of_rows(program, project)
    lines = lines_of(project)
    of_injected = {name: set().union(*(of_row.get(line, set()) for line in lines[name])) for name in injected}
    artificial = set().union(*of_injected.values())
    for draw in sorted({draw for draw, _ in injected.values()}):
        mine = {name for name, (of_draw, _) in injected.items() if of_draw == draw}
        own = set().union(*(of_injected[name] for name in mine))
        alone = [case for case in cases if case in own or case not in artificial or case in before]
        new = [case for case in alone if case not in before]
        found = [[name for name in mine if of_injected[name] & set(among)] for among in (alone[:FIRST], new[:FIRST], alone)]
        missed = collections.Counter(injected[name][1] for name in mine.difference(found[0]))
        print(f'draw {draw}: {len(found[0])} of {len(mine)} among the first {FIRST} of all {len(alone)} cases, {len(found[1])} among the first '
              f'{FIRST} of the {len(new)} new in this run, {len(found[2])} have a case; not among the first of all: '
              + (', '.join(f'{number} {kind}' for kind, number in sorted(missed.items())) or 'none'))
        yield [len(names) for names in found]


def lines_of_documents(program, project):
    lines = collections.defaultdict(set)
    for row in csv.DictReader(io.StringIO(run(program, project, 'query', 'SELECT document_id, line_id FROM fact_invoice_line', '--output', 'csv'))):
        lines[row['document_id']].add(row['line_id'])
    return lines


def main():
    program, data, folder, draws = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
    files = data / 'spend/uk_council_spending/manchester'
    if not files.is_dir():
        print(f'{files} is not there; set BULLION_SHARED_DATA to the folder that has spend')
        return SKIPPED
    make_project(program, folder)
    shutil.copytree(files, folder / 'incoming/manchester')
    before, most = own_cases(program, folder)
    found = payments(files)
    injected = {}
    with gzip.open(folder / 'incoming/manchester/9999-12.csv.gz', 'wt', newline='') as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for draw in range(draws):
            for kind, row in duplicates(found, draw):
                injected['|'.join([row[4], row[6], row[3]])] = (draw, kind)
                writer.writerow(row)
    least = min(min(first, new) for first, new, _ in later_run(program, folder, before, injected, lambda project: lines_of_documents(program, project)))
    return most > MONTHLY or least < LEAST


if __name__ == '__main__':
    sys.exit(main())
