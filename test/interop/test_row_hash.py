"""Spark, an independent reference and Bullion agree on the row hash."""

import datetime
from decimal import Decimal

import pytest

import edge_values
import row_hash_reference
import spark_sql
from delta_log import Snapshot

SPARK_TYPES = {'string': 'STRING', 'boolean': 'BOOLEAN', 'smallint': 'SMALLINT', 'int': 'INT',
               'bigint': 'BIGINT', 'double': 'DOUBLE', 'date': 'DATE', 'timestamp': 'TIMESTAMP'}


def spark_sums(spark, columns, relation):
    return spark_sql.sums_of(spark.sql(spark_sql.hash_sums(columns, relation)).collect()[0])


def test_spark_agrees_with_the_reference_on_edge_values(spark):
    names = ['id'] + [name for name, _, _ in edge_values.COLUMNS]
    types = ['string'] + [data_type for _, data_type, _ in edge_values.COLUMNS]
    values = [tuple(row[name] for name in names) for row in edge_values.rows()]
    schema = ', '.join(f'{name} {SPARK_TYPES.get(data_type, data_type)}'
                       for name, data_type in zip(names, types))
    spark.createDataFrame(values, schema).createOrReplaceTempView('edge')
    assert spark_sums(spark, names, 'edge') == row_hash_reference.row_hash_sum(values, types)


@pytest.mark.parametrize('columns', [1, 31, 32, 33, 65])
def test_null_masks_agree_for_many_columns(spark, columns):
    names = [f'c{index}' for index in range(columns)]
    values = [tuple(None if (row >> (index % 5)) & 1 else index * row for index in range(columns))
              for row in range(32)]
    spark.createDataFrame(values, ', '.join(f'{name} BIGINT' for name in names)).createOrReplaceTempView('wide')
    assert spark_sums(spark, names, 'wide') == row_hash_reference.row_hash_sum(values, ['bigint'] * columns)


def test_the_hash_tells_apart_what_looks_alike():
    def of(values, types):
        return row_hash_reference.row_hash(values, types)
    assert of((None, 'a'), ('string', 'string')) != of(('a', None), ('string', 'string'))
    assert of(('',), ('string',)) != of((None,), ('string',))
    assert of((Decimal('1.0'),), ('decimal(38,1)',)) != of((Decimal('1.0'),), ('decimal(38,2)',))
    assert of((datetime.date(1970, 1, 2),), ('date',)) == of((1,), ('int',))


def tags_against_spark(lake, spark):
    """Compares the tags in the log with Spark's sums over the rows it reads, for each table and version."""
    checked, faults = 0, []
    for table, version in lake.names_and_versions():
        try:
            tagged, summed = Snapshot(table, version).row_hash(), lake.read_by_spark(spark, table, version)[1]
        except AssertionError as error:
            faults.append(f'{table.name}@{version}: {error}')
            continue
        if tagged != summed:
            faults.append(f'{table.name}@{version}: tags {tagged}, Spark {summed}')
        checked += tagged[0] > 0
    assert not faults, '\n'.join(faults)
    assert checked > 0


def test_spark_computes_the_tags_of_the_demo(demo_lake, spark):
    tags_against_spark(demo_lake, spark)


def test_spark_computes_the_tags_of_edge_values(edge_lake, spark):
    tags_against_spark(edge_lake, spark)


def test_the_tags_of_edge_values_are_those_of_the_reference(edge_lake):
    names = ['id'] + [name for name, _, _ in edge_values.COLUMNS]
    types = ['string'] + [data_type for _, data_type, _ in edge_values.COLUMNS]
    expected = row_hash_reference.row_hash_sum(
        [tuple(row[name] for name in names) for row in edge_values.rows()], types)
    tables = [table for table in edge_lake.tables if table.name == 'edge_values']
    assert tables, 'the project published no table edge_values'
    version = max(number for table, number in edge_lake.names_and_versions() if table == tables[0])
    assert Snapshot(tables[0], version).row_hash() == expected
