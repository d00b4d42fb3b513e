"""Rows of every reader in one form, so that they can be compared as multisets."""

import datetime
import struct
from decimal import Decimal

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def plain(value):
    """One value as text that tells its kind; equal text means equal value."""
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return f'bool {value}'
    if isinstance(value, int):
        return f'int {value}'
    if isinstance(value, float):
        # Bits, so that -0.0 and NaN count; one NaN stands for all.
        return 'float nan' if value != value else 'float ' + struct.pack('>d', value).hex()
    if isinstance(value, Decimal):
        return f'decimal {value:f}'
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return f'timestamp {(aware - EPOCH) // datetime.timedelta(microseconds=1)}'
    if isinstance(value, datetime.date):
        return f'date {value.isoformat()}'
    if isinstance(value, (bytes, bytearray)):
        return 'bytes ' + bytes(value).hex()
    if isinstance(value, str):
        return 'text ' + value
    if isinstance(value, dict):
        return 'map ' + str(sorted((plain(key), plain(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return 'list ' + str([plain(item) for item in value])
    raise TypeError(f'no plain form of {type(value)}')


def multiset(columns, rows):
    """Sorted rows; each row has its columns by name, so that column order does not matter."""
    order = sorted(range(len(columns)), key=lambda index: columns[index])
    return sorted(tuple(f'{columns[index]}={plain(row[index])}' for index in order) for row in rows)


def of_arrow(table):
    columns = [table.column(index).to_pylist() for index in range(table.num_columns)]
    return multiset(table.column_names, list(zip(*columns)) if columns else [])
