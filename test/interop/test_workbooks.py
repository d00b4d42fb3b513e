"""Workbooks that another program wrote, read by Bullion."""

import csv
import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from conftest import bullion

PROJECT = 'name: books\ncurrency: USD\ntarget: dev\ntargets:\n  dev: {lake: ./lake}\n'
SOURCE = """version: 2
sources:
  - name: book
    config: {files: "in/*.xlsx", format: xlsx, header_within: 5, amount: cost, null_words: ["", "#N/A"]}
    columns:
      - {name: id, data_type: string, constraints: [{type: not_null}]}
      - {name: day, data_type: date}
      - {name: moment, data_type: timestamp}
      - {name: cost, data_type: "decimal(18,4)"}
      - {name: count, data_type: bigint}
      - {name: is_open, data_type: boolean}
"""
HEADER = ['id', 'day', 'moment', 'cost', 'count', 'is_open']


def load(tmp_path, workbook):
    """The rows of the source once the workbook is loaded, by id, and what the run said."""
    (tmp_path / 'sources').mkdir()
    (tmp_path / 'models').mkdir()
    (tmp_path / 'in').mkdir()
    (tmp_path / 'bullion.yml').write_text(PROJECT)
    (tmp_path / 'sources/book.yml').write_text(SOURCE)
    workbook.save(tmp_path / 'in/book.xlsx')
    said = bullion('run', cwd=tmp_path)
    text = bullion('query', 'SELECT id, day, moment, cost, count, is_open FROM book', '--output', 'csv', cwd=tmp_path)
    return {row['id']: row for row in csv.DictReader(io.StringIO(text))}, said


@pytest.mark.parametrize('epoch', [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
def test_values_come_back_as_they_were_written(tmp_path, epoch):
    workbook = openpyxl.Workbook()
    workbook.epoch = epoch
    sheet = workbook.active
    sheet.append(['Report'])
    sheet.append([])
    sheet.append(HEADER)
    amounts = [0.1 + 0.2, 1234.56, -99999999.99, 1e-4, 123456789012.1234]
    for number, amount in enumerate(amounts):
        sheet.append([f'row {number}', datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 23, 59, 59), amount,
                      2 ** 53 - number, number % 2 == 0])
    sheet.append(['Zürich €', datetime.date(1999, 12, 31), None, '#N/A', 0, None])
    rows, said = load(tmp_path, workbook)
    assert '6 rows kept, 0 quarantined' in said
    for number, amount in enumerate(amounts):
        row = rows[f'row {number}']
        assert row['day'] == '2024-02-29'
        assert row['moment'].startswith(('2024-02-29 23:59:59', '2024-02-29T23:59:59'))
        assert Decimal(row['cost']) == Decimal(f'{amount:.15g}')
        assert row['count'] == str(2 ** 53 - number)
        assert row['is_open'] == ('true' if number % 2 == 0 else 'false')
    assert rows['Zürich €']['day'] == '1999-12-31'
    assert rows['Zürich €']['cost'] == ''


def test_a_formula_that_was_never_computed_is_no_amount(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active.append(HEADER)
    workbook.active.append(['a', None, None, 1.5, None, None])
    workbook.active.append(['b', None, None, '=D2*2', None, None])
    rows, said = load(tmp_path, workbook)
    assert list(rows) == ['a']
    assert 'cell D3 holds a formula without a stored value' in said


def test_a_hidden_sheet_is_not_taken_for_the_data(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active.append(['hidden'])
    workbook.active.sheet_state = 'hidden'
    workbook.create_sheet('Empty')
    workbook.create_chartsheet('Chart')
    data = workbook.create_sheet('Data')
    data.append(HEADER)
    data.append(['a', None, None, 1, None, None])
    rows, _ = load(tmp_path, workbook)
    assert list(rows) == ['a']
