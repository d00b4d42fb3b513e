#!/usr/bin/env python3
"""Tests of tools/tidy.py: each rule finds what it is for, and leaves the rest alone."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cpp_text  # noqa: E402
import tidy  # noqa: E402

BASE = 'bullion_module(base HEADERS a.h SOURCES a.cc)\n'
TABLE = 'bullion_module(table HEADERS t.h SOURCES t.cc DEPS base)\n'
ARCHITECTURE = '# Architecture\n\n`base` and `table`.\n'
CLEAN = {
    'src/base/CMakeLists.txt': BASE,
    'src/base/a.h': '#pragma once\nint one();\n',
    'src/base/a.cc': '#include "base/a.h"\n\nint one() { return 1; }\n',
    'src/table/CMakeLists.txt': TABLE,
    'src/table/t.h': '#pragma once\n',
    'src/table/t.cc': '#include "table/t.h"\n\n#include "base/a.h"\n',
    'docs/architecture.md': ARCHITECTURE,
}


class Tidy(unittest.TestCase):
    def findings_of(self, changes):
        """Findings of the clean tree with some files added or changed."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**CLEAN, **changes}.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding='utf-8')
            return tidy.findings_of(tidy.Tree.load(folder))

    def assert_one(self, changes, *words):
        found = self.findings_of(changes)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_a_clean_tree_has_no_finding(self):
        self.assertEqual(self.findings_of({}), [])

    def test_an_include_against_the_layers_is_found(self):
        code = '#include "base/a.h"\n\n#include "table/t.h"\n'
        self.assert_one({'src/base/a.cc': code}, 'src/base/a.cc:3: layers', 'base may not include')

    def test_a_dependency_of_a_dependency_may_be_included(self):
        self.assertEqual(self.findings_of({
            'src/cli/CMakeLists.txt': 'bullion_module(cli SOURCES c.cc DEPS table)\n',
            'src/cli/c.cc': '#include "base/a.h"\n',
            'docs/architecture.md': ARCHITECTURE + '`cli`\n'}), [])

    def test_modules_that_depend_on_each_other_are_found(self):
        found = self.findings_of({'src/base/CMakeLists.txt': BASE.replace(')', ' DEPS table)')})
        self.assertTrue(any('depend on each other' in finding for finding in found), found)

    def test_an_internal_header_stays_in_its_module(self):
        self.assert_one({'src/base/b_internal.h': '#pragma once\n',
                         'src/table/t.cc': '#include "base/b_internal.h"\n'}, 'internal to base')

    def test_a_relative_include_is_found(self):
        self.assert_one({'src/base/a.cc': '#include "a.h"\n'}, 'relative to src')

    def test_an_include_of_nothing_is_found(self):
        self.assert_one({'src/table/t.cc': '#include "base/b.h"\n'}, 'there is no src/base/b.h')

    def test_banned_words_are_found_in_code_only(self):
        code = ('// A new day; delete this; printf(x); throw.\n'
                'const char* text = "new int; throw std::cout << double(1)";\n'
                'struct A { A(const A&) = delete; };\n')
        self.assertEqual(self.findings_of({'src/base/a.cc': code}), [])
        for line, rule in [('auto* a = new int;', 'new'), ('void f(int* a) { delete a; }', 'delete'),
                           ('void f() { std::cout << 1; }', 'stream'), ('#include <iostream>', 'stream'),
                           ('void f() { printf(""); }', 'printf'), ('void f() { throw 1; }', 'throw'),
                           ('using namespace std;', 'using-namespace'), ('double amount;', 'float'),
                           ('auto t = std::chrono::system_clock::now();', 'clock'),
                           ('class RowManager {};', 'name')]:
            self.assert_one({'src/base/a.cc': line + '\n'}, f'src/base/a.cc:1: {rule}: ')

    def test_a_header_needs_its_pragma(self):
        self.assert_one({'src/base/a.h': 'int one();\n'}, 'pragma')

    def test_unfinished_work_is_found_in_comments_and_prose(self):
        word = 'TO' + 'DO'
        self.assert_one({'src/base/a.cc': f'// {word}: later.\n'}, 'src/base/a.cc:1: unfinished')
        self.assert_one({'docs/x.md': f'# X\n\n{word}\n'}, 'docs/x.md:3: unfinished')

    def test_machine_paths_and_registries_are_found(self):
        self.assert_one({'docs/x.md': '# X\n\nSee /ho' + 'me/someone/x.\n'}, 'machine')
        self.assert_one({'docs/x.md': '# X\n\nFrom registry.npm' + 'js.org.\n'}, 'machine')
        self.assertEqual(self.findings_of({'docs/x.md': '# X\n\nIn build/work/ and tmp/root/a.\n'}), [])

    def test_long_functions_and_files_are_found(self):
        long_function = 'int one() {\n' + '  f();\n' * 70 + '}\n'
        self.assert_one({'src/base/a.cc': long_function}, 'src/base/a.cc:1: length', 'one has 72 lines')
        self.assert_one({'src/base/a.h': '#pragma once\n' * 401}, 'length', '401')

    def test_the_ratchet_only_shrinks(self):
        def tree(lines, known):
            return {'src/base/a.cc': 'int one() {\n' + '  f();\n' * (lines - 2) + '}\n',
                    'tools/tidy_ratchet.json': json.dumps({'src/base/a.cc#one': known}),
                    'docs/tools.md': '# T\n\ntidy_ratchet.json\n'}
        self.assertEqual(self.findings_of(tree(80, 80)), [])
        self.assert_one(tree(81, 80), 'grew from 80 to 81')
        self.assert_one(tree(79, 80), 'shrank from 80 to 79')
        self.assert_one(tree(60, 80), 'within its limit')

    def test_orphans_are_found(self):
        self.assert_one({'src/base/b.cc': '\n'}, 'src/base/b.cc:1: orphan')
        self.assert_one({'tools/lost.sh': 'true\n'}, 'tools/lost.sh:1: orphan')

    def test_a_file_named_by_a_loop_is_no_orphan(self):
        loop = 'foreach(name b c)\n  add_executable(${name} ${name}_test.cc)\nendforeach()\n'
        self.assertEqual(self.findings_of({'src/base/CMakeLists.txt': BASE + loop,
                                           'src/base/b_test.cc': '\n', 'src/base/c_test.cc': '\n'}), [])

    def test_an_internal_header_that_is_included_is_no_orphan(self):
        self.assertEqual(self.findings_of({'src/base/b_internal.h': '#pragma once\n',
                                           'src/base/a.cc': '#include "base/b_internal.h"\n'}), [])

    def test_a_name_that_says_nothing_is_found(self):
        self.assert_one({'src/base/CMakeLists.txt': BASE.replace('a.cc', 'a.cc string_utils.cc'),
                         'src/base/string_utils.cc': '\n'}, '"utils" says nothing')

    def test_a_name_of_a_neighbour_is_found(self):
        table = {'src/table/CMakeLists.txt': TABLE.replace('t.cc', 't.cc u.cc'),
                 'src/table/t.cc': 'namespace {\nconstexpr int kRows = 3;\n'
                                   'template <int n>\nbool is_odd(int x) {\n  return x % n == 1;\n}\n}\n'}
        self.assert_one({**table, 'src/table/u.cc': 'bool b() {\n  return is_odd<2>(3) || is_odd(4);\n}\n'},
                        'src/table/u.cc:2: borrowed', '`is_odd`', 'src/table/t.cc')
        self.assert_one({**table, 'src/table/u.cc': 'int c() { return kRows; }\n'}, 'src/table/u.cc:1: borrowed')
        for own in ['namespace {\nbool is_odd(long x) { return x == 1; }\n}\nbool b() { return is_odd(4); }\n',
                    'bool b() {\n  const auto is_odd = [](int x) { return x; };\n  return is_odd(4);\n}\n',
                    'bool b(const X& x) { return x.is_odd(); }\n', 'bool b(bool is_odd) { return is_odd; }\n']:
            self.assertEqual(self.findings_of({**table, 'src/table/u.cc': own}), [], own)
        self.assertEqual(self.findings_of({
            **table, 'src/table/t.h': '#pragma once\nbool is_odd(long x);\n',
            'src/table/u.cc': '#include "table/t.h"\n\nbool b() { return is_odd(4); }\n'}), [])

    def test_a_blob_is_found(self):
        self.assert_one({'docs/data.bin': 'x' * (tidy.BLOB_BYTES_MAX + 1)}, 'blob')

    def test_markdown_has_one_title_and_live_links(self):
        self.assert_one({'docs/x.md': 'Text.\n'}, 'title')
        self.assert_one({'docs/x.md': '# A\n\n# B\n'}, 'title')
        self.assertEqual(self.findings_of({'docs/x.md': '# A\n\n```\n# no title\n```\n'}), [])
        self.assert_one({'docs/x.md': '# A\n\n[x](gone.md)\n'}, 'docs/x.md:3: link', 'docs/gone.md')
        self.assertEqual(self.findings_of({'docs/x.md': '# A\n\n[x](architecture.md#base)\n'}), [])

    def test_a_module_must_be_in_the_architecture(self):
        self.assert_one({'docs/architecture.md': '# Architecture\n\n`base`\n'}, 'src/table')

    def test_the_architecture_draws_every_arrow(self):
        table = '# Architecture\n\n| `base` | - | a |\n| `table` | {} | b |\n'
        self.assertEqual(self.findings_of({'docs/architecture.md': table.format('`base`')}), [])
        self.assert_one({'docs/architecture.md': table.format('`storage`')}, ':4: architecture: table depends on base')

    def test_an_exception_needs_a_reason_and_a_use(self):
        allowed = {'docs/tools.md': '# T\n\ntidy_allowed.txt\n', 'src/base/a.cc': 'double x;\n'}
        self.assertEqual(self.findings_of(
            {**allowed, 'tools/tidy_allowed.txt': 'float src/base/a.cc Bits.\n'}), [])
        self.assertEqual(len(self.findings_of(
            {**allowed, 'tools/tidy_allowed.txt': 'float src/base/a.cc\n'})), 2)
        self.assert_one({**allowed, 'tools/tidy_allowed.txt':
                         'float src/base/a.cc Bits.\nthrow src/base/a.cc Never.\n'}, 'remove the line')

    def test_shrink_lowers_and_never_adds(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, 'tools').mkdir()
            Path(folder, 'src').mkdir()
            ratchet = Path(folder, 'tools/tidy_ratchet.json')
            ratchet.write_text(json.dumps({'src/a.cc#one': 90, 'src/a.cc#gone': 99}))
            function = '{}() {{\n' + '  f();\n' * 73 + '}}\n'
            Path(folder, 'src/a.cc').write_text(function.format('int one') + function.format('int two'))
            tidy.shrink(tidy.Tree.load(folder))
            self.assertEqual(json.loads(ratchet.read_text()), {'src/a.cc#one': 75})


class CppText(unittest.TestCase):
    def names(self, text):
        return [(name, count) for name, _, count in cpp_text.functions(cpp_text.split_comments(text)[0])]

    def test_literals_and_comments_do_not_count_as_code(self):
        code, comments = cpp_text.split_comments('a("//{", R"x({"})x", \'"\', 1\'000); // b /* c\n/* d\n*/ e')
        self.assertEqual(code.split(), ['a(', ',', ',', ',', "1'000);", 'e'])
        self.assertEqual(comments.split(), ['//', 'b', '/*', 'c', '/*', 'd', '*/'])

    def test_functions_are_found_wherever_they_stand(self):
        self.assertEqual(
            self.names('namespace a {\nclass B : public C {\n public:\n  int f() const { return 1; }\n};\n'
                       'B::B(int x)\n    : x_{x}, y_(2) {\n  if (x) {\n  }\n}\n}\n'),
            [('f', 1), ('B::B', 5)])

    def test_tests_carry_their_names(self):
        self.assertEqual(self.names('TEST(Sum, AddsUp) {\n  a();\n}\n'), [('TEST(Sum, AddsUp)', 3)])

    def test_data_is_not_a_function(self):
        self.assertEqual(self.names('const int a[] = {f(1), 2};\nstruct S {\n  int b;\n};\nenum class E { kA };\n'), [])


if __name__ == '__main__':
    unittest.main()
