"""Every table of the demo, at each version, has the same rows for every reader."""

import re

import chdb
import deltalake
import pyarrow

from rows import of_arrow


def difference(ours, theirs):
    """A short account of two unequal multisets of rows."""
    only_ours = [row for row in ours if row not in theirs][:3]
    only_theirs = [row for row in theirs if row not in ours][:3]
    return f'{len(ours)} rows against {len(theirs)}; only ours: {only_ours}; only theirs: {only_theirs}'


def compare_all(lake, read):
    """Compares each table at each version with what `read(table, version)` gives; lists all that differ."""
    checked, faults = 0, []
    for table, version in lake.names_and_versions():
        ours = of_arrow(lake.read(table, version))
        try:
            theirs = read(table, version)
        except Exception as error:  # Every table is tried, so that one report names all.
            faults.append(f'{table.name}@{version}: {type(error).__name__}: {str(error)[:500]}')
            continue
        if ours != theirs:
            faults.append(f'{table.name}@{version}: {difference(ours, theirs)}')
        checked += 1
    assert not faults, '\n'.join(faults)
    assert checked >= len(lake.tables)


def read_with_deltalake(table, version):
    frame = deltalake.DeltaTable(str(table), version=version)
    return of_arrow(pyarrow.table(deltalake.QueryBuilder().register('t', frame)
                                  .execute('SELECT * FROM t').read_all()))


def read_with_chdb(table, version):
    # Without the first setting a count may come from file metadata that deletes are not seen in.
    settings = f'optimize_trivial_count_query = 0, delta_lake_snapshot_version = {version}'
    path = re.sub(r"(['\\])", r'\\\1', str(table))
    counted = chdb.query(f"SELECT count() FROM deltaLakeLocal('{path}') SETTINGS {settings}", 'CSV').bytes()
    arrow = chdb.query(f"SELECT * FROM deltaLakeLocal('{path}') SETTINGS {settings}", 'Arrow').bytes()
    frame = pyarrow.ipc.open_file(pyarrow.BufferReader(arrow)).read_all() if arrow else None
    assert frame is not None and int(counted) == frame.num_rows, f'chdb counts {counted} rows'
    return of_arrow(frame)


def test_deltalake_reads_the_demo(demo_lake):
    compare_all(demo_lake, read_with_deltalake)


def test_chdb_reads_the_demo(demo_lake):
    compare_all(demo_lake, read_with_chdb)


def test_spark_reads_the_demo(demo_lake, spark):
    compare_all(demo_lake, lambda table, version: demo_lake.read_by_spark(spark, table, version)[0])


def test_deltalake_reads_edge_values(edge_lake):
    compare_all(edge_lake, read_with_deltalake)


def test_spark_reads_edge_values(edge_lake, spark):
    compare_all(edge_lake, lambda table, version: edge_lake.read_by_spark(spark, table, version)[0])
