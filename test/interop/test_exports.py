"""What `bullion export` writes has every row and digit for Excel's readers, DuckDB, Arrow and SQL parsers."""

import csv
import datetime
import decimal
import json
import re
import shutil
from decimal import Decimal

import duckdb
import openpyxl
import pyarrow.parquet
import pytest
import sqlfluff.core
import sqlglot

import edge_values
from conftest import FOLDER, HERE, bullion
from rows import of_arrow

DIALECTS = ['snowflake', 'athena', 'redshift', 'bigquery']
YELLOW = 'FFFFF2CC'
FORMULAS = ['=1+1', '+1', '-1', '@a', '\ttab', '\rcr', "'=quoted", "'tis", '_x0041_', 'a\x01b', '=HYPERLINK("http://x")']

SOURCE = """\
version: 2
sources:
  - name: money
    description: "It's money; \\"quoted\\""
    meta: {owner: tests@example.com}
    config:
      files: incoming/money*.jsonl
      format: jsonl
      amount: amount
      currency_column: currency
    columns:
      - {name: id, data_type: bigint, description: "The row's number", constraints: [{type: not_null}]}
      - {name: currency, data_type: string, description: ISO code}
      - {name: amount, data_type: "decimal(38,6)", description: 'Amount \\ in the currency'}
      - {name: select, data_type: string, description: A reserved word}
      - {name: ratio, data_type: "decimal(20,10)", description: Not added up}
      - {name: day, data_type: date, description: A day}
"""


def money_rows():
    rows = []
    for index in range(400):
        currency = ['USD', 'EUR', None, 'GBP'][index % 4]
        amount = Decimal(index * 7919 - 900_000) / 100
        if currency == 'GBP' and index > 300:
            amount = Decimal('98765432109876543210987654321.123456') - index
        rows.append({'id': index, 'currency': currency, 'amount': None if index == 17 else f'{amount:f}',
                     'select': FORMULAS[index % len(FORMULAS)], 'ratio': f'{Decimal(index) / 1000:.10f}',
                     'day': str(datetime.date(1899, 12, 1) + datetime.timedelta(days=index * 40))})
    return rows


@pytest.fixture(scope='module')
def project():
    """The edge values, and a table of amounts in several currencies."""
    folder = FOLDER / 'exports'
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / 'edge_project', folder)
    (folder / 'sources/money.yml').write_text(SOURCE)
    edge = folder / 'incoming/edge_values.jsonl'
    edge_values.write_json_lines(edge)
    source = folder / 'sources/edge_values.yml'
    source.write_text(source.read_text().replace('incoming/*.jsonl', 'incoming/edge*.jsonl'))
    lines = (json.dumps(row, ensure_ascii=False) for row in money_rows())
    (folder / 'incoming/money.jsonl').write_text('\n'.join(lines) + '\n', newline='')
    bullion('run', cwd=folder)
    return folder


def export(project, table, *arguments, name):
    file = project / name
    file.unlink(missing_ok=True)
    bullion('export', table, *arguments, '--file', file, cwd=project)
    return file


def exact(project, table):
    """Columns and rows as DuckDB reads the Parquet export: the truth of the other tests."""
    file = export(project, table, '--parquet', name=f'{table}.parquet')
    with duckdb.connect() as session:
        session.execute("SET TimeZone = 'UTC'")
        read = session.execute(f"SELECT * FROM read_parquet('{file}')")
        return [column[0] for column in read.description], read.fetchall()


def unescaped(text):
    return re.sub('_x([0-9A-Fa-f]{4})_', lambda found: chr(int(found[1], 16)), text)


def naive(moment):
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def check_cell(cell, value):
    """The cell gives the value back, typed when a cell can hold it, else as marked text."""
    marked = cell.fill.fgColor.rgb == YELLOW
    if value is None or value == '':
        assert cell.value is None
    elif marked and isinstance(value, (Decimal, int)):
        assert cell.data_type == 's' and Decimal(cell.value) == value and cell.alignment.horizontal == 'right'
        assert len(str(abs(value)).replace('.', '').strip('0')) > 15
    elif marked and isinstance(value, datetime.datetime):
        assert cell.value == naive(value).strftime('%Y-%m-%dT%H:%M:%S.%fZ')
    elif marked and isinstance(value, datetime.date):
        assert cell.value == value.isoformat() and value < datetime.date(1900, 3, 1)
    elif isinstance(value, bool):
        assert cell.data_type == 'b' and cell.value is value
    elif isinstance(value, Decimal):
        assert cell.data_type == 'n' and Decimal(repr(cell.value)) == value
        assert cell.number_format == '#,##0' + ('.' + '0' * -value.as_tuple().exponent).rstrip('.')
    elif isinstance(value, int):
        assert cell.data_type == 'n' and cell.value == value
    elif isinstance(value, float):
        assert cell.data_type == 'n' and cell.value == pytest.approx(value, rel=1e-15, abs=0)
    elif isinstance(value, datetime.datetime):
        assert cell.is_date and cell.value == naive(value)
    elif isinstance(value, datetime.date):
        assert cell.is_date and cell.value.date() == value
    else:
        assert cell.data_type == 's' and unescaped(cell.value) == value


@pytest.mark.parametrize('table', ['raw_edge_values', 'money'])
def test_openpyxl_reads_every_cell_of_the_workbook(project, table):
    names, rows = exact(project, table)
    book = openpyxl.load_workbook(export(project, table, '--xlsx', name=f'{table}.xlsx'))
    sheet = book[table]
    assert [cell.value for cell in sheet[1]] == names
    assert sheet.auto_filter.ref.endswith(str(len(rows) + 1)) and sheet.freeze_panes == 'A2'
    for cells, row in zip(sheet.iter_rows(min_row=2, max_row=len(rows) + 1, max_col=len(names)), rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            check_cell(cell, value)
    assert not any(cell.data_type == 'f' for cells in sheet.iter_rows(max_row=len(rows) + 1) for cell in cells)


@pytest.fixture(autouse=True)
def enough_digits():
    """Python's own sums are exact to 100 digits."""
    with decimal.localcontext() as context:
        context.prec = 100
        yield


def test_totals_are_exact_and_per_currency(project):
    names, rows = exact(project, 'money')
    sums = {}
    for row in rows:
        sums[row[1]] = sums.get(row[1], 0) + (row[2] or 0)
    file = export(project, 'money', '--xlsx', name='totals.xlsx')
    formulas, cached = (openpyxl.load_workbook(file, data_only=flag)['money'] for flag in (False, True))
    found = {}
    for number in range(len(rows) + 3, formulas.max_row + 1):
        currency = formulas.cell(number, 2).value
        live, value = formulas.cell(number, 3), cached.cell(number, 3).value
        if currency == 'GBP':
            assert live.data_type == 's' and live.fill.fgColor.rgb == YELLOW
        elif currency:
            assert live.value == f'=SUMIFS($C$2:$C$401,$B$2:$B$401,"{currency}")'
        found[currency] = Decimal(value) if isinstance(value, str) else Decimal(repr(value))
        assert formulas.cell(number, names.index('ratio') + 1).value is None
    assert found == sums and len(sums) == 4


def test_provenance_names_the_release_and_the_exact_sums(project):
    file = export(project, 'money', '--xlsx', '--where', "currency = 'GBP'", name='provenance.xlsx')
    told = {row[0].value: row[1].value for row in openpyxl.load_workbook(file)['Provenance'].iter_rows()}
    names, rows = exact(project, 'money')
    assert told['Release'] == '1' and told['Table'] == 'money' and told['Rows of the table'] == '400'
    assert told['Filter'] == "currency = 'GBP'" and told['Rows in this file'] == '100'
    assert Decimal(told['Sum of amount, GBP']) == sum(row[2] for row in rows if row[1] == 'GBP')
    assert re.fullmatch('400:[0-9a-f]{16}:[0-9a-f]{16}', told['Row hash of the table'])
    assert told['amount'] == 'Amount \\ in the currency'


@pytest.mark.parametrize('table', ['raw_edge_values', 'money'])
def test_duckdb_reads_the_csv(project, table):
    names, rows = exact(project, table)
    raw = export(project, table, '--csv', '--raw', name=f'{table}.csv')
    with duckdb.connect() as session:
        session.execute("SET TimeZone = 'UTC'")
        types = session.execute(f"SELECT * FROM read_parquet('{project / table}.parquet') LIMIT 0").description
        columns = ', '.join(f"'{column[0]}': '{column[1]}'" for column in types)
        read = session.execute(f"SELECT * FROM read_csv('{raw}', header = true, quote = '\"', escape = '\"', "
                               f"delim = ',', columns = {{{columns}}}, auto_detect = false, strict_mode = false, "
                               f"allow_quoted_nulls = false)").fetchall()
    assert read == rows


def test_csv_defuses_texts_and_only_those(project):
    names, rows = exact(project, 'money')
    file = export(project, 'money', '--csv', name='defused.csv')
    with open(file, encoding='utf-8', newline='') as lines:
        read = list(csv.reader(lines))
    assert read[0] == names and len(read) == len(rows) + 1
    for line, row in zip(read[1:], rows, strict=True):
        assert line[2] == ('' if row[2] is None else f'{row[2]:f}')
        dangerous = row[3].lstrip("'")[0] in '=+-@\t\r\n'
        assert line[3] == ("'" if dangerous else '') + row[3]


def test_arrow_reads_the_parquet_of_the_contract(project):
    exact(project, 'raw_edge_values')
    table = pyarrow.parquet.read_table(project / 'raw_edge_values.parquet')
    assert str(table.schema.field('amount_38').type) == 'decimal128(38, 6)'
    assert str(table.schema.field('moment').type) == 'timestamp[us, tz=UTC]'
    metadata = pyarrow.parquet.read_metadata(project / 'raw_edge_values.parquet').metadata
    assert metadata[b'bullion.release'] == b'1' and metadata[b'bullion.table'] == b'raw_edge_values'
    names = [name for name, _, _ in edge_values.COLUMNS if name not in ('approximate', 'moment')]
    expected = sorted((str([row[name] for name in ['id', *names]]) for row in edge_values.rows()))
    assert sorted(str(list(row.values())) for row in table.select(['id', *names]).to_pylist()) == expected
    again = project / 'again.parquet'
    again.unlink(missing_ok=True)
    bullion('table', 'read', project / 'lake/tables/bronze/raw_edge_values', '--output', 'parquet', '--file', again)
    assert of_arrow(table) == of_arrow(pyarrow.parquet.read_table(again))


# What sqlglot does not know yet and takes for an opaque command; sqlfluff's grammar of the dialect parses it.
SECOND_PARSER = [('bigquery', 'CREATE EXTERNAL TABLE'), ('redshift', 'CREATE EXTERNAL SCHEMA')]


def parsed_by_sqlfluff(dialect, statement):
    config = sqlfluff.core.FluffConfig(overrides={'dialect': dialect})
    parsed = sqlfluff.core.Linter(config=config).parse_string(statement)
    return not parsed.violations and 'unparsable' not in parsed.tree.type_set()


def all_columns_but(project, table, left_out):
    return ','.join(name for name in exact(project, table)[0] if name not in left_out)


# BigQuery keeps names like the bronze `_file_id` for itself, so it cannot point at `money` (ddl_test.cc).
DDL_CASES = [(table, dialect, load) for table in ('edge_values', 'money') for dialect in DIALECTS
             for load in (False, True) if (table, dialect, load) != ('money', 'bigquery', False)]


@pytest.mark.parametrize(('table', 'dialect', 'load'), DDL_CASES)
def test_ddl_is_sql_of_its_dialect(project, table, dialect, load):
    options = ['--load', '--columns', all_columns_but(project, table, ['_file_id'])] if load else []
    sql = bullion('export', table, '--ddl', dialect, *options, cwd=project)
    statements = [part for part in re.split(r';\n', re.sub(r'(?m)^--.*\n', '', sql)) if part.strip()]
    assert len(statements) == len([part for part in sqlglot.parse(sql, read=dialect) if part is not None])
    for statement in statements:
        tree = sqlglot.parse_one(statement, read=dialect)
        if isinstance(tree, sqlglot.exp.Command):
            assert any(dialect == known and statement.strip().startswith(start) for known, start in SECOND_PARSER)
            assert parsed_by_sqlfluff(dialect, statement), statement
    create = next(sqlglot.parse_one(statement, read=dialect) for statement in statements if 'CREATE' in statement)
    if load:
        names = options[2].split(',')
        columns = list(create.find_all(sqlglot.exp.ColumnDef))
        assert [column.name for column in columns] == names
        if table == 'money':
            assert 'DECIMAL(38, 6)' in columns[2].kind.sql('duckdb').upper().replace('BIGDECIMAL', 'DECIMAL')
            not_null = [column.name for column in columns if column.find(sqlglot.exp.NotNullColumnConstraint)]
            assert not_null == ([] if dialect == 'athena' else ['id', '_batch_id'])
