"""The comments of a file of any kind that may speak to seedlint, each with the lines that it is about."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seedlint.lines import decoded
from seedlint.notebooks import LINE_END, CodeCell, NoNotebook, read_notebook_file

_SPEAKING = re.compile(r"seedlint|noqa", re.IGNORECASE)
_OPENERS = {"#": re.compile(r"(?:^|(?<=\s))#"), "//": re.compile(r"(?:^|(?<=[\s,\[\]{}]))//")}
_SLASHED = (".json", ".json5", ".jsonnet", ".libsonnet")


@dataclass(frozen=True)
class Comment:
    """A comment where it stands, and the lines that it speaks of, `first` to `last`; lines of `cell` in a notebook."""

    text: str
    line: int
    column: int
    first: int
    last: int
    cell: int | None = None


def read_comments(path: str, data: bytes) -> list[Comment]:
    """The comments of a file in which seedlint or a linter is named; none in what cannot be read."""
    from seedlint.code.kinds import kind_of

    if path.endswith(".ipynb"):
        return list(_notebook_comments(data))
    if kind_of(path, data).name == "python":
        return python_comments(decoded(data))
    return list(_line_comments(decoded(data), comment_style(path)))


def comment_style(path: str) -> str:
    """What begins a comment in a script or a config."""
    return "//" if path.lower().endswith(_SLASHED) else "#"


def python_comments(text: str) -> list[Comment]:
    """The comments of Python code."""
    import tokenize
    from io import StringIO

    empty = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING)
    comments: list[tuple[str, int, int]] = []
    statements: list[tuple[int, int]] = []
    code: set[int] = set()
    first = 0
    try:
        for token in tokenize.generate_tokens(StringIO(text, newline=None).readline):
            if token.type == tokenize.COMMENT:
                comments.append((token.string, token.start[0], token.start[1] + 1))
            elif token.type == tokenize.NEWLINE:
                statements.append((first, token.start[0]))
                first = 0
            elif token.type not in empty:
                first = first or token.start[0]
                code.update(range(token.start[0], token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass  # What was read before the error still counts; the analysis says that the file cannot be parsed.
    speaking = [comment for comment in comments if _SPEAKING.search(comment[0])]
    lines = sorted(code)
    return [Comment(*comment, *_lines_meant(comment[1], lines, statements)) for comment in speaking]


def _lines_meant(line: int, code: Sequence[int], statements: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The lines that a comment on `line` speaks of; lines of code and statements are in order.

    At the end of a statement's first or last line, the statement; at the end of another line, that line. Alone within a
    statement, the next line of code; alone between statements, the next statement.
    """
    following = bisect_right(statements, (line, code[-1] if code else 0))
    around = statements[following - 1] if following and statements[following - 1][1] >= line else None
    position = bisect_left(code, line)
    if position < len(code) and code[position] == line:
        return around if around is not None and line in around else (line, line)
    if around is not None:
        below = code[position] if position < len(code) else line
        return below, below
    return statements[following] if following < len(statements) else (0, -1)


def _line_comments(text: str, style: str) -> Iterator[Comment]:
    """The comments of a script or a config, where a backslash at most joins lines.

    At the end of a line, a comment speaks of the line with those joined to it; alone, of the next such line of code.
    """
    if not _SPEAKING.search(text):
        return
    lines = LINE_END.split(text)
    code = joined_lines(lines, style)
    opener = _OPENERS[style]
    for number, line in enumerate(lines, start=1):
        start = opener.search(line) if _SPEAKING.search(line) else None
        if start is None:
            continue
        alone = not line[: start.start()].strip()
        index = (bisect_left if alone else bisect_right)(code, (number, len(lines) + 1)) - (not alone)
        first, last = code[index] if 0 <= index < len(code) else (0, -1)
        yield Comment(line[start.start() :], number, start.start() + 1, first, last)


def joined_lines(lines: Sequence[str], style: str) -> list[tuple[int, int]]:
    """First and last line of each line of code with those that backslashes join to it."""
    found: list[tuple[int, int]] = []
    joined = False
    for number, line in enumerate(lines, start=1):
        if joined:
            found[-1] = found[-1][0], number
        elif line.strip() and not line.lstrip().startswith(style):
            found.append((number, number))
        else:
            continue
        joined = line.endswith("\\")
    return found


def _notebook_comments(data: bytes) -> Iterator[Comment]:
    """The comments of the code cells, those behind shell commands too."""
    try:
        notebook = read_notebook_file(data)
    except NoNotebook:
        return
    for cell in notebook.cells:
        if _SPEAKING.search(cell.source):
            for comment in _cell_comments(cell):
                yield replace(comment, cell=cell.index)


def _cell_comments(cell: CodeCell) -> Iterator[Comment]:
    from seedlint.code.readers.notebook import masked_cell

    mask = masked_cell(cell)
    commands: dict[int, int] = {}
    for escape in mask.escapes:
        last = escape.line + escape.text.count("\n")
        if not escape.own_names:
            commands[escape.line] = last
        script = "\n".join(cell.lines[escape.line - 1 : last])
        for comment in _line_comments(script, "#"):
            yield _moved(comment, escape.line - 1)
    for comment in python_comments(mask.text):
        yield replace(comment, last=commands.get(comment.last, comment.last))


def _moved(comment: Comment, lines: int) -> Comment:
    """A comment of a part of a cell as one of the cell; one that speaks of nothing goes on doing so."""
    first, last = (comment.first + lines, comment.last + lines) if comment.first else (0, -1)
    return replace(comment, line=comment.line + lines, first=first, last=last)
