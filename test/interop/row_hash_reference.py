"""The row hash of docs/formats, computed a third time: python-xxhash over the typed bytes."""

import datetime
import struct
from decimal import Decimal

import xxhash

from spark_sql import SALT_LITERAL

EPOCH_DAY = datetime.date(1970, 1, 1)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SEED = 42


def chained(data, running):
    return xxhash.xxh64_intdigest(data, seed=running)


SALT = chained(struct.pack('<q', SALT_LITERAL), SEED)


def minimal_two_complement(number):
    length = 1
    while not -(1 << (8 * length - 1)) <= number < (1 << (8 * length - 1)):
        length += 1
    return number.to_bytes(length, 'big', signed=True)


def typed_bytes(value, data_type):
    """What one value that is not NULL adds to the hash."""
    if data_type in ('boolean', 'smallint', 'int'):
        return struct.pack('<i', int(value))
    if data_type == 'bigint':
        return struct.pack('<q', value)
    if data_type == 'double':
        return struct.pack('<d', value if value != 0 else 0.0)
    if data_type == 'date':
        return struct.pack('<i', (value - EPOCH_DAY).days)
    if data_type == 'timestamp':
        return struct.pack('<q', (value - EPOCH) // datetime.timedelta(microseconds=1))
    if data_type == 'string':
        return value.encode()
    precision, scale = map(int, data_type.removeprefix('decimal(').rstrip(')').split(','))
    sign, digits, exponent = Decimal(value).as_tuple()
    # By hand, because arithmetic on Decimal rounds to the context's 28 digits.
    units = int(''.join(map(str, digits))) * 10 ** (exponent + scale) * (-1 if sign else 1)
    return struct.pack('<q', units) if precision <= 18 else minimal_two_complement(units)


def row_hash(values, types, seed=SEED):
    running, mask, masks = seed, 0, []
    for index, (value, data_type) in enumerate(zip(values, types)):
        if index and index % 32 == 0:
            masks.append(mask)
            mask = 0
        if value is None:
            mask |= 1 << (index % 32)
        else:
            running = chained(typed_bytes(value, data_type), running)
    for word in masks + [mask]:
        running = chained(struct.pack('<I', word), running)
    return running


def row_hash_sum(rows, types):
    """(rows, sum a, sum b) modulo 2^64."""
    rows = list(rows)
    return (len(rows), sum(row_hash(row, types) for row in rows) % (1 << 64),
            sum(row_hash(row, types, SALT) for row in rows) % (1 << 64))
