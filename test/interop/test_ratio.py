"""`ratio` has one answer: exact rational arithmetic, Spark SQL and `bullion query` give it."""

import csv
import io
from decimal import Decimal

import pytest

import edge_values
import spark_sql
from conftest import bullion

RATIOS = pytest.mark.parametrize('ratio', edge_values.RATIOS, ids=lambda ratio: '-'.join(map(str, ratio)))


def asked_and_expected(ratio):
    rows = [row for row in edge_values.rows() if edge_values.ratio_fits(row, ratio)]
    numerator, _, denominator, _, scale = ratio
    return rows, {row['id']: edge_values.exact_ratio(row[numerator], row[denominator], scale) for row in rows}


@RATIOS
def test_spark_divides_exactly(spark, ratio):
    rows, expected = asked_and_expected(ratio)
    numerator, numerator_scale, denominator, denominator_scale, scale = ratio
    assert len({value for value in expected.values() if value}) > 10
    schema = (f'id STRING, n DECIMAL(38,{numerator_scale}), d DECIMAL(38,{denominator_scale})')
    spark.createDataFrame([(row['id'], row[numerator], row[denominator]) for row in rows],
                          schema).createOrReplaceTempView('divided')
    for function in spark_sql.RATIO_FUNCTIONS:
        spark.sql(function)
    quotient = spark_sql.ratio('n', numerator_scale, 'd', denominator_scale, scale)
    answered = {row['id']: row['q'] for row in spark.sql(f'SELECT id, {quotient} AS q FROM divided').collect()}
    assert answered == expected


@RATIOS
def test_bullion_divides_exactly(edge_lake, ratio):
    rows, expected = asked_and_expected(ratio)
    numerator, _, denominator, _, scale = ratio
    # Rows whose quotient has more than 38 digits are errors by contract; they are left out by name.
    left_out = {row['id'] for row in edge_values.rows()} - {row['id'] for row in rows}
    names = ', '.join(f"'{name}'" for name in sorted(left_out)) or "''"
    text = bullion('query', f'SELECT id, CAST(ratio_{scale}({numerator}, {denominator}) AS VARCHAR) AS q '
                   f'FROM edge_values WHERE id NOT IN ({names})', '--output', 'csv', cwd=edge_lake.project)
    answered = {row['id']: Decimal(row['q']) if row['q'] else None for row in csv.DictReader(io.StringIO(text))}
    assert answered == expected
