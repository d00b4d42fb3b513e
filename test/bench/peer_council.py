"""The council spending files by a DuckDB script: copied, read with the right dialects, typed, one Parquet file a publisher.

usage: peer_council.py DATA_FOLDER OUTPUT_FOLDER THREADS
The dialects, names and formats are those that test/end_to_end/council_sources declare; nothing is rejected with a reason,
no line is kept, no total is checked, nothing is hashed.
"""
import gzip
import pathlib
import shutil
import sys

import duckdb
import yaml

SOURCES = pathlib.Path(__file__).parent.parent / 'end_to_end' / 'council_sources'


def as_utf8(files, config):
    """DuckDB reads no Windows-1252, so those files (of the one source that has them) are written anew."""
    if 'windows-1252' not in config.get('encoding', []):
        return [file for file in files if file.stat().st_size > 30]
    ready = []
    for file in files:
        with gzip.open(file, 'rb') as stream:
            data = stream.read()
        if not data:
            continue
        try:
            data.decode('utf-8')
            ready.append(file)
        except UnicodeDecodeError:
            plain = file.with_suffix('')
            plain.write_text(data.decode('windows-1252', errors='replace'), encoding='utf-8')
            ready.append(plain)
    return ready


def typed(column, config, present):
    names = [name for name in [column['name'], *column.get('source_names', [])] if name.strip().lower() in present]
    if not names:
        return f'NULL AS "{column["name"]}"'
    cell = 'coalesce(' + ', '.join('"' + present[name.strip().lower()] + '"' for name in names) + ')'
    kind = column['data_type']
    if kind.startswith('decimal'):
        marks = column.get('thousands_mark', config.get('thousands_mark', ''))
        text = f"trim({cell})"
        if marks:
            text = f"replace({text}, '{marks}', '')"
        text = f"CASE WHEN {text} LIKE '(%)' THEN '-' || {text}[2:-2] ELSE {text} END"
        return f'TRY_CAST({text} AS {kind}) AS "{column["name"]}"'
    if kind == 'date':
        formats = column.get('date_formats', config.get('date_formats', ['%Y-%m-%d']))
        formats = [formats] if isinstance(formats, str) else formats
        return f'TRY_CAST(try_strptime(trim({cell}), {formats!r}) AS DATE) AS "{column["name"]}"'
    return f'{cell} AS "{column["name"]}"'


def load(connection, source, folder, output):
    config = source['config']
    files = sorted((folder / pathlib.Path(config['files']).parent.name).glob('*.csv.gz'))
    landing = output / 'landing' / source['name']
    landing.mkdir(parents=True)
    for file in files:
        shutil.copyfile(file, landing / file.name)
    ready = as_utf8(sorted(landing.glob('*.csv.gz')), config)
    options = ("header=true, all_varchar=true, union_by_name=true, null_padding=true, ignore_errors=true, "
               f"strict_mode=false, filename=true, delim='{config.get('delimiter', ',')}', quote='\"'")
    relation = f"read_csv({[str(file) for file in ready]!r}, {options})"
    described = connection.execute(f'DESCRIBE SELECT * FROM {relation}').fetchall()
    present = {row[0].strip().lower(): row[0].replace('"', '""') for row in reversed(described)}
    columns = ', '.join(typed(column, config, present) for column in source['columns'])
    target = output / f"{source['name']}.parquet"
    connection.execute(f"COPY (SELECT {columns}, filename FROM {relation}) TO '{target}' (FORMAT parquet)")
    return connection.execute(f"SELECT count(*) FROM '{target}'").fetchone()[0]


def main():
    folder, output, threads = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute(f'SET threads = {threads}')
    total = 0
    for file in sorted(SOURCES.glob('*.yml')):
        for source in yaml.safe_load(file.read_text())['sources']:
            if source['name'] != 'raw_birmingham_cards':
                total += load(connection, source, folder, output)
    print(f'{total} rows')


main()
