"""Events of runs, through the classes of the OpenLineage client itself."""

import http.server
import json
import os
import subprocess
import threading

import pytest

from conftest import HERE, PROGRAM, bullion


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / 'bills'
    bullion('init', 'cloud_cost', folder)
    incoming = folder / 'incoming'
    incoming.mkdir(exist_ok=True)
    for file in sorted((folder / 'samples/batch1').iterdir()):
        (incoming / file.name).write_bytes(file.read_bytes())
    with open(folder / 'bullion.yml', 'a', encoding='utf-8') as config:
        config.write('\nopenlineage: {file: events/runs.ndjson, namespace: finance}\n')
    return folder


def through_the_client(file):
    done = subprocess.run([os.environ['BULLION_OPENLINEAGE_PYTHON'], str(HERE / 'openlineage_events.py'), str(file)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def without_nothing(value):
    """Without what is empty: the client leaves members out that nobody filled, and fills in empty ones."""
    if isinstance(value, dict):
        held = {key: without_nothing(each) for key, each in value.items()}
        return {key: each for key, each in held.items() if each not in (None, {}, [], '')}
    return [without_nothing(each) for each in value] if isinstance(value, list) else value


def test_the_client_takes_every_event_and_changes_nothing(project):
    bullion('run', '-q', cwd=project)
    file = project / 'events/runs.ndjson'
    written = [json.loads(line) for line in file.read_text().splitlines()]
    assert without_nothing(through_the_client(file)) == without_nothing(written)
    assert written[0]['eventType'] == 'START'
    assert written[-1]['eventType'] == 'COMPLETE'
    assert {event['job']['namespace'] for event in written} == {'finance'}
    ends = [event for event in written if event['eventType'] != 'START']
    assert len({event['run']['runId'] for event in ends}) == len(ends)
    daily = next(event for event in ends if event['job']['name'].endswith('.daily_account_cost'))
    facets = daily['outputs'][0]['facets']
    used = facets['columnLineage']['fields']['total_cost_usd']['inputFields']
    assert any(use['subtype'] == 'AGGREGATION' for each in used for use in each['transformations'])
    assert daily['outputs'][0]['outputFacets']['outputStatistics']['rowCount'] > 0
    tests = next(event for event in ends if event['job']['name'].endswith('.daily_account_cost.tests'))
    assert all(each['success'] for each in tests['inputs'][0]['inputFacets']['dataQualityAssertions']['assertions'])


def test_a_gate_that_fails_is_a_fail(project):
    (project / 'tests').mkdir(exist_ok=True)
    (project / 'tests/no_cost.sql').write_text('SELECT * FROM daily_account_cost WHERE total_cost_usd > 0\n')
    done = subprocess.run([PROGRAM, 'run', '-q'], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    events = through_the_client(project / 'events/runs.ndjson')
    assert [event['eventType'] for event in events if event['job']['name'].endswith('.run')] == ['START', 'FAIL']
    assert 'no_cost' in events[-1]['run']['facets']['errorMessage']['message']
    failed = [event for event in events if event['eventType'] == 'FAIL' and event['job']['name'].endswith('.tests')]
    assert len(failed) == 1


def test_events_are_posted_and_a_server_that_is_away_fails_no_run(project):
    got = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            got.append((self.path, self.headers.get('Authorization'), json.loads(body)))
            self.send_response(201)
            self.send_header('Content-Length', '0')
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f'http://127.0.0.1:{server.server_port}'
    environment = dict(os.environ, OPENLINEAGE_URL=address, OPENLINEAGE_API_KEY='key')
    done = subprocess.run([PROGRAM, 'run', '-q'], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [event for _, _, event in got] == [json.loads(line) for line in (project / 'events/runs.ndjson').read_text().splitlines()]
    assert {(path, key) for path, key, _ in got} == {('/api/v1/lineage', 'Bearer key')}
    server.shutdown()
    server.server_close()
    done = subprocess.run([PROGRAM, 'run', '-q'], cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'OpenLineage events were not sent' in done.stderr
