"""Bullion's verdicts on FOCUS 1.0, rule by rule, against those of the FinOps Foundation's own validator."""

import csv
import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import FOLDER, HERE, PROGRAM, ROOT

# Where the two differ, and why the other one is wrong: (file, rule) -> reason. Nothing else may differ.
KNOWN_DIFFERENCES = {
    ('digits_only', 'BillingAccountId_IsString'):
        'pandas guesses that a text column of digits is one of integers; in CSV every cell is text',
    ('whole_amounts', 'BilledCost_IsDecimal'):
        'pandas guesses integers where no amount has a fraction; a whole number is a decimal',
}


def small_rows():
    """A conforming file of our own: the columns the rule set asks for, three charges."""
    rules = (ROOT / 'domains/cloud_cost/rules/focus_1_0.yml').read_text()
    required = [line.split('column: ')[1].split(',')[0] for line in rules.splitlines()
                if 'check: column_present' in line]
    rows = []
    for number in range(3):
        row = {column: '' for column in [*required, 'ChargeFrequency', 'AvailabilityZone']}
        row.update({
            'BilledCost': f'{number}.25', 'EffectiveCost': f'{number}.25', 'ListCost': f'{number}.75',
            'ContractedCost': f'{number}.5', 'ListUnitPrice': '0.5', 'ContractedUnitPrice': '0.25',
            'ConsumedQuantity': '1.5', 'PricingQuantity': '1.5', 'BillingAccountId': 'account-1',
            'BillingAccountName': 'One', 'BillingCurrency': 'EUR', 'ChargeCategory': 'Usage',
            'ChargeClass': 'Correction', 'ChargeDescription': 'compute', 'ChargeFrequency': 'Usage-Based',
            'CommitmentDiscountCategory': 'Spend', 'CommitmentDiscountStatus': 'Used', 'InvoiceIssuer': 'Issuer',
            'PricingCategory': 'Standard', 'Provider': 'Provider', 'Publisher': 'Publisher',
            'ServiceCategory': 'Compute', 'ServiceName': 'Machines', 'SkuId': 'S1', 'SkuPriceId': 'S1.P1',
            'Tags': '{"team": "a"}', 'BillingPeriodStart': '2025-01-01T00:00:00Z',
            'BillingPeriodEnd': '2025-02-01T00:00:00Z', 'ChargePeriodStart': f'2025-01-0{number + 1}T00:00:00Z',
            'ChargePeriodEnd': f'2025-01-0{number + 2}T00:00:00Z'})
        for column in row:
            row[column] = row[column] or f'text {number}'
        rows.append(row)
    return rows


def sample_rows():
    folder = Path(os.environ.get('BULLION_SHARED_DATA') or ROOT.parent / 'shared/data')
    if not folder.exists():
        pytest.skip('BULLION_SHARED_DATA names no folder of real files: the FOCUS sample is NOT compared')
    with gzip.open(folder / 'cloud_cost/focus_1_0_sample/focus_sample.csv.gz', 'rt', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def without(rows, column):
    return [{name: cell for name, cell in row.items() if name != column} for row in rows]


def with_cell(rows, column, text, every=False):
    return [{**row, column: text} if every or index == 1 else row for index, row in enumerate(rows)]


def copies_of(rows):
    """The file and its mutations: each breaks one thing."""
    return {
        'as_it_is': rows,
        'column_dropped': without(rows, 'BilledCost'),
        'optional_column_dropped': without(rows, 'Tags'),
        'mandatory_null': with_cell(rows, 'BillingAccountId', ''),
        'mandatory_null_word': with_cell(rows, 'ServiceName', 'NULL'),
        'bad_currency': with_cell(rows, 'BillingCurrency', 'EURO'),
        'lower_currency': with_cell(rows, 'BillingCurrency', 'usd'),
        'bad_category': with_cell(rows, 'ServiceCategory', 'Computing'),
        'bad_class': with_cell(rows, 'ChargeClass', 'Repair'),
        'bad_status': with_cell(rows, 'CommitmentDiscountStatus', 'Active'),
        'not_utc': with_cell(rows, 'ChargePeriodStart', '2025-01-01T00:00:00+02:00'),
        'no_zone': with_cell(rows, 'BillingPeriodEnd', '2025-02-01T00:00:00'),
        'no_such_day': with_cell(rows, 'ChargePeriodEnd', '2025-02-30T00:00:00Z'),
        'not_a_number': with_cell(rows, 'ListCost', '12 EUR'),
        'thousands': with_cell(rows, 'EffectiveCost', '1,200.50'),
        'scientific': with_cell(rows, 'ListCost', '9.6E-6'),
        'tags_list': with_cell(rows, 'Tags', '["a"]'),
        'tags_broken': with_cell(rows, 'Tags', '{"a": '),
        'digits_only': with_cell(rows, 'BillingAccountId', '4711', every=True),
        'whole_amounts': with_cell(rows, 'BilledCost', '7', every=True),
    }


def write(rows, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def verdicts_of_bullion(path):
    done = subprocess.run([PROGRAM, 'validate', 'focus', str(path), '--version', '1.0', '--output', 'json'],
                          capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {rule['id']: rule['verdict'] for rule in json.loads(done.stdout)['rules']
            if not rule['id'].startswith('x-')}


def verdicts_of_validator(paths):
    done = subprocess.run([os.environ['BULLION_FOCUS_PYTHON'], HERE / 'focus_verdicts.py', *map(str, paths)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize('make', [small_rows, sample_rows])
def test_every_verdict_agrees(make):
    copies = copies_of(make())
    paths = {name: write(rows, FOLDER / 'focus' / make.__name__ / f'{name}.csv') for name, rows in copies.items()}
    theirs = dict(zip(paths, verdicts_of_validator(paths.values()), strict=True))
    different = {}
    for name, path in paths.items():
        ours = verdicts_of_bullion(path)
        assert ours.keys() == theirs[name].keys(), name
        for rule, verdict in ours.items():
            if verdict != theirs[name][rule]:
                different[name, rule] = (verdict, theirs[name][rule])
    unexplained = {key: pair for key, pair in different.items() if key not in KNOWN_DIFFERENCES}
    assert not unexplained
    assert different.keys() == KNOWN_DIFFERENCES.keys(), 'a known difference is gone: take it off the list'
