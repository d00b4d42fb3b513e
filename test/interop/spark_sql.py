"""The row hash and `ratio` as Spark SQL: what a Spark engine will have to say."""

# base/row_hash.h: this literal before the columns gives the second hash, because Spark's seed is fixed.
SALT_LITERAL = 0x42756C6C696F6E31  # "Bullion1"


def quoted(name):
    return '`' + name.replace('`', '``') + '`'


def mask_words(columns):
    """One INT per 32 columns: bit i is set where column i is NULL."""
    words = []
    for begin in range(0, len(columns), 32):
        bits = [f'IF({quoted(name)} IS NULL, {1 << bit}L, 0L)'
                for bit, name in enumerate(columns[begin:begin + 32])]
        # Bit 31 makes the INT negative; the conversion is spelled out, because ANSI casts refuse it.
        word = ' + '.join(bits)
        words.append(f'CAST(IF(({word}) >= 2147483648L, ({word}) - 4294967296L, {word}) AS INT)')
    return words


def row_hash(columns, salted=False):
    """The hash of one row as a signed BIGINT."""
    arguments = ([f'{SALT_LITERAL}L'] if salted else []) + [quoted(name) for name in columns]
    return f'xxhash64({", ".join(arguments + mask_words(columns))})'


def hash_sums(columns, relation):
    """SELECT of the row count and of the two halves of both sums; see sums_of()."""
    halves = []
    for name, salted in (('a', False), ('b', True)):
        hashed = row_hash(columns, salted)
        # A plain sum would overflow; the halves cannot.
        halves.append(f'coalesce(sum({hashed} >> 32), 0) AS {name}_high')
        halves.append(f'coalesce(sum({hashed} & 4294967295L), 0) AS {name}_low')
    return f'SELECT count(*) AS rows, {", ".join(halves)} FROM {relation}'


def sums_of(row):
    """(rows, sum a, sum b) modulo 2^64 from the one row of hash_sums()."""
    modulus = 1 << 64
    return (row['rows'], ((row['a_high'] << 32) + row['a_low']) % modulus,
            ((row['b_high'] << 32) + row['b_low']) % modulus)


# ratio(n, d, scale) divides exactly and rounds half away from zero. Spark's `/` keeps too few digits, so
# this divides by hand on whole units: a remainder r below d takes the digits of n one by one, as
# 10 r + digit = 2 (2 (2 r) + r) + digit. Each addition is modulo d, so nothing exceeds 38 digits:
#   D: r := 2 r    S: r := r + saved    a digit: r := r + digit, and the digit of the quotient is done.
# `shift` = scale + scale of d - scale of n: zeros to append, or (negative) digits to cut off.
_DIGIT_MODULO = 'CAST(op AS DECIMAL(38,0)) % d'
_ADDEND = f"CASE op WHEN 'D' THEN acc.r WHEN 'S' THEN acc.saved ELSE {_DIGIT_MODULO} END"
_CARRY = f'acc.r >= d - ({_ADDEND})'
_SUM = f'CAST(IF({_CARRY}, acc.r - (d - ({_ADDEND})), acc.r + ({_ADDEND})) AS DECIMAL(38,0))'
_DIGIT = (f"(IF(op = 'D', 2, 1) * acc.digit + IF({_CARRY}, 1, 0) + IF(op IN ('D', 'S'), 0, "
          f"CAST((CAST(op AS DECIMAL(38,0)) - {_DIGIT_MODULO}) / d AS INT)))")
_STEP = (f"named_struct('q', IF(op IN ('D', 'S'), acc.q, concat(acc.q, CAST({_DIGIT} AS STRING))), "
         f"'digit', IF(op IN ('D', 'S'), {_DIGIT}, 0), 'r', {_SUM}, "
         f"'saved', IF(op IN ('D', 'S'), acc.saved, {_SUM}))")
_OPERATIONS = ("flatten(transform(filter(split(concat(n, repeat('0', greatest(shift, 0))), ''), "
               "g -> g != ''), g -> array('D', 'D', 'S', 'D', g)))")
_START = ("named_struct('q', '', 'digit', 0, 'r', CAST(0 AS DECIMAL(38,0)), "
          "'saved', CAST(0 AS DECIMAL(38,0)))")
# The quotient's digits are cut before rounding; a cut digit of 5 or more, or half a remainder, rounds away.
_CUT = 'greatest(-shift, 0)'
_WHOLE = f'substr(acc.q, 1, greatest(length(acc.q) - {_CUT}, 0))'
_AWAY = (f"IF({_CUT} = 0, IF(acc.r >= d - acc.r, 1, 0), "
         f"IF(length(acc.q) >= {_CUT} AND substr(acc.q, length(acc.q) - {_CUT} + 1, 1) >= '5', 1, 0))")
_FINISH = (f"CAST(IF({_WHOLE} = '', CAST(0 AS DECIMAL(38,0)), CAST({_WHOLE} AS DECIMAL(38,0))) + {_AWAY} "
           "AS DECIMAL(38,0))")

# Spark's abs() and unary minus round decimals to 34 digits, so signs are taken off and put back in text.
RATIO_FUNCTIONS = [
    'CREATE OR REPLACE TEMPORARY FUNCTION bullion_ratio_magnitude(n STRING, d DECIMAL(38,0), shift INT) '
    f'RETURNS DECIMAL(38,0) RETURN aggregate({_OPERATIONS}, {_START}, (acc, op) -> {_STEP}, '
    f'acc -> {_FINISH})',
    'CREATE OR REPLACE TEMPORARY FUNCTION bullion_ratio_units(n DECIMAL(38,0), d DECIMAL(38,0), shift INT) '
    "RETURNS DECIMAL(38,0) RETURN IF(n IS NULL OR d IS NULL OR d = 0, NULL, CAST(concat("
    "IF((n < 0) != (d < 0), '-', ''), CAST(bullion_ratio_magnitude("
    "replace(CAST(n AS STRING), '-', ''), CAST(replace(CAST(d AS STRING), '-', '') AS DECIMAL(38,0)), shift) "
    'AS STRING)) AS DECIMAL(38,0)))',
]


def units(expression):
    """A decimal without its point."""
    return f"CAST(replace(CAST({expression} AS STRING), '.', '') AS DECIMAL(38,0))"


def ratio(numerator, numerator_scale, denominator, denominator_scale, scale):
    """ratio(n, d, scale) on Spark; needs RATIO_FUNCTIONS."""
    shift = scale + denominator_scale - numerator_scale
    quotient = f'bullion_ratio_units({units(numerator)}, {units(denominator)}, {shift})'
    return f"CAST(concat(CAST({quotient} AS STRING), 'E-{scale}') AS DECIMAL(38,{scale}))"
