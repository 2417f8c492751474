"""Writes comments into the cells of a notebook, and leaves every other byte of the file as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedlint.edits import LINE_END, LINES, EditError, Layout, Placed, Remark, placed_in, read_layout
from seedlint.notebooks import CodeCell, Literal, NoNotebook, read_notebook_file, source_literals

if TYPE_CHECKING:
    from seedlint.code.readers.notebook_scripts import Escape

_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)
"""What stands for one character in a JSON string; beyond the first plane, a pair of escapes does."""

_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def with_remarks_in_cells(data: bytes, remarks: Mapping[int, Mapping[int, Remark]]) -> bytes:
    """The notebook with each remark at its line of its cell, or above the statement there."""
    try:
        cells = {cell.index: cell for cell in read_notebook_file(data).cells}
        text = data.decode("utf-8")
    except (NoNotebook, UnicodeDecodeError) as error:
        raise EditError(f"{error}, so no comment is written") from error
    if not remarks.keys() <= cells.keys():
        raise EditError("has changed since it was checked, so no comment is written")
    literals = source_literals(text)
    changes = [
        change
        for index, of_cell in remarks.items()
        for change in _changes(text, cells[index], literals.get(cells[index].position, []), of_cell)
    ]
    pieces, seen = [], 0
    for change in sorted(changes, key=lambda change: change.start):
        pieces += [text[seen : change.start], change.text]
        seen = change.end
    return "".join([*pieces, text[seen:]]).encode("utf-8")


@dataclass(frozen=True)
class _Change:
    """Text to put in the place of a part of the file."""

    start: int
    end: int
    text: str


def _changes(
    text: str, cell: CodeCell, literals: Sequence[Literal], remarks: Mapping[int, Remark]
) -> Iterator[_Change]:
    """What is to change in the file for the remarks of one cell."""
    lines = LINES.findall(cell.source)
    written = _lines_of(text, literals)
    if [json.loads(f'"{line.raw}"', strict=False) for line in written] != lines:
        raise EditError(f"the source of its cell {cell.index} is not written line by line, so no comment is written")
    newline = next((end[0] for line in lines if (end := LINE_END.search(line))), "\n")
    placed = _placed(cell, lines, remarks)
    for number, line in placed.lines.items():
        yield _respelt(written[number - 1], lines[number - 1], line)
    for number, comments in placed.above.items():
        yield _inserted(text, written[number - 1], [comment + newline for comment in comments])


def _placed(cell: CodeCell, lines: Sequence[str], remarks: Mapping[int, Remark]) -> Placed:
    """Where the remarks go in a cell; a line that is not Python gets none at its end."""
    from seedlint.code.readers.notebook import masked_cell

    mask = masked_cell(cell)
    layout = read_layout(mask.text.encode("utf-8", "replace"))
    python = dict(enumerate(mask.text.split("\n"), start=1))
    plain = {
        number: comment
        for number, comment in layout.comments.items()
        if number <= len(lines) and LINE_END.sub("", lines[number - 1]) == python.get(number)
    }
    scripts = [start for escape in mask.escapes if escape.own_names for start in _commands(escape)]
    return placed_in(lines, Layout(layout.text, layout.encoding, plain, [*layout.statements, *scripts]), remarks)


def _commands(escape: Escape) -> Iterator[int]:
    """The lines of a cell on which the commands of a script begin."""
    joined = False
    for number, line in enumerate(escape.text.split("\n"), start=escape.line):
        if line.strip() and not joined:
            yield number
        joined = line.endswith("\\")


@dataclass(frozen=True)
class _Line:
    """A line of a cell's source as the file spells it, and where; `opens` is the string that it opens, if it does."""

    raw: str
    start: int
    opens: Literal | None


def _lines_of(text: str, literals: Sequence[Literal]) -> list[_Line]:
    """The lines of a source, each within one string of the file."""
    found = []
    for literal in literals:
        start = literal.start + 1
        for match in re.finditer(r"(?:[^\\]|\\[^nr])*?(?:\\r\\n|\\r|\\n|\Z)", text[start : literal.end - 1], re.DOTALL):
            if match[0]:
                found.append(_Line(match[0], start + match.start(), None if match.start() else literal))
    return found


def _respelt(line: _Line, before: str, after: str) -> _Change:
    """The change of a line that keeps the spelling of what stays."""
    units = _units(line.raw)
    shorter = min(len(before), len(after))
    head = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    tail = next((index for index in range(shorter - head) if before[-1 - index] != after[-1 - index]), shorter - head)
    start = line.start + sum(map(len, units[:head]))
    end = line.start + sum(map(len, units[: len(before) - tail]))
    return _Change(start, end, _spelt(after[head : len(after) - tail], line.raw))


def _units(raw: str) -> list[str]:
    """The spelling of each character."""
    return [
        unit
        for part in re.split(f"({_PAIR.pattern})", raw)
        for unit in ([part] if _PAIR.fullmatch(part) else _UNIT.findall(part))
    ]


def _spelt(text: str, like: str) -> str:
    """The text inside a JSON string, in ASCII where the file keeps to it."""
    return json.dumps(text, ensure_ascii=like.isascii())[1:-1]


def _inserted(text: str, line: _Line, comments: Sequence[str]) -> _Change:
    """The change that puts comments above a line: strings of their own where the line is one in a list."""
    spelt = [_spelt(comment, line.raw) for comment in comments]
    if line.opens is None:
        return _Change(line.start, line.start, "".join(spelt))
    start = line.opens.start
    before = start
    while text[before - 1].isspace():
        before -= 1
    if text[before - 1] == ":":
        return _Change(line.start, line.start, "".join(spelt))
    gap = text[before:start] or " "
    return _Change(start, start, "".join(f'"{comment}",{gap}' for comment in spelt))
