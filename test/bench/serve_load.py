"""Readers, a publisher and badly behaved clients against one `bullion serve`.

serve_load.py PROGRAM PROJECT [--readers 100] [--releases 50] [--metric NAME]

PROJECT is a cloud_cost project with a published release. While the publisher adds late files and runs, every reader asks
for metrics and rows. Each answer must belong to exactly one release: what it says of the whole table has to equal what
the record of that release says. Prints the figures and the bounds; leaves with 1 when a bound is broken. Plain standard
library, one process; the readers share a core with the server, so times are an upper bound.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

P95_MS_MAX = 300
MEMORY_BYTES_MAX = 2 << 30
HERE = Path(__file__).resolve().parent


class Client:
    """One keep-alive HTTP/1.1 connection."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def ask(self, path, method='GET', body=None, headers=()):
        for attempt in (1, 2):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection('127.0.0.1', self.port)
            try:
                return await self.once(path, method, body, headers)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if attempt == 2:
                    raise
        raise AssertionError

    async def once(self, path, method, body, headers):
        data = b'' if body is None else json.dumps(body).encode()
        lines = [f'{method} {path} HTTP/1.1', f'Host: 127.0.0.1:{self.port}', 'Accept: */*', *headers]
        if body is not None:
            lines += ['Content-Type: application/json', f'Content-Length: {len(data)}']
        self.writer.write('\r\n'.join(lines).encode() + b'\r\n\r\n' + data)
        await self.writer.drain()
        head = (await self.reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
        status = int(head[0].split()[1])
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(':') for line in head[1:] if line)}
        if fields.get('transfer-encoding') == 'chunked':
            content = b''
            while size := int(await self.reader.readline(), 16):
                content += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        else:
            content = await self.reader.readexactly(int(fields.get('content-length', 0)))
        if fields.get('connection') == 'close':
            self.close()
        return status, fields, content

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Load:
    def __init__(self, port, metric, table):
        self.port, self.metric, self.table = port, metric, table
        self.stop = False
        self.errors, self.times, self.refused = [], {'metric': [], 'rows': []}, 0
        self.totals = {}  # release -> currency -> amount, as its record says
        self.answers = 0
        self.releases_seen = set()

    async def totals_of(self, client, release):
        if release not in self.totals:
            status, _, content = await client.ask(f'/api/v1/releases/{release}')
            assert status == 200, content
            self.totals[release] = {money['currency']: Decimal(money['after']['amount'])
                                    for money in json.loads(content)['money'] if money['table'] == self.table}
        return self.totals[release]

    async def reader(self, seed):
        chance = random.Random(seed)
        client = Client(self.port)
        while not self.stop:
            kind = chance.choice(('metric', 'metric', 'rows', 'total'))
            if kind == 'metric':
                account = chance.randrange(1, 40)
                path = (f'/api/v1/metrics/{self.metric}/values?grain=month&filter=account:eq:A{account}'
                        f'&by={chance.choice(("account,service", "service"))}')
            elif kind == 'rows':
                path = f'/api/v1/tables/{self.table}/rows?limit=50&filter=account_id:eq:A{chance.randrange(1, 40)}'
            else:
                path = f'/api/v1/metrics/{self.metric}/values'
            started = time.monotonic()
            try:
                status, fields, content = await client.ask(path)
            except Exception as fault:  # noqa: BLE001  Any failure of a reader is a finding.
                self.errors.append(f'{path}: {fault!r}')
                client.close()
                continue
            elapsed = (time.monotonic() - started) * 1000
            if status in (429, 503):
                self.refused += 1
                await asyncio.sleep(float(fields.get('retry-after', 0.2)))
                continue
            if status != 200:
                self.errors.append(f'{path}: {status} {content[:300]}')
                continue
            self.answers += 1
            self.times['rows' if kind == 'rows' else 'metric'].append(elapsed)
            answer = json.loads(content)
            release = answer['release']
            self.releases_seen.add(release)
            if f'r{release}-' not in fields.get('etag', ''):
                self.errors.append(f'{path}: release {release} with ETag {fields.get("etag")}')
            if kind == 'total':
                found = {row['currency']: Decimal(row['value']['amount']) for row in answer['totals']}
                expected = await self.totals_of(client, release)
                if found != expected:
                    self.errors.append(f'{path}: {found} at release {release}, its record says {expected}')
            await asyncio.sleep(chance.random() * 0.05)
        client.close()

    async def bad_client(self, kind):
        while not self.stop:
            try:
                reader, writer = await asyncio.open_connection('127.0.0.1', self.port)
                if kind == 'slow':
                    for byte in b'GET /api/v1/health/live HTTP/1.1\r\nHost: a\r\n':
                        writer.write(bytes([byte]))
                        await asyncio.sleep(0.5)
                        if writer.is_closing() or reader.at_eof():
                            break
                elif kind == 'oversized':
                    writer.write(b'GET / HTTP/1.1\r\nX: ' + b'a' * 1_000_000 + b'\r\n\r\n')
                elif kind == 'malformed':
                    writer.write(b'\x00\xff GET \r\r\n\n {}[]\r\n\r\n')
                else:
                    writer.write(b'POST /api/v1/sql HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{')
                    writer.write_eof()
                await asyncio.wait_for(reader.read(1000), 20)
                writer.close()
            except (OSError, asyncio.TimeoutError):
                pass
            await asyncio.sleep(0.2)


def memory_of(pid):
    return int(re.search(r'VmHWM:\s+(\d+)', Path(f'/proc/{pid}/status').read_text())[1]) << 10


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


async def publish(program, project, releases):
    seed_file = project / 'incoming'
    for number in range(releases):
        done = await asyncio.create_subprocess_exec(
            sys.executable, str(HERE / 'late_file.py'), str(seed_file), '--events', str(200 + number), '--days', '1',
            stdout=subprocess.DEVNULL)
        assert await done.wait() == 0
        (seed_file / 'late.csv').rename(seed_file / f'late-{os.getpid()}-{number}.csv')
        run = await asyncio.create_subprocess_exec(program, 'run', '-q', cwd=project, stdout=subprocess.PIPE,
                                                   stderr=subprocess.STDOUT)
        output, _ = await run.communicate()
        assert run.returncode == 0, output.decode()


async def clients_left(client):
    _, _, content = await client.ask('/metrics')
    return int(re.search(r'^bullion_http_clients_left_total (\d+)', content.decode(), re.M)[1])


async def abandoned_query(port):
    """Seconds until a query stops after its client left."""
    sql = 'SELECT count(*) FROM billing_events a, billing_events b WHERE a.cost_usd < b.cost_usd'
    body = json.dumps({'sql': sql}).encode()
    client = Client(port)
    before = await clients_left(client)
    _, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(f'POST /api/v1/sql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n'
                 f'Content-Length: {len(body)}\r\n\r\n'.encode() + body)
    await writer.drain()
    await asyncio.sleep(1)
    writer.close()
    started = time.monotonic()
    while time.monotonic() - started < 30:
        if await clients_left(client) > before:
            return time.monotonic() - started
        await asyncio.sleep(0.1)
    return float('inf')


async def measure(arguments, port, pid):
    client = Client(port)
    _, _, content = await client.ask('/api/v1/metrics')
    metrics = {metric['name']: metric for metric in json.loads(content)['metrics']}
    metric = arguments.metric or next(name for name, found in sorted(metrics.items())
                                      if found['unit'] == 'money' and found['table'] == 'billing_events')
    load = Load(port, metric, metrics[metric]['table'])
    readers = [asyncio.create_task(load.reader(seed)) for seed in range(arguments.readers)]
    bad = [asyncio.create_task(load.bad_client(kind)) for kind in ('slow', 'oversized', 'malformed', 'half') * 5]
    await publish(arguments.program, arguments.project, arguments.releases)
    load.stop = True
    await asyncio.gather(*readers)
    for task in bad:
        task.cancel()
    warm = Load(port, metric, metrics[metric]['table'])
    readers = [asyncio.create_task(warm.reader(seed)) for seed in range(arguments.readers)]
    await asyncio.sleep(15)
    warm.stop = True
    await asyncio.gather(*readers)
    left = await abandoned_query(port)
    return load, warm, left, memory_of(pid)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('project', type=Path)
    parser.add_argument('--readers', type=int, default=100)
    parser.add_argument('--releases', type=int, default=50)
    parser.add_argument('--metric', default='')
    arguments = parser.parse_args()
    server = subprocess.Popen([arguments.program, 'serve', '--port', '0', '--no-auth', '--json'], cwd=arguments.project,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = json.loads(server.stdout.readline())['port']
        load, warm, left, memory = asyncio.run(measure(arguments, port, server.pid))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    p95 = percentile(warm.times['metric'], 0.95)
    for name, found in (('while publishing', load), ('after it', warm)):
        print(f'{name}: {found.answers} answers, {len(found.errors)} errors, {found.refused} asked to wait, '
              f'{len(found.releases_seen)} releases seen; metric p50 {percentile(found.times["metric"], 0.5):.0f} ms, '
              f'p95 {percentile(found.times["metric"], 0.95):.0f} ms; rows p95 {percentile(found.times["rows"], 0.95):.0f} ms')
    errors = load.errors + warm.errors
    for error in errors[:10]:
        print('error:', error)
    bounds = [(not errors, 'no error and no mixed release'),
              (p95 <= P95_MS_MAX, f'warm filtered metric p95 {p95:.0f} ms (at most {P95_MS_MAX})'),
              (memory <= MEMORY_BYTES_MAX, f'memory of the server {memory / 2**30:.2f} GiB (at most 2)'),
              (left < 5, f'a query stops {left:.1f} s after its client left (at most 5)')]
    for holds, words in bounds:
        print('ok   ' if holds else 'OVER ', words)
    sys.exit(0 if all(holds for holds, _ in bounds) else 1)


if __name__ == '__main__':
    main()
