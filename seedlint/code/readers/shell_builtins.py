"""The commands that the shell itself runs and that bind something: `read`, `let`, `shift`, `eval`, `source`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import other
from seedlint.code.readers.shell_source import joined
from seedlint.code.readers.shell_tokens import Token
from seedlint.code.syntax import Const, Name

if TYPE_CHECKING:
    from seedlint.code.readers.shell_script import Script, Span

_READ_FLAGS_WITH_VALUE = frozenset({"-d", "-n", "-N", "-p", "-t", "-u", "-i"})


def read_names(tokens: Sequence[Token]) -> list[Name]:
    """The names that a `read` binds."""
    names: list[Name] = []
    skip = False
    for token in tokens[1:]:
        text = token.text
        if skip:
            skip = False
        elif text.startswith("-"):
            skip = text in _READ_FLAGS_WITH_VALUE
        elif text.isidentifier():
            names.append(Name(text, token.words.start(token.node)[0]))
    return names or [Name("REPLY", tokens[0].words.start(tokens[0].node)[0])]


def _read(script: Script, tokens: Sequence[Token], span: Span) -> bool:
    """`read x` binds what somebody types or a pipe gives."""
    names = read_names(tokens)
    lines = script.lines
    for name in names:
        value = lines if lines is not None and len(names) == 1 else other([] if lines is None else [lines], name.line)
        script.bind(name, value, span[0])
        script.variables.forget(name.id)
    return True


def _mapfile(script: Script, tokens: Sequence[Token], span: Span) -> bool:
    """`mapfile -t seeds < file` binds the lines."""
    name = tokens[-1].text if len(tokens) > 1 and tokens[-1].text.isidentifier() else "MAPFILE"
    lines = script.lines
    script.bind(Name(name, span[0][0]), other((), span[0][0]) if lines is None else lines, span[0])
    script.variables.forget(name)
    return True


def _let(script: Script, tokens: Sequence[Token], span: Span) -> bool:
    """`let i++`, `let "x = x + 1"`."""
    for token in tokens[1:]:
        inner = token.source()
        script.inside(joined([inner.beside(b"(("), inner, inner.beside(b"))")]))
    return True


def _shift(script: Script, tokens: Sequence[Token], span: Span) -> bool:
    """`shift` moves the positional parameters, as far as that is sure."""
    if not script.loops and not script.guards:
        count = tokens[1].expr.value if len(tokens) > 1 and type(tokens[1].expr) is Const else 1
        script.shifted += count if isinstance(count, int) and 0 < count < 100 else 0
    return True


def _eval(script: Script, tokens: Sequence[Token], span: Span) -> bool:
    """`eval` runs the text that its words make."""
    if len(tokens) > 1:
        gap = tokens[0].words.source.part(0, 0)
        parts = [part for token in tokens[1:] for part in (token.source(), gap.beside(b" "))]
        if parts[0].text.startswith(b"$("):
            return False  # what it runs is not known before
        spliced = any(token.words is not tokens[0].words for token in tokens)
        script.inside(joined(parts), span=span if spliced else script.site)
    return True


def _source(script: Script, tokens: Sequence[Token], span: Span) -> bool:
    """`source x.sh` takes over what another script binds."""
    if len(tokens) > 1:
        script.stars.append(tokens[1].text)
    return False


BUILTINS: dict[str, Callable[[Script, Sequence[Token], Span], bool]] = {
    "read": _read,
    "mapfile": _mapfile,
    "readarray": _mapfile,
    "let": _let,
    "shift": _shift,
    "eval": _eval,
    "source": _source,
    ".": _source,
}
"""What each does; whether that is all there is to record."""
