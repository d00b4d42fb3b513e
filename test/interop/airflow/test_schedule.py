"""Exported schedules are run by what they were exported for; alerts reach real servers."""

import concurrent.futures
import datetime
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

PROGRAM = os.environ['BULLION_PROGRAM']
HOME = Path(os.environ['AIRFLOW_HOME'])
SCHEDULE = """
time_zone: Europe/Berlin
calendars:
  - name: close
jobs:
  - {name: daily, cron: "0 6 * * mon-fri", retries: {max: 2, initial: 30s}, catchup: all, timeout: 1h}
  - {name: month_close, cron: "30 7 * * *", calendar: close, days: business day 3}
  - {name: last_day, cron: "0 0 13,L * fri", time_zone: Australia/Lord_Howe, catchup: none}
"""


def bullion(*arguments, cwd, code=0, env=None):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False,
                          env={**os.environ, **(env or {})})
    assert done.returncode == code, f'{arguments} left with {done.returncode}:\n{done.stdout}\n{done.stderr}'
    return done.stdout


def make_project(parent):
    folder = parent / 'a shop'
    bullion('init', 'cloud_cost', folder, '-q', cwd=parent)
    (folder / 'schedule.yml').write_text(SCHEDULE)
    for file in (folder / 'samples/batch1').iterdir():
        shutil.copy(file, folder / 'incoming')
    return folder


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


@pytest.fixture(scope='session')
def airflow():
    subprocess.run(['airflow', 'db', 'migrate'], check=True, capture_output=True)


def test_airflow_parses_and_runs_the_dags(project, airflow):
    bullion('schedule', 'export', 'airflow', '--out', HOME / 'dags', '--program', PROGRAM, '--start', '2026-01-01',
            cwd=project)
    from airflow.models import DagBag
    bag = DagBag(HOME / 'dags', include_examples=False)
    assert not bag.import_errors
    assert sorted(bag.dags) == ['bullion_daily', 'bullion_last_day', 'bullion_month_close']
    daily = bag.dags['bullion_daily']
    assert daily.max_active_runs == 1 and daily.catchup and daily.timezone.name == 'Europe/Berlin'
    assert daily.task_dict['run'].retries == 2
    assert daily.task_dict['run'].retry_delay == datetime.timedelta(seconds=30)
    assert not bag.dags['bullion_month_close'].catchup

    done = subprocess.run(['airflow', 'dags', 'test', 'bullion_daily', '2026-05-04'], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(json.loads(bullion('releases', '--output', 'json', cwd=project))) == 1


def test_airflow_skips_days_outside_the_calendar(project, airflow):
    bullion('schedule', 'export', 'airflow', '--job', 'month_close', '--out', HOME / 'dags', '--program', PROGRAM,
            '--start', '2026-01-01', cwd=project)
    states = {}
    # 2026-05-05 is the third business day of May; a run's time is the end of its interval.
    for day in (4, 5):
        time = f'2026-05-0{day}T05:30:00+00:00'
        subprocess.run(['airflow', 'dags', 'test', 'bullion_month_close', time], check=True, capture_output=True)
        done = subprocess.run(['airflow', 'tasks', 'states-for-dag-run', 'bullion_month_close', time, '--output', 'json'],
                              check=True, capture_output=True, text=True)
        rows = json.loads(done.stdout[done.stdout.index('['):])
        states[day] = {row['task_id']: row['state'] for row in rows}
    assert states[5] == {'due': 'success', 'run': 'success'}
    assert states[4] == {'due': 'skipped', 'run': 'skipped'}


def test_airflow_and_bullion_name_the_same_times(project, airflow):
    bullion('schedule', 'export', 'airflow', '--job', 'daily', '--out', HOME / 'dags', '--program', PROGRAM,
            '--start', '2026-01-01', cwd=project)
    from airflow.models import DagBag
    import pendulum
    dag = DagBag(HOME / 'dags', include_examples=False).dags['bullion_daily']
    expected = [row['utc'] for row in
                json.loads(bullion('schedule', 'next', 'daily', '--count', 200, '--output', 'json', cwd=project))]
    first = pendulum.parse(expected[0])
    runs = dag.iter_dagrun_infos_between(first.subtract(days=3), pendulum.parse(expected[-1]), align=True)
    times = [run.data_interval.end.in_timezone('UTC').strftime('%Y-%m-%dT%H:%M:%SZ') for run in runs]
    assert [time for time in times if time >= expected[0]][:150] == expected[:150]


def test_systemd_accepts_the_units(project, tmp_path):
    if shutil.which('systemd-analyze') is None:
        pytest.skip('systemd-analyze is not installed')
    units = tmp_path / 'units'
    bullion('schedule', 'export', 'systemd', '--out', units, '--program', PROGRAM, cwd=project)
    done = subprocess.run(['systemd-analyze', 'verify', *sorted(map(str, units.iterdir()))], capture_output=True,
                          text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if 'bullion-' in line]
    assert not ours, ours
    for timer in units.glob('*.timer'):
        for event in re.findall(r'^OnCalendar=(.*)$', timer.read_text(), re.M):
            subprocess.run(['systemd-analyze', 'calendar', event], check=True, capture_output=True)


class Hook(http.server.BaseHTTPRequestHandler):
    received = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        Hook.received.append((self.path, self.headers.get('Authorization'), json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Mailbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return '250 OK'


def test_alerts_reach_http_and_smtp_servers_once(project):
    from aiosmtpd.controller import Controller
    mailbox = Mailbox()
    mail = Controller(mailbox, hostname='127.0.0.1', port=0)
    mail.ready_timeout = 30
    web = http.server.HTTPServer(('127.0.0.1', 0), Hook)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    mail.port = free_port()
    mail.start()
    (project / 'schedule.yml').write_text(f"""
jobs: [{{name: each_minute, cron: "* * * * *"}}]
alerts:
  - {{name: hook, kind: webhook, url: "http://127.0.0.1:{web.server_port}/hook", headers: {{Authorization: "${{TOKEN}}"}}}}
  - {{name: chat, kind: slack, url: "http://127.0.0.1:{web.server_port}/chat"}}
  - {{name: mail, kind: smtp, url: "smtp://127.0.0.1:{mail.port}", from: lake@example.org, to: [a@example.org]}}
""")
    # A gate that always fails.
    (project / 'tests/never.sql').write_text('SELECT * FROM daily_account_cost LIMIT 1\n')
    try:
        bullion('schedule', 'run', '--once', cwd=project)
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=125)
        out = bullion('schedule', 'run', '--until', until.strftime('%Y-%m-%dT%H:%M:%SZ'), cwd=project,
                      env={'TOKEN': 's3cret'})
    finally:
        mail.stop()
        web.shutdown()
    assert sorted(path for path, _, _ in Hook.received) == ['/chat', '/hook'], out
    body = {path: (token, body) for path, token, body in Hook.received}
    assert body['/hook'][0] == 's3cret'
    assert body['/hook'][1]['event'] == 'blocked' and body['/hook'][1]['job'] == 'each_minute'
    assert body['/chat'][1]['text'].startswith('Bullion blocked: job each_minute')
    assert len(mailbox.mails) == 1 and 'blocked' in mailbox.mails[0][2]
    assert 's3cret' not in out
    for file in (project / 'lake/schedule').rglob('*'):
        assert file.is_dir() or b's3cret' not in file.read_bytes()


def certificate(folder):
    """A key and a certificate for localhost that vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'localhost')])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName('localhost')]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    (folder / 'key.pem').write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                                       serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))
    (folder / 'cert.pem').write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / 'cert.pem', folder / 'key.pem'


class SecureMailbox(Mailbox):
    """Remembers whether each mail came over TLS, and who sent it."""

    def __init__(self):
        super().__init__()
        self.sessions = []

    async def handle_DATA(self, server, session, envelope):
        self.sessions.append((session.ssl is not None or server.transport.get_extra_info('ssl_object') is not None,
                              session.auth_data))
        return await super().handle_DATA(server, session, envelope)


def mail_over(kind, folder):
    """The mailbox, and what the schedule said, after a blocked run whose alert goes to that kind of server."""
    import ssl
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
    project = make_project(folder)
    cert, key = certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    mailbox = SecureMailbox()
    secure = {'smtps': {'ssl_context': tls}, 'plain server': {}}.get(kind, {'tls_context': tls, 'require_starttls': True})
    mail = Controller(mailbox, hostname='localhost', port=free_port(), auth_require_tls=kind == 'starttls',
                      authenticator=lambda server, session, envelope, mechanism, data: AuthResult(
                          success=True, auth_data=data.password), **secure)
    mail.ready_timeout = 30
    mail.start()
    scheme = 'smtps' if kind == 'smtps' else 'smtp'
    (project / 'schedule.yml').write_text(f"""
jobs: [{{name: each_minute, cron: "* * * * *"}}]
alerts:
  - {{name: mail, kind: smtp, url: "{scheme}://localhost:{mail.port}", from: lake@example.org, to: [a@example.org],
      starttls: {'false' if kind == 'smtps' else 'true'}, user: lake, password: "${{MAIL_PASSWORD}}"}}
""")
    (project / 'tests/never.sql').write_text('SELECT * FROM daily_account_cost LIMIT 1\n')
    env = {'MAIL_PASSWORD': 's3cret', 'SSL_CERT_FILE': '' if kind == 'untrusted' else str(cert)}
    try:
        bullion('schedule', 'run', '--once', cwd=project, env=env)
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=65)
        out = bullion('schedule', 'run', '--until', until.strftime('%Y-%m-%dT%H:%M:%SZ'), cwd=project, env=env)
    finally:
        mail.stop()
    return mailbox, out


def test_mails_go_over_tls_or_not_at_all(tmp_path):
    kinds = ['starttls', 'smtps', 'untrusted', 'plain server']
    folders = [tmp_path / kind for kind in kinds]
    for folder in folders:
        folder.mkdir()
    # Side by side: each waits for the next minute.
    with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
        found = dict(zip(kinds, pool.map(mail_over, kinds, folders)))
    for kind, (mailbox, out) in found.items():
        assert len(mailbox.mails) == (1 if kind in ('starttls', 'smtps') else 0), (kind, out)
        assert mailbox.sessions == [(True, b's3cret')] * len(mailbox.mails), kind
        assert 's3cret' not in out


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
