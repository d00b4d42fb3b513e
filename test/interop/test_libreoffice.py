"""The budget workbook opened, reckoned and saved by LibreOffice, and read back by Bullion."""

import csv
import io
import shutil
import subprocess
from decimal import Decimal

import openpyxl
import pytest

from conftest import bullion

CSV_OF_THE_FIRST_SHEET = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1'
XLSX = 'xlsx:Calc MS Excel 2007 XML'
LINES = [('D100', '6100', Decimal('1234.56')), ('D200', '', Decimal('0.10')), ('D300', '6300', Decimal('99999999.99'))]
CHANGED = Decimal('2000.01')


def saved_by_libreoffice(folder, workbook, form):
    """The file that LibreOffice saves after it has opened the workbook and reckoned its formulas."""
    program = shutil.which('soffice')
    assert program is not None, 'soffice is missing: tools/setup.sh interop installs LibreOffice Calc'
    out = folder / form.split(':')[0]
    subprocess.run([program, '--headless', f'-env:UserInstallation={(folder / "profile").as_uri()}', '--convert-to', form,
                    '--outdir', str(out), str(workbook)], check=True, capture_output=True, timeout=300)
    (file,) = out.iterdir()
    return file


def ledger(folder):
    """A project with a budget, and its template with one amount that a person changed."""
    bullion('init', 'spend', folder, '-q')
    incoming = folder / 'incoming'
    incoming.mkdir(exist_ok=True)
    rows = ['budget_line_id,budget_version,fiscal_month,department,account,campaign_id,amount,currency']
    for department, account, amount in LINES:
        rows += [f'{department}{month},adopted,2024-{month:02}-01,{department},{account},,{amount},EUR' for month in range(1, 13)]
    (incoming / 'budgets.csv').write_text('\n'.join(rows) + '\n')
    bullion('run', '-q', cwd=folder)
    template = folder / 'budget_template.xlsx'
    bullion('budget', 'template', '--xlsx', '--file', template, cwd=folder)
    workbook = openpyxl.load_workbook(template)
    cell = next(cell for row in workbook.active.iter_rows() for cell in row if cell.value == 1234.56)
    cell.value = float(CHANGED)
    workbook.save(template)  # without the values of its formulas
    return template


def amount_of(cell):
    return Decimal(repr(cell)) if cell is not None else None


@pytest.fixture(scope='module')
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp('libreoffice')
    template = ledger(folder / 'ledger')
    return folder, saved_by_libreoffice(folder, template, XLSX), saved_by_libreoffice(folder, template, CSV_OF_THE_FIRST_SHEET)


def test_live_totals_are_the_sums(opened):
    _, workbook, _ = opened
    sheet = openpyxl.load_workbook(workbook, data_only=True).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(index for index, row in enumerate(rows) if row[0] == 'budget_version')
    lines = {row[2]: row for row in rows[head + 1:] if row[0] == 'proposed'}
    for department, _, amount in LINES:
        expected = amount * 12 + (CHANGED - amount if department == 'D100' else 0)
        assert amount_of(lines[department][-1]) == expected, department
    total = next(row for row in rows if row[0] == 'Total EUR')
    assert amount_of(total[-1]) == sum(amount * 12 for _, _, amount in LINES) + CHANGED - LINES[0][2]
    for column in range(7, len(total) - 1):
        assert amount_of(total[column]) == sum(amount_of(row[column]) for row in lines.values())


@pytest.mark.parametrize('form', ['xlsx', 'csv'])
def test_the_saved_file_is_the_budget_that_was_planned(opened, form):
    folder, workbook, text = opened
    project = folder / f'again-{form}'
    shutil.copytree(folder / 'ledger', project)
    shutil.copy(workbook if form == 'xlsx' else text, project / f'incoming/budget_template_2025.{form}')
    bullion('run', '-q', cwd=project)
    answer = bullion('query', "SELECT department, account, fiscal_month, amount FROM fact_budget WHERE budget_version = 'proposed' "
                     'ORDER BY department, fiscal_month', '--output', 'csv', cwd=project)
    found = [tuple(row.values()) for row in csv.DictReader(io.StringIO(answer))]
    expected = [(department, account, f'2025-{month:02}-01', str(CHANGED if (department, month) == ('D100', 1) else amount))
                for department, account, amount in LINES for month in range(1, 13)]
    assert found == expected
