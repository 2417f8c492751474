"""Shell text inside YAML: where each stretch of it stands in the file, what a runner puts into it, and the facts of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seedlint.code.facts import CONFIG_ROOT, FileFacts
from seedlint.code.readers.lowering import literal
from seedlint.code.readers.notebook_moves import Move
from seedlint.code.readers.notebook_scripts import PYTHON_VALUE
from seedlint.code.readers.references import config_path
from seedlint.code.readers.shell import facts_of
from seedlint.code.readers.shell_script import Script
from seedlint.code.readers.shell_source import Source, joined
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Choice, Const, Expr, Name, Other

_BLOCK = re.compile(r"(?:[!&]\S+\s+)*([|>])[+-]?\d?[+-]?\s*(?:#.*)?$")
_RUNNER = r"'\$\{\{([^{}']*)\}\}'|\$\{\{([^{}]*)\}\}|\{\{([^{}]*)\}\}|\$\{(\w+(?:\.\w+|\[\w+\])+)\}"
_VALUES = re.compile(_RUNNER)
_DVC_VALUES = re.compile(rf"{_RUNNER}|\$\{{(\w+)\}}")
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)*")


def read_embedded(
    facts: FileFacts, texts: Sequence[Const], lines: Sequence[str], loops: tuple[int, ...], *, is_dvc: bool
) -> None:
    """Add the commands of a script to the facts of the file in which its texts stand; `loops` are those around it."""
    values: list[Expr] = []
    pattern = _DVC_VALUES if is_dvc else _VALUES
    pieces = [piece for text in texts for piece in [*_stretches(text, lines), ("\n", text.end_line, 0)]]
    source = joined([part for piece in pieces for part in _parts(*piece, pattern, values)])
    try:
        script = facts_of(Script(facts.path), source)
    except UnreadableSource:
        return  # A runner would stumble over this text too; the rest of the file is still read.
    module, (scope, *functions) = facts.scopes[0], script.scopes
    own = frozenset({CONFIG_ROOT})
    move = Move(own, tuple(values), {}, loops, (), len(module.loops), len(facts.scopes) - 1)
    module.loops += [move.loop(loop) for loop in scope.loops]
    module.calls += [move.call(site) for site in scope.calls]
    module.assigns += [move.assign(assign) for assign in scope.assigns]
    module.children += [move.scopes + child for child in scope.children]
    facts.scopes += [move.function(function, 0) for function in functions]
    facts.stars = (*facts.stars, *script.stars)
    for name, meaning in script.imports.items():
        facts.imports.setdefault(name, meaning)


def _stretches(text: Const, lines: Sequence[str]) -> list[tuple[str, int, int]]:
    """A text line by line, each with its line from 1 and its column from 0."""
    first = lines[text.line - 1][text.column - 1 :]
    block = _BLOCK.match(first)
    if block is not None:
        end = text.end_line if text.end_column > 1 else text.end_line - 1
        return _block(lines, text.line + 1, end, folded=block[1] == ">")
    quoted = first[:1] in ('"', "'")
    if text.end_line > text.line and not quoted:
        return _folded(lines, text)
    return [(str(text.value), text.line, text.column - 1 + quoted)]


def _block(lines: Sequence[str], start: int, end: int, *, folded: bool) -> list[tuple[str, int, int]]:
    rows = [(number, lines[number - 1]) for number in range(start, end + 1)]
    indent = next((len(row) - len(row.lstrip(" ")) for _, row in rows if row.strip()), 0)
    joint = " " if folded else "\n"
    return [(row[indent:] + (joint if row.strip() else "\n"), number, indent) for number, row in rows]


def _folded(lines: Sequence[str], text: Const) -> list[tuple[str, int, int]]:
    """A text without quotes on several lines, which YAML reads as one."""
    found = []
    for number in range(text.line, text.end_line + 1):
        row = lines[number - 1][: text.end_column - 1 if number == text.end_line else None]
        column = text.column - 1 if number == text.line else len(row) - len(row.lstrip())
        found.append((row[column:] + (" " if row.strip() else "\n"), number, column))
    return found


def _parts(text: str, line: int, column: int, pattern: re.Pattern[str], values: list[Expr]) -> list[Source]:
    """A stretch with a shell variable for everything that the runner puts in; `values` grows by what that is."""
    parts: list[Source] = []
    position = 0
    for match in pattern.finditer(text):
        parts.append(Source.of(text[position : match.start()].encode(), line, column + position))
        variable = f"${{{PYTHON_VALUE}{len(values)}}}"
        parts.append(Source(variable.encode(), (0,), ((line, column + match.start()),)))
        values.append(_meaning(match, line, column + match.start()))
        position = match.end()
    return [*parts, Source.of(text[position:].encode(), line, column + position)]


def _meaning(match: re.Match[str], line: int, column: int) -> Expr:
    """What a runner puts in: `matrix.seed`, `inputs.seed || 42`; a value of the file itself in DVC's braces."""
    inner = next(group for group in match.groups() if group is not None)
    if match.lastindex is not None and match.lastindex > 3:
        steps = re.findall(r"[\w-]+", inner)
        return Name(".".join(steps), line) if steps[0] in ("item", "key") else config_path(steps, line)
    options = [_named(option.strip(" \t'\""), line, column) for option in inner.split("||")]
    return options[0] if len(options) == 1 else Choice("Or", tuple(options), None, line)


def _named(text: str, line: int, column: int) -> Expr:
    name = text.strip("-. ").removeprefix("env.")
    if name.isdecimal():
        return literal(name, (line, column), (line, column + len(name)))
    return Name(name, line) if _DOTTED.fullmatch(name) else Other((), line)
