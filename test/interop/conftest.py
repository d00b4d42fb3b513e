"""What the tests share: the program, the lakes it wrote, one Spark session, one expected set of rows."""

import os
import shutil
import subprocess
from pathlib import Path

import pyarrow.parquet
import pytest

import edge_values
import spark_sql
from delta_log import Snapshot, tables_of, versions_of
from rows import multiset

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = Path(os.environ.get('BULLION_INTEROP_FOLDER', ROOT / 'build/interop'))
PROGRAM = os.environ.get('BULLION_PROGRAM', str(ROOT / 'build/release/bullion'))


def bullion(*arguments, cwd=None):
    """Runs the program; its standard output."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (f'bullion {" ".join(map(str, arguments))} left with {done.returncode}:\n'
                                  f'{done.stdout}\n{done.stderr}')
    return done.stdout


class Lake:
    """A lake Bullion wrote, read back through `bullion table read`."""

    def __init__(self, project):
        self.project = project
        self.folder = project / 'lake'
        self.tables = tables_of(self.folder)
        assert self.tables, f'no Delta table under {self.folder}'
        self._read = {}
        self._read_by_spark = {}

    def names_and_versions(self):
        return [(table, version) for table in self.tables for version in versions_of(table)]

    def read(self, table, version):
        """The rows of a table at a version, as Bullion reads them."""
        if (table, version) not in self._read:
            file = FOLDER / 'expected' / f'{table.parent.name}-{table.name}-{version}.parquet'
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            bullion('table', 'read', f'{table}@{version}', '--output', 'parquet', '--file', file)
            self._read[table, version] = pyarrow.parquet.read_table(file)
        return self._read[table, version]

    def read_by_spark(self, spark, table, version):
        """What one Spark query gives: the rows, and (rows, sum a, sum b) of their hashes."""
        if (table, version) not in self._read_by_spark:
            frame = spark.read.format('delta').option('versionAsOf', version).load(str(table))
            hashed = Snapshot(table, version).hashed_columns()
            wide = frame.selectExpr('*', f'{spark_sql.row_hash(hashed)} AS hash_a',
                                    f'{spark_sql.row_hash(hashed, salted=True)} AS hash_b').collect()
            sums = (len(wide), sum(row['hash_a'] for row in wide) % (1 << 64),
                    sum(row['hash_b'] for row in wide) % (1 << 64))
            rows = multiset(frame.columns, [tuple(row)[:len(frame.columns)] for row in wide])
            self._read_by_spark[table, version] = rows, sums
        return self._read_by_spark[table, version]


@pytest.fixture(scope='session')
def demo_lake():
    """The lake of the demo: two batches, two releases."""
    project = FOLDER / 'demo'
    subprocess.run([ROOT / 'tools/demo.sh', PROGRAM, project], check=True, stdout=subprocess.DEVNULL)
    return Lake(project)


@pytest.fixture(scope='session')
def edge_lake():
    """A lake with one table of edge values, made by the project in edge_project/."""
    project = FOLDER / 'edge'
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(HERE / 'edge_project', project)
    edge_values.write_json_lines(project / 'incoming/edge_values.jsonl')
    bullion('run', cwd=project)
    return Lake(project)


@pytest.fixture(scope='session')
def spark():
    from pyspark.sql import SparkSession
    jars = ','.join(str(jar) for jar in Path(os.environ['BULLION_INTEROP_JARS']).glob('*.jar'))
    settings = {
        'spark.jars': jars,
        'spark.driver.memory': '1g',
        'spark.ui.enabled': 'false',
        'spark.ui.showConsoleProgress': 'false',
        'spark.sql.session.timeZone': 'UTC',
        'spark.sql.shuffle.partitions': '2',
        'spark.databricks.delta.snapshotPartitions': '1',
        'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
        'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
        'spark.sql.warehouse.dir': str(FOLDER / 'spark'),
        'spark.log.level': 'ERROR',
    }
    builder = SparkSession.builder.master('local[2]')
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
