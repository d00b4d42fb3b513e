"""The running server against its own description: Schemathesis asks for every operation of the OpenAPI document."""

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conftest import FOLDER, PROGRAM, ROOT, bullion

TOKEN = 'interop-0123456789abcdef0123456789abcdef'
# What every answer must be. Names of tables and filters live in the lake, not in the document, so a request that
# fits the document may still be refused: that check is left out.
CHECKS = ('not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance',
          'response_headers_conformance', 'negative_data_rejection', 'unsupported_method', 'ignored_auth')


@pytest.fixture(scope='module')
def project():
    """The demo's first two batches, published, and one saved query."""
    folder = FOLDER / 'api-project'
    shutil.rmtree(folder, ignore_errors=True)
    bullion('init', 'cloud_cost', folder)
    (folder / 'incoming').mkdir(exist_ok=True)
    for batch in ('batch1', 'batch2'):
        for file in sorted((ROOT / 'domains/cloud_cost/samples' / batch).iterdir()):
            shutil.copy(file, folder / 'incoming')
        bullion('run', '--quiet', cwd=folder)
    (folder / 'queries').mkdir()
    (folder / 'queries/by_account.sql').write_text(
        '-- title: By account\n-- parameter: account_id text = A1; The account\n'
        'SELECT usage_date, total_cost_usd FROM daily_account_cost WHERE account_id = $account_id ORDER BY 1\n')
    return folder


@pytest.fixture(scope='module')
def server(project):
    """The URL of the API of a server over the project."""
    process = subprocess.Popen([PROGRAM, '--json', 'serve', '--port', '0', '--no-schedule'], cwd=project,
                               env={**os.environ, 'BULLION_TOKEN': TOKEN}, stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())['url'].rstrip('/') + '/api/v1'
    finally:
        process.terminate()
        process.wait(30)


def ask(server, path, body=None):
    """Status and JSON of an answer."""
    request = urllib.request.Request(server + path, None if body is None else json.dumps(body).encode(),
                                     {'Authorization': f'Bearer {TOKEN}', 'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def schemathesis(server, *arguments):
    tool = Path(os.environ['BULLION_API_PYTHON']).parent / 'schemathesis'
    done = subprocess.run(
        [tool, 'run', f'{server}/openapi.json', '--url', server, '--header', f'Authorization: Bearer {TOKEN}',
         '--checks', ','.join(CHECKS), '--phases', 'examples,coverage,fuzzing', '--seed', '7', '--request-timeout',
         '60', '--no-color', *arguments],
        cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_every_answer_of_what_is_read_is_as_described(server):
    # Streams do not end by themselves.
    schemathesis(server, '--include-method', 'GET', '--exclude-path-regex', '/(changes|runs/{id}/events)$',
                 '--max-examples', '30')


def test_every_answer_of_sql_and_queries_is_as_described(server):
    schemathesis(server, '--include-path-regex', '^/(sql|queries)', '--max-examples', '60')


def test_the_total_of_the_rows_is_the_sum_of_all_pages(server):
    table = '/tables/daily_account_cost/rows?limit=3'
    status, page = ask(server, table)
    assert status == 200
    total, cells = page['total'], []
    place = [column['name'] for column in page['columns']].index('total_cost_usd')
    while True:
        cells += [row[place]['amount'] for row in page['rows']]
        if page['next_cursor'] is None:
            break
        status, page = ask(server, f'{table}&cursor={page["next_cursor"]}')
        assert status == 200
        assert page['total'] == total
    assert len(cells) == total['rows']
    assert sum(int(cell.replace('.', '')) for cell in cells) == \
        int(total['sums'][0]['sum']['amount'].replace('.', ''))


def test_nothing_leaks_a_path(server, project):
    answers = [ask(server, path) for path in ('/quarantine', '/quality', '/runs', '/tables/daily_account_cost/trace')]
    answers.append(ask(server, '/sql', {'sql': 'SELECT * FROM quarantine.raw_billing_events'}))
    answers.append(ask(server, '/sql', {'sql': 'SELECT total_cost_usd::DATE FROM daily_account_cost'}))
    for _, answer in answers:
        assert str(project) not in json.dumps(answer)
