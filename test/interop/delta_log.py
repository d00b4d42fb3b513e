"""Reads a Delta log as plain JSON, so that the tests share no code with what they test."""

import json
from pathlib import Path
from urllib.parse import unquote

TWO_TO_64 = 1 << 64


def tables_of(lake):
    """Every folder of a lake that holds a Delta log, sorted."""
    return sorted(log.parent for log in Path(lake).rglob('_delta_log') if log.is_dir())


def versions_of(table):
    """Versions that have a commit file; a demo's log is never cleaned up."""
    return sorted(int(commit.stem) for commit in Path(table, '_delta_log').glob('*.json')
                  if commit.stem.isdigit())


class Snapshot:
    """The live files and the schema of a table at a version, replayed from commit 0."""

    def __init__(self, table, version):
        self.files = {}
        self.fields = []
        for number in range(version + 1):
            commit = Path(table, '_delta_log', f'{number:020}.json')
            for line in commit.read_text(encoding='utf-8').splitlines():
                self._apply(json.loads(line))

    def _apply(self, action):
        if 'metaData' in action:
            self.fields = json.loads(action['metaData']['schemaString'])['fields']
        if 'remove' in action:
            self.files.pop(unquote(action['remove']['path']), None)
        if 'add' in action:
            self.files[unquote(action['add']['path'])] = action['add']

    def row_hash(self):
        """(rows, sum a, sum b) of the tags on the live files."""
        total = [0, 0, 0]
        for path, add in self.files.items():
            tag = (add.get('tags') or {}).get('bullion.rowHash')
            assert tag, f'{path} has no bullion.rowHash tag'
            rows, sum_a, sum_b = tag.split(':')
            total = [total[0] + int(rows), (total[1] + int(sum_a, 16)) % TWO_TO_64,
                     (total[2] + int(sum_b, 16)) % TWO_TO_64]
        return tuple(total)

    def hashed_columns(self):
        """Names of the columns in the row hash, in contract order."""
        return [field['name'] for field in self.fields
                if not field['name'].startswith('_')
                and field['name'] not in ('published_at', 'first_published_at')]
