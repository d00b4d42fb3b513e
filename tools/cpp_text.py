"""Reads C++ text as far as tools/tidy.py needs it: without comments and literals, cut into functions."""

import re

_RAW_STRING = re.compile(r'(?:u8|[uUL])?R"([^()\\\s]{0,16})\(')
_QUOTED = {'"': re.compile(r'"(?:[^"\\\n]|\\.)*"'), "'": re.compile(r"'(?:[^'\\\n]|\\.)*'")}
_NOT_A_FUNCTION = re.compile(
    r'^(?:inline\s+|extern\s+"[^"]*"\s*|export\s+)*(?:namespace|class|struct|enum|union|extern)\b')
_NAME_BEFORE_PARENTHESIS = re.compile(r'([~\w:]+|operator\s*[^\s\w(]+|operator\s*\(\))\s*\(')


def blank(text):
    """Keeps line breaks, replaces everything else with blanks."""
    return re.sub(r'[^\n]', ' ', text)


def _token_end(text, at):
    """End of the comment or literal that begins at `at`, and whether it is a comment."""
    if text.startswith('//', at):
        end = text.find('\n', at)
        return (len(text) if end < 0 else end), True
    if text.startswith('/*', at):
        end = text.find('*/', at + 2)
        return (len(text) if end < 0 else end + 2), True
    raw = _RAW_STRING.match(text, at)
    if raw and not (at > 0 and (text[at - 1].isalnum() or text[at - 1] == '_')):
        close = f'){raw.group(1)}"'
        end = text.find(close, raw.end())
        return (len(text) if end < 0 else end + len(close)), False
    if text[at] in _QUOTED:
        # In 1'000'000 the quote separates digits.
        if text[at] == "'" and at > 0 and text[at - 1].isalnum():
            return None, False
        match = _QUOTED[text[at]].match(text, at)
        return (match.end() if match else None), False
    return None, False


def split_comments(text):
    """(code, comments): each as long as `text`, with everything that belongs to the other blanked.
    Literals are blank in both."""
    code, comments, at, copied = [], [], 0, 0
    for candidate in re.finditer(r'//|/\*|R"|"|\'', text):
        at = candidate.start()
        if at < copied:
            continue
        end, is_comment = _token_end(text, at)
        if end is None:
            continue
        code.append(text[copied:at])
        comments.append(blank(text[copied:at]))
        code.append(blank(text[at:end]))
        comments.append(text[at:end] if is_comment else blank(text[at:end]))
        copied = end
    code.append(text[copied:])
    comments.append(blank(text[copied:]))
    return ''.join(code), ''.join(comments)


def functions(code):
    """(name, first line, line count) of each outermost function body in code without comments."""
    code = re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', lambda m: blank(m.group()), code, flags=re.M)
    found = []
    depth = 0
    start = None  # (name, line, depth outside) of the function that is open
    initialisers = set()  # depths whose braces hold the value of a member in `A() : x_{1} {`
    head_from = 0
    for match in re.finditer(r'[{};]', code):
        symbol = match.group()
        if symbol == '{':
            if start is None and match.start() > 0 and not code[match.start() - 1].isspace():
                initialisers.add(depth)
            else:
                start = start or _function_start(code, head_from, match.start(), depth)
                head_from = match.end()
            depth += 1
        elif symbol == '}':
            depth -= 1
            if start is not None and depth == start[2]:
                last = code.count('\n', 0, match.start()) + 1
                found.append((start[0], start[1], last - start[1] + 1))
                start = None
            if depth in initialisers:
                initialisers.remove(depth)
            else:
                head_from = match.end()
        elif start is None and _outside_parentheses(code, head_from, match.start()):
            head_from = match.end()
    return found


def _function_start(code, head_from, head_to, depth):
    """(name, line, depth) when the head before a brace is that of a function, else None."""
    head = re.sub(r'^(?:\s*(?:public|private|protected)\s*:(?!:))+', '', code[head_from:head_to])
    name = _function_name(head.strip())
    if not name:
        return None
    return name, code.count('\n', 0, head_to - len(head.lstrip())) + 1, depth


def _outside_parentheses(code, begin, end):
    return code.count('(', begin, end) == code.count(')', begin, end)


def _function_name(head):
    """The name of the function that `head {` opens, or None when it opens something else."""
    text = re.sub(r'^template\s*<[^{};]*?>\s*(?=[\w\[])', '', head)
    if not text or _NOT_A_FUNCTION.match(text) or '(' not in text:
        return None
    if re.search(r'=\s*$|\breturn\b', text):
        return None
    match = _NAME_BEFORE_PARENTHESIS.search(text)
    if not match:
        return None
    name = match.group(1)
    if name in ('TEST', 'TEST_F', 'TEST_P', 'TYPED_TEST'):
        arguments = re.search(r'\(([^)]*)\)', text[match.start():])
        return f'{name}({arguments.group(1).strip()})' if arguments else name
    return name


def unnamed_names(code):
    """The names of functions, constants and types that unnamed namespaces of a file define."""
    code = re.sub(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', lambda m: blank(m.group()), code, flags=re.M)
    found = set()
    for opened in re.finditer(r'\bnamespace\s*\{', code):
        end = _closing_brace(code, opened.end())
        outermost = _without_bodies(code[opened.end():end])
        for head in re.finditer(r'[^;{}]+(?=[;{])', outermost):
            found.add(_defined_name(' '.join(head.group().split()), outermost[head.end()]))
    return found - {None}


_DEFINED_TYPE = re.compile(r'^(?:template\s*<[^;{}]*>\s*)?(?:class|struct|enum class)\s+(\w+)')
_DEFINED_CONSTANT = re.compile(r'^(?:inline\s+|static\s+)*const(?:expr|init)?\b[^=]*?\b(k[A-Z]\w*)\s*(?:$|=|\[)')


def _defined_name(head, end):
    """What a declaration at namespace level defines, whose text before its `{` or `;` is `head`."""
    defined = _DEFINED_TYPE.match(head) if end == '{' else None
    defined = defined or _DEFINED_CONSTANT.match(head)
    if defined:
        return defined.group(1)
    name = _function_name(head) if end == '{' else None
    return name if name and re.fullmatch(r'\w+', name) else None


def _closing_brace(code, begin):
    """Where the block ends whose text begins at `begin`."""
    depth = 1
    for match in re.finditer(r'[{}]', code[begin:]):
        depth += 1 if match.group() == '{' else -1
        if depth == 0:
            return begin + match.start()
    return len(code)


def _without_bodies(code):
    """Code without what is between braces."""
    out, depth, copied = [], 0, 0
    for match in re.finditer(r'[{}]', code):
        if match.group() == '{':
            if depth == 0:
                out.append(code[copied:match.end()])
                copied = match.end()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                copied = match.start()
    out.append(code[copied:])
    return ''.join(out)
