"""A table of edge values: 38 digits, negatives, NULLs, Unicode, dates before the epoch."""

import datetime
import json
import random
from decimal import Decimal
from fractions import Fraction

# (name, type as in edge_project/sources/edge_values.yml, values); NULL is in every column but `id`.
COLUMNS = [
    ('flag', 'boolean', [True, False]),
    ('small', 'smallint', [0, 1, -1, 32767, -32768]),
    ('whole', 'int', [0, 1, -1, 2147483647, -2147483648]),
    ('long', 'bigint', [0, 1, -1, 9223372036854775807, -9223372036854775808]),
    ('approximate', 'double', [0.0, -0.0, 0.1, -1.5, 1e308, 5e-324, 123456789.125]),
    ('amount_18', 'decimal(18,2)', [Decimal(text) for text in (
        '0.00', '0.01', '-0.01', '9999999999999999.99', '-9999999999999999.99', '12.30')]),
    ('amount_19', 'decimal(19,2)', [Decimal(text) for text in (
        '0.00', '0.01', '-0.01', '99999999999999999.99', '-1.28', '1.27', '1.28', '-327.68')]),
    ('amount_38', 'decimal(38,6)', [Decimal(text) for text in (
        '0.000000', '0.000001', '-0.000001', '99999999999999999999999999999999.999999',
        '-99999999999999999999999999999999.999999', '-20449790369152383139736388506.361461',
        '1.000000', '-3.500000', '7.000000')]),
    ('whole_38', 'decimal(38,0)', [Decimal(text) for text in (
        '0', '1', '-1', '99999999999999999999999999999999999999', '-99999999999999999999999999999999999999',
        '170141183460469231731687303715884105', '3')]),
    ('divisor', 'decimal(18,6)', [Decimal(text) for text in (
        '0.000000', '1.000000', '-1.000000', '3.000000', '-7.000000', '2.000000', '999999999999.999999',
        '-0.500000', '0.300000')]),
    ('day', 'date', [datetime.date(*day) for day in (
        (1970, 1, 1), (1969, 12, 31), (2024, 2, 29), (1900, 3, 1), (9999, 12, 31), (2025, 1, 1))]),
    ('moment', 'timestamp', [datetime.datetime(*moment, tzinfo=datetime.timezone.utc) for moment in (
        (1970, 1, 1), (1969, 12, 31, 23, 59, 59, 999999), (2024, 6, 15, 19, 30, 45, 123456),
        (2025, 3, 30, 2, 30, 0, 1))]),
    ('text', 'string', ['', ' ', 'a', 'NULL', 'Ünïcödé', '日本語', '\U0001F4B6 €', 'line\nbreak', 'tab\t"quote"',
                        "O'Neill", 'a\u0301', 'x' * 40]),
    ('other_text', 'string', ['', 'a', 'b', 'ß']),
]


def rows(count=240, seed=20250101):
    """Dictionaries of values: each value at least once, then random mixtures; the last row is all NULL."""
    draw = random.Random(seed)
    choices = {name: [None, *values] for name, _, values in COLUMNS}
    made = []
    for index in range(count - 1):
        row = {'id': f'r{index:04}'}
        for name, values in choices.items():
            row[name] = values[index % len(values)] if index < 16 else draw.choice(values)
        made.append(row)
    made.append({'id': f'r{count - 1:04}', **dict.fromkeys(choices)})
    return made


def json_value(value):
    if isinstance(value, datetime.datetime):
        return value.strftime('%Y-%m-%dT%H:%M:%S.%fZ')
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f'{value:f}'
    return value


def write_json_lines(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        for row in rows():
            file.write(json.dumps({name: json_value(value) for name, value in row.items()},
                                  ensure_ascii=False) + '\n')


# Pairs of columns with their scales, and the scale of the ratio asked for. The quotients fit 38 digits.
RATIOS = [
    ('amount_18', 2, 'divisor', 6, 6),
    ('amount_18', 2, 'divisor', 6, 0),
    ('amount_19', 2, 'divisor', 6, 10),
    ('divisor', 6, 'amount_38', 6, 4),
    ('amount_19', 2, 'amount_38', 6, 8),
    ('divisor', 6, 'whole_38', 0, 18),
    ('whole_38', 0, 'amount_38', 6, 0),
]


def exact_ratio(numerator, denominator, scale):
    """Exact division, rounded half away from zero; None when it has no answer."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    quotient = abs(Fraction(numerator) / Fraction(denominator)) * 10 ** scale
    whole = int(quotient + Fraction(1, 2))
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    digits = Decimal(whole * sign).as_tuple()
    return Decimal(digits._replace(exponent=-scale))


def ratio_fits(row, ratio):
    numerator, _, denominator, _, scale = ratio
    exact = exact_ratio(row[numerator], row[denominator], scale)
    return exact is None or len(exact.as_tuple().digits) <= 38
