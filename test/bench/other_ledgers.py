"""The thresholds of the spend template on other public ledgers than Manchester's.

usage: other_ledgers.py PROGRAM DATA_FOLDER FOLDER DRAWS [PUBLISHER ...]
Makes a spend project in FOLDER for each publisher (all), puts DRAWS times 50 duplicates into its payments as council_ledger.py
does, and prints the same. Salford published some 250 payments of its own twice, to the letter: what is put in ranks among
them, so that there only the first 100 of the cases that are new in the run are held. Network Rail publishes no numbers of
documents: what is put in are payments under another spelling of the name some days later, and payments that come again a
month later, which is what a rent does as well. Of those held are cases a month, and that 36 of 50 are among the new ones.
Leaves with 1 when a promise is broken.
"""
import collections
import csv
import datetime
import gzip
import io
import pathlib
import random
import re
import shutil
import sys

from council_ledger import INJECTED, LEAST, MONTHLY, ROOT, SKIPPED, later_run, month_later, other_name, own_cases, run, with_slip

# Columns of the sources in test/end_to_end/council_sources, and how the injected file writes days.
LEDGERS = {
    'darlington': ('darlington', 'supplier', 'transaction_number', 'net_amount', 'transaction_date', 'directorate', 'account', '%Y-%m-%d'),
    'leeds': ('leeds_raw', 'supplier_name', 'transaction_number', 'net_amount', 'date_paid', 'service_label', 'expenditure_type', '%d/%m/%Y'),
    'gla': ('greater_london_authority', 'vendor_name', 'document_no', 'amount', 'clearing_date', 'directorate', 'account_description', '%Y-%m-%d'),
    'salford': ('salford', 'supplier_name', 'document_number', 'gross', 'paid_on', 'directorate', 'ledger_description', '%Y-%m-%d'),
    'network_rail': ('network_rail', 'supplier_name', None, 'spend', 'invoice_gl_date', 'item_description', 'category_family', '%Y-%m-%d'),
}
REPEATS_ITSELF = {'salford'}
LEAST_UNNUMBERED = 36
UNNUMBERED = {ledger for ledger, columns in LEDGERS.items() if columns[2] is None}
# Lines by what names them in inject(). Without numbers that is no document, so the file that was put in says which are meant.
LINES = {
    False: 'SELECT document_id AS name, line_id FROM fact_invoice_line',
    True: """SELECT vendor_name || '|' || CAST(amount AS VARCHAR) || '|' || CAST(invoice_date AS VARCHAR) AS name, line_id
        FROM fact_invoice_line WHERE batch_id IN (SELECT 'network_rail|' || left(file_id, 12) FROM landed_files WHERE file_name = '9999-12.csv.gz')""",
}


def make_project(program, data, folder, ledger):
    files, vendor, number, amount, day, department, category, _ = LEDGERS[ledger]
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    run(program, folder.parent, 'init', 'spend', folder.name, '-q')
    for path in [*folder.rglob('*.yml'), *folder.rglob('*.csv'), *folder.rglob('*.sql')]:
        path.write_text(re.sub(r'\bEUR\b', 'GBP', path.read_text()))
    (folder / 'sources/raw_invoices.yml').unlink()
    source = (ROOT / f'test/end_to_end/council_sources/raw_{ledger}.yml').read_text()
    (folder / f'sources/raw_{ledger}.yml').write_text(source.replace('    config:\n', '    config:\n      identity: occurrence\n      files_table: {name: landed_files}\n', 1))
    # The same number on another day, or under another name, is another document.
    macro = (ROOT / 'test/bench/spend_council/ledger.sql').read_text()
    month = "vendor_id || '|' || document_number || '|' || month_key(paid_on)"
    if month not in macro:
        raise SystemExit(f'ledger.sql: there is no `{month}`')
    (folder / 'macros/ledger.sql').write_text(
        macro.replace(month, "vendor_name || '|' || document_number || '|' || CAST(paid_on AS STRING)"))
    (folder / 'models/silver/invoice_lines.sql').write_text(
        '-- The payments of one publisher as invoice lines.\n-- grain: line_id\n'
        f"{{{{ ledger('{ledger}', vendor='{vendor}', number='{number or 'NULL'}', amount='{amount}', department='{department}', "
        f"category='{category}', day='{day}') }}}}\n")
    schema = folder / 'models/silver/schema.yml'
    text = schema.read_text()
    start = text.index('name: invoice_lines\n')
    end = text.index('columns:', start)
    lines = text[start:end].replace('kind: latest', 'kind: append').split('\n')
    kept = [line for line in lines if not re.search(r'unique_key:|version_by:|withdrawn:|conserves:', line)]
    schema.write_text(text[:start] + '\n'.join(kept) + text[end:])
    (folder / 'incoming' / files).mkdir(parents=True)
    for file in (data / files).glob('*.gz'):
        shutil.copy(file, folder / 'incoming' / files)


def payments(program, folder, ledger):
    """Rows that a clerk could enter again, and the headers of a file with such rows."""
    _, vendor, number, amount, day, department, category, _ = LEDGERS[ledger]
    found = sorted(csv.reader(io.StringIO(run(program, folder, 'query', f"""
        SELECT {vendor}, {number or 'NULL AS number'}, {amount}, {day}, {department}, {category} FROM raw_{ledger}
        WHERE {amount} >= 100 AND {f'length({number}) >= 8' if number else 'true'} AND {vendor} IS NOT NULL AND {day} IS NOT NULL
          AND lower({vendor}) NOT LIKE '%redact%'""", '--output', 'csv'))))
    found = [row for row in found if row[0] != vendor and (not number or sum(letter.isdigit() for letter in row[1][2:]) >= 5)]
    source = (folder / f'sources/raw_{ledger}.yml').read_text()
    headers = []
    for name in filter(None, (vendor, number, amount, day, department, category)):
        named = re.search(r'name: ' + name + r'\b(?:(?!name: ).)*?source_names: \["([^"]+)"', source, re.DOTALL)
        headers.append(named.group(1) if named else name)
    return found, headers


def inject(folder, ledger, found, headers, draws):
    """Writes one more file of duplicates; (draw, kind) by document."""
    files, _, number, _, _, _, _, form = LEDGERS[ledger]
    injected = {}
    with gzip.open(folder / 'incoming' / files / '9999-12.csv.gz', 'wt', newline='') as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        for draw in draws:
            chance = random.Random(9000 + draw)
            for turn, (name, text, money, paid, *rest) in enumerate(chance.sample(found, INJECTED)):
                kind = ('slip', 'name', 'month')[turn % 3] if number else ('name', 'month')[turn % 2]
                name = other_name(name, chance) if kind == 'name' else name
                if kind == 'slip':
                    kind, text = with_slip(text, chance)
                on = datetime.date.fromisoformat(paid[:10])
                on = month_later(on) if kind == 'month' else on + datetime.timedelta(days=chance.randrange(0, 11))
                writer.writerow([name, *([text] if number else []), money, on.strftime(form), *rest])
                injected[f'{name}|{text if number else money}|{on.isoformat()}'] = (draw, kind)
    return injected


def lines_of(program, folder, ledger):
    lines = collections.defaultdict(set)
    for row in csv.DictReader(io.StringIO(run(program, folder, 'query', LINES[ledger in UNNUMBERED], '--output', 'csv'))):
        lines[row['name']].add(row['line_id'])
    return lines


def measure(program, data, folder, ledger, draws):
    """True when a promise is broken."""
    make_project(program, data, folder, ledger)
    before, most = own_cases(program, folder)
    found, headers = payments(program, folder, ledger)
    bad = most > MONTHLY
    # Without numbers only the surest of a month are shown, so that draws would take each other's places.
    for together in [[draw] for draw in range(draws)] if ledger in UNNUMBERED else [range(draws)]:
        copy = folder.parent / f'{ledger}-later'
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        injected = inject(copy, ledger, found, headers, together)
        for first, new, _ in later_run(program, copy, before, injected, lambda project: lines_of(program, project, ledger)):
            bad |= new < (LEAST_UNNUMBERED if ledger in UNNUMBERED else LEAST)
            bad |= ledger not in UNNUMBERED | REPEATS_ITSELF and first < LEAST
    return bad


def main():
    program, data = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]) / 'spend/uk_council_spending'
    if not data.is_dir():
        print(f'{data} is not there; set BULLION_SHARED_DATA to the folder that has spend')
        return SKIPPED
    bad = False
    for ledger in sys.argv[5:] or LEDGERS:
        print(f'{ledger}: ', end='')
        bad |= measure(program, data, pathlib.Path(sys.argv[3]).resolve() / ledger, ledger, int(sys.argv[4]))
    return bad


if __name__ == '__main__':
    sys.exit(main())
