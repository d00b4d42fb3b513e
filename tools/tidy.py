#!/usr/bin/env python3
"""Checks the house rules that no compiler knows: layers, lengths, banned words, orphans, links.

  tools/tidy.py                 the whole repository
  tools/tidy.py FILE...         the whole repository, reporting on these files only
  tools/tidy.py --shrink        lowers the entries of tools/tidy_ratchet.json to what is true today

A finding is one line, `path:line: rule: what is wrong; what to do instead`. Exit code 1 when any.
Exceptions with their reasons: tools/tidy_allowed.txt. Its tests: tools/tidy_test.py.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text  # noqa: E402

LINES_MAX = {'.cc': 800, '.h': 400}
FUNCTION_LINES_MAX = 70
WIDTH_MAX = 100
BLOB_BYTES_MAX = 200 * 1024
TEXT_SUFFIXES = {'.h', '.cc', '.py', '.sh', '.cmake', '.txt', '.md', '.json', '.yml', '.yaml', '.sql',
                 '.env', '.csv', '.test', '.xml', ''}
WIDTH_SUFFIXES = {'.h', '.cc', '.py', '.sh', '.cmake'}
NAMELESS = {'util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'misc'}

# Words banned in C++ code (not in comments or literals): rule, pattern, what to do instead.
BANNED_CODE = [
    ('stream', r'\bstd::(?:cout|cerr|clog)\b|<iostream>', 'return text, let cli print it with fmt'),
    ('printf', r'\b(?:std::)?(?:f|s|sn|v)?printf\s*\(', 'use fmt'),
    ('new', r'\bnew\s+[A-Za-z_:(]|\bnew\s*\(', 'use a value, a container or std::make_unique'),
    ('delete', r'\bdelete\s*(?:\[\s*\]\s*)?[A-Za-z_*(]', 'let the owner free it'),
    ('clock', r'_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\s*\(|\btime\s*\(\s*'
              r'(?:nullptr|NULL|0)\s*\)', 'take a Clock (base/clock.h)'),
    ('random', r'\brandom_device\b|\bs?rand\s*\(', 'take a Clock for names, a seed for the rest'),
    ('throw', r'\bthrow\b', 'return a Result'),
    ('using-namespace', r'\busing\s+namespace\b', 'name what you use'),
    ('name', r'\b(?:class|struct|enum|namespace)\s+\w*(?:Util|Utils|Helper|Helpers|Manager|Common|Misc)\b',
     'name the thing by what it does'),
]
FLOAT = re.compile(r'\b(?:double|float)\b')
UNFINISHED = re.compile(r'\b(?:TO' + r'DO|FIX' + r'ME|XX' + r'X)\b')
MACHINE_PATH = re.compile(r'(?<![\w.$}/~-])/(?:wo' + r'rk|ro' + r'ot|ho' + r'me)/')
REGISTRY_HOST = re.compile('|'.join(
    re.escape(host) for host in ('pypi' + '.org', 'pythonhosted' + '.org', 'npmjs' + '.org', 'npmjs' + '.com',
                                 'maven' + '.org', 'crates' + '.io', 'golang' + '.org', 'deb.debian' + '.org',
                                 'artifact' + 'ory')), re.IGNORECASE)


@dataclass
class Tree:
    """The files of a repository, read once."""
    root: Path
    paths: list = field(default_factory=list)
    texts: dict = field(default_factory=dict)
    code: dict = field(default_factory=dict)
    comments: dict = field(default_factory=dict)

    @classmethod
    def load(cls, root):
        tree = cls(Path(root))
        tree.paths = sorted(path for path in list_files(tree.root) if (tree.root / path).is_file())
        for path in tree.paths:
            if suffix(path) in TEXT_SUFFIXES and (tree.root / path).stat().st_size <= 4 * BLOB_BYTES_MAX:
                try:
                    tree.texts[path] = (tree.root / path).read_text(encoding='utf-8')
                except UnicodeDecodeError:
                    continue  # A data file, for instance a test's bad input.
        for path in tree.cpp():
            tree.code[path], tree.comments[path] = cpp_text.split_comments(tree.texts[path])
        return tree

    def cpp(self):
        return [path for path in self.texts if suffix(path) in ('.h', '.cc')]

    def markdown(self):
        return [path for path in self.texts if suffix(path) == '.md']


def suffix(path):
    return os.path.splitext(path)[1]


def list_files(root):
    """Paths relative to `root` of what is, or is about to be, in the repository."""
    if (root / '.git').exists():
        listed = subprocess.run(
            ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
            cwd=root, capture_output=True, text=True, check=False)
        if listed.returncode == 0:
            return set(filter(None, listed.stdout.split('\0')))
    found = set()
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ('.git', '.cache', 'build', '__pycache__')]
        found.update(os.path.relpath(os.path.join(folder, name), root) for name in files)
    return found


def at(path, text, offset):
    return f'{path}:{text.count(chr(10), 0, offset) + 1}'


# --- Layers -------------------------------------------------------------------------------------

def read_modules(tree):
    """{module: (folder, direct dependencies, text of its CMake file)}"""
    modules = {}
    for path, text in tree.texts.items():
        if os.path.basename(path) != 'CMakeLists.txt':
            continue
        text = re.sub(r'#[^\n]*', '', text)
        for call in re.finditer(r'\bbullion_module\s*\(\s*(\w+)([^)]*)\)', text):
            words = call.group(2).split()
            depends, keyword = [], ''
            for word in words:
                if re.fullmatch(r'[A-Z_]+', word):
                    keyword = word
                elif keyword == 'DEPS':
                    depends.append(word)
                elif keyword == 'TEST_LIBS' and word.startswith('bullion_'):
                    depends.append('test:' + word[len('bullion_'):])
            modules[call.group(1)] = (os.path.dirname(path), depends, text)
    return modules


def reachable(modules, name, tests=False):
    """The modules that `name` may include, itself among them."""
    seen, open_names = set(), [name]
    while open_names:
        current = open_names.pop()
        if current in seen:
            continue
        seen.add(current)
        for depends in modules.get(current, ('', [], ''))[1]:
            if not depends.startswith('test:'):
                open_names.append(depends)
            elif tests and current == name:
                open_names.append(depends[len('test:'):])
    return seen


def module_of(modules, path):
    folders = [(folder, name) for name, (folder, _, _) in modules.items() if path.startswith(folder + '/')]
    return max(folders)[1] if folders else None


def check_layers(tree):
    modules = read_modules(tree)
    for name, (folder, depends, _) in sorted(modules.items()):
        for other in depends:
            if not other.startswith('test:') and name in reachable(modules, other):
                yield f'{folder}/CMakeLists.txt:1: layers: {name} and {other} depend on each other'
    for path in tree.cpp():
        module = module_of(modules, path)
        if not path.startswith('src/') or module is None:
            continue
        allowed = reachable(modules, module, tests=path.endswith(('_test.cc', '_fuzz.cc', '_bench.cc')))
        for include in re.finditer(r'^\s*#\s*include\s*"([^"\n]+)"', tree.texts[path], re.M):
            yield from include_findings(tree, modules, module, allowed, path, include)


def include_findings(tree, modules, module, allowed, path, include):
    target = include.group(1)
    place = at(path, tree.texts[path], include.start(1))
    other = target.split('/')[0]
    if '/' not in target or '..' in target:
        yield f'{place}: layers: include "{target}" relative to src, as "module/x.h"'
        return
    if other != module and other in modules and other not in allowed:
        yield (f'{place}: layers: {module} may not include "{target}"; its DEPS reach '
               f'{", ".join(sorted(allowed - {module})) or "nothing"}')
    if other != module and target.endswith('_internal.h'):
        yield f'{place}: layers: "{target}" is internal to {other}'
    if other in modules and modules[other][0] == f'src/{other}' and f'src/{target}' not in tree.texts:
        yield f'{place}: layers: there is no src/{target}'


# --- Lengths ------------------------------------------------------------------------------------

def measure_lengths(tree):
    """{key: (value, limit, place)} of every file and function over its limit."""
    over = {}
    for path in tree.cpp():
        text = tree.texts[path]
        lines = text.count('\n')
        limit = LINES_MAX[suffix(path)]
        if lines > limit:
            over[path] = (lines, limit, f'{path}:{limit}')
        for name, line, length in cpp_text.functions(tree.code[path]):
            key = f'{path}#{name}'
            if length > FUNCTION_LINES_MAX and length > over.get(key, (0,))[0]:
                over[key] = (length, FUNCTION_LINES_MAX, f'{path}:{line}')
    return over


def read_ratchet(tree):
    return json.loads(tree.texts.get('tools/tidy_ratchet.json', '{}'))


def check_lengths(tree):
    ratchet = read_ratchet(tree)
    over = measure_lengths(tree)
    for key, (value, limit, place) in sorted(over.items()):
        known = ratchet.get(key)
        if known is None:
            yield f'{place}: length: {key} has {value} lines; the limit is {limit}: split it'
        elif value > known:
            yield f'{place}: length: {key} grew from {known} to {value} lines; it may only shrink'
        elif value < known:
            yield f'{place}: length: {key} shrank from {known} to {value} lines: run tools/tidy.py --shrink'
    for key in sorted(set(ratchet) - set(over)):
        yield f'tools/tidy_ratchet.json:1: length: {key} is within its limit: run tools/tidy.py --shrink'


def shrink(tree):
    """Lowers and drops entries of the ratchet; never adds or raises one."""
    over = measure_lengths(tree)
    ratchet = {key: min(known, over[key][0]) for key, known in read_ratchet(tree).items() if key in over}
    path = tree.root / 'tools/tidy_ratchet.json'
    path.write_text(json.dumps(ratchet, indent=2, sort_keys=True) + '\n', encoding='utf-8')


def check_text_shape(tree):
    for path, text in tree.texts.items():
        if suffix(path) not in WIDTH_SUFFIXES:
            continue
        for number, line in enumerate(text.split('\n'), 1):
            if len(line) > WIDTH_MAX and suffix(path) in ('.h', '.cc') and '://' not in line:
                yield f'{path}:{number}: width: {len(line)} columns; the limit is {WIDTH_MAX}'
            if line != line.rstrip():
                yield f'{path}:{number}: width: blanks at the end of the line'
            if '\t' in line:
                yield f'{path}:{number}: width: a tab; indent with blanks'
        if text and not text.endswith('\n'):
            yield f'{path}:{text.count(chr(10)) + 1}: width: no line break at the end of the file'


# --- Words --------------------------------------------------------------------------------------

def check_code_words(tree):
    for path in tree.cpp():
        code = tree.code[path]
        if suffix(path) == '.h' and '#pragma once' not in code:
            yield f'{path}:1: pragma: a header begins with #pragma once'
        for rule, pattern, instead in BANNED_CODE:
            for match in re.finditer(pattern, code):
                word = ' '.join(match.group().split())
                yield f'{at(path, code, match.end() - 1)}: {rule}: `{word}` is banned; {instead}'
        if path.endswith('_test.cc'):
            continue
        for match in FLOAT.finditer(code):
            yield (f'{at(path, code, match.start())}: float: no binary floating point near money; use '
                   'Decimal, or name the file and the reason in tools/tidy_allowed.txt')


def check_names(tree):
    for path in tree.paths:
        if not path.startswith(('src/', 'domains/', 'test/', 'tools/', 'cmake/')):
            continue
        for part in path.split('/'):
            words = set(re.split(r'[_.\-]', part.lower()))
            for word in sorted(words & NAMELESS):
                yield f'{path}:1: name: "{word}" says nothing; name it by what it does'


def check_borrowed_names(tree):
    """Sources that are compiled together see each other's unnamed namespaces; by themselves they do
    not. Found are names that no header has and the source does not declare."""
    modules = read_modules(tree)
    together = {}  # {(module, whether tests): {path: its unnamed names}}
    in_headers = set()
    for path in tree.cpp():
        module = module_of(modules, path)
        if suffix(path) == '.h':
            in_headers.update(re.findall(r'\w+', tree.code[path]))
        elif module and not path.endswith('_fuzz.cc'):
            names = cpp_text.unnamed_names(tree.code[path])
            together.setdefault((module, path.endswith('_test.cc')), {})[path] = names
    for files in together.values():
        owners = {name: path for path, names in files.items() for name in names if not name.isupper()}
        for path, names in files.items():
            words = set(re.findall(r'\w+', tree.code[path]))
            for name in sorted(words & set(owners) - names - in_headers):
                use = borrowed_at(tree.code[path], name)
                if use is not None:
                    yield (f'{at(path, tree.code[path], use)}: borrowed: `{name}` is in an unnamed namespace of '
                           f'{owners[name]}; declare it in a header that both include')


def borrowed_at(code, name):
    """Where code uses a name that it does not declare, None when it does: after a type, or as a member."""
    uses = list(re.finditer(r'(?:(\w+|[.>&*:])(\s*))?\b' + name + r'\b', code))
    for use in uses:
        before, gap = use.group(1) or '', use.group(2)
        is_type = before in ('>', '&', '*') or before[-1:].isalnum() or before.endswith('_')
        if is_type and gap and before not in ('return', 'else', 'case', 'co_return', 'co_await'):
            return None
    for use in uses:
        is_member = use.group(1) in ('.', '>', ':')
        if not is_member and (re.match(r'k?[A-Z]', name) or code.startswith('(', use.end())):
            return use.end() - len(name)
    return None


def check_text_words(tree):
    for path, text in tree.texts.items():
        comments = tree.comments.get(path, text)
        for match in UNFINISHED.finditer(comments):
            yield f'{at(path, text, match.start())}: unfinished: {match.group()}; do it or open an issue'
        for match in MACHINE_PATH.finditer(text):
            yield f'{at(path, text, match.start())}: machine: a path of one machine: {match.group()}'
        for match in REGISTRY_HOST.finditer(text):
            yield (f'{at(path, text, match.start())}: machine: the registry {match.group()}; packages come '
                   'from whatever the package client is set to')


# --- Files and documents ------------------------------------------------------------------------

def expand_loops(text):
    """CMake text with each simple foreach() written out, so that the names it builds are there."""
    def expand(match):
        return '\n'.join(match.group(3).replace('${' + match.group(1) + '}', word)
                         for word in match.group(2).split())
    return re.sub(r'foreach\s*\((\w+)\s+([^)$]*)\)(.*?)endforeach\s*\(\)', expand, text, flags=re.S)


def check_orphans(tree):
    cmake = {os.path.dirname(path): expand_loops(text) for path, text in tree.texts.items()
             if os.path.basename(path) == 'CMakeLists.txt'}
    included = set()
    for path in tree.cpp():
        included.update(re.findall(r'^\s*#\s*include\s*"([^"\n]+)"', tree.texts[path], re.M))
    for path in tree.cpp():
        if path.endswith('_internal.h') and path.removeprefix('src/') in included:
            continue
        if path.startswith('test/') and suffix(path) == '.h' and path.removeprefix('test/') in included:
            continue
        folder = os.path.dirname(path)
        while folder and folder not in cmake:
            folder = os.path.dirname(folder)
        named = os.path.relpath(path, folder) if folder else path
        if not re.search(r'(?<![\w/.])' + re.escape(named) + r'(?![\w.])', cmake.get(folder, '')):
            yield f'{path}:1: orphan: not named in {os.path.join(folder, "CMakeLists.txt")}'
    for path in tree.paths:
        if os.path.dirname(path) != 'tools':
            continue
        stem, ending = os.path.splitext(os.path.basename(path))
        # A Python file may be named by an import, which leaves the ending out.
        word = re.escape(stem) + ('' if ending == '.py' else re.escape(ending)) + r'\b'
        if not any(re.search(r'\b' + word, text) for other, text in tree.texts.items() if other != path):
            yield f'{path}:1: orphan: nothing names this tool'


def check_blobs(tree):
    for path in tree.paths:
        size = (tree.root / path).stat().st_size
        if size > BLOB_BYTES_MAX:
            yield f'{path}:1: blob: {size} bytes; the limit is {BLOB_BYTES_MAX}: generate it instead'


def without_fences(text):
    return re.sub(r'^(```|~~~).*?^\1[^\n]*$', lambda m: cpp_text.blank(m.group()), text, flags=re.M | re.S)


def check_markdown(tree):
    for path in tree.markdown():
        prose = without_fences(tree.texts[path])
        titles = [match.start() for match in re.finditer(r'^# ', prose, re.M)]
        if len(titles) != 1 or prose.lstrip()[:2] != '# ':
            yield f'{path}:1: title: a Markdown file begins with its one title; found {len(titles)}'
        for match in re.finditer(r'\]\(([^)\s]+)(?:\s+"[^"]*")?\)', prose):
            target = match.group(1).split('#')[0]
            if not target or re.match(r'[a-z]+:', target):
                continue
            base = '' if target.startswith('/') else os.path.dirname(path)
            resolved = os.path.normpath(os.path.join(base, target.lstrip('/')))
            if not (tree.root / resolved).exists():
                yield f'{at(path, prose, match.start())}: link: there is no {resolved}'


def check_architecture(tree):
    path = 'docs/architecture.md'
    text = tree.texts.get(path, '')
    folders = {name.split('/')[1] for name in tree.paths if name.startswith('src/') and name.count('/') > 1}
    for folder in sorted(folders):
        if f'`{folder}`' not in text:
            yield f'{path}:1: architecture: src/{folder} is not described as `{folder}`'
    yield from documented_arrows(path, text, read_modules(tree))


def documented_arrows(path, text, modules):
    """Compares the DEPS with the rows `| module | may include |` of the architecture."""
    rows = {match.group(1): (set(re.findall(r'`(\w+)`', match.group(2))), match.start())
            for match in re.finditer(r'^\| `(\w+)` \| ([^|]*) \|', text, re.M)}
    drawn = {name: ('', sorted(names), '') for name, (names, _) in rows.items()}
    for name, (names, offset) in sorted(rows.items()):
        depends = {other for other in modules.get(name, ('', [], ''))[1] if not other.startswith('test:')}
        beyond = depends & set(modules) - reachable(drawn, name)
        if names and beyond:
            yield (f'{at(path, text, offset)}: architecture: {name} depends on {", ".join(sorted(beyond))}, '
                   'which its row does not reach')


CHECKS = [check_layers, check_lengths, check_text_shape, check_code_words, check_names,
          check_borrowed_names, check_text_words, check_orphans, check_blobs, check_markdown,
          check_architecture]


# --- Exceptions ---------------------------------------------------------------------------------

def read_allowed(tree):
    """[(rule, path prefix, line number)] of tools/tidy_allowed.txt: `rule path-prefix reason`."""
    allowed, problems = [], []
    path = 'tools/tidy_allowed.txt'
    for number, line in enumerate(tree.texts.get(path, '').split('\n'), 1):
        if not line.strip() or line.startswith('#'):
            continue
        words = line.split(None, 2)
        if len(words) < 3:
            problems.append(f'{path}:{number}: allowed: expected `rule path-prefix reason`')
        else:
            allowed.append((words[0], words[1], number))
    return allowed, problems


def findings_of(tree):
    allowed, findings = read_allowed(tree)
    used = set()
    for check in CHECKS:
        for finding in check(tree):
            path, _, rule, _ = re.match(r'([^:]*):(\d+): ([\w-]+): (.*)', finding, re.S).groups()
            excuse = next((entry for entry in allowed
                           if entry[0] == rule and path.startswith(entry[1])), None)
            if excuse:
                used.add(excuse)
            else:
                findings.append(finding)
    for rule, prefix, number in allowed:
        if (rule, prefix, number) not in used:
            findings.append(f'tools/tidy_allowed.txt:{number}: allowed: no finding of {rule} in {prefix} '
                            'is left: remove the line')
    return findings


def main():
    parser = argparse.ArgumentParser(description='Checks the house rules of the repository.')
    parser.add_argument('--root', default=str(Path(__file__).resolve().parent.parent))
    parser.add_argument('--shrink', action='store_true', help='lower the ratchet to what is true today')
    parser.add_argument('files', nargs='*', help='report on these files only')
    options = parser.parse_args()
    tree = Tree.load(options.root)
    if options.shrink:
        shrink(tree)
        return 0
    findings = findings_of(tree)
    if options.files:
        wanted = set(os.path.normpath(name) for name in options.files)
        findings = [finding for finding in findings if finding.split(':', 1)[0] in wanted]
    for finding in findings:
        print(finding)
    if findings:
        print(f'tidy: {len(findings)} findings', file=sys.stderr)
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
