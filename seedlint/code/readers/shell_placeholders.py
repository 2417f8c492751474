"""The placeholders of `xargs` and `parallel` in words: `{}`, `{1}`, or whatever `-I` names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from seedlint.code.readers.lowering import literal
from seedlint.code.syntax import Const, Expr, Name, Text


def with_placeholders(expr: Expr, places: Mapping[str, str]) -> Expr:
    """A word in which placeholders are the names that they stand for."""
    pattern = re.compile("|".join(re.escape(place) for place in sorted(places, key=len, reverse=True)))
    match expr:
        case Const(value=str()):
            parts = _parts(expr, pattern, places)
            return parts[0] if len(parts) == 1 else Text(tuple(parts), expr.line)
        case Text():
            found: list[Expr] = []
            for part in expr.parts:
                found += _parts(part, pattern, places) if type(part) is Const else [part]
            return Text(tuple(found), expr.line)
    return expr


def _parts(text: Const, pattern: re.Pattern[str], places: Mapping[str, str]) -> list[Expr]:
    value = str(text.value)
    if not pattern.search(value):
        return [text]
    found: list[Expr] = []
    position = 0
    for match in pattern.finditer(value):
        if match.start() > position:
            found.append(_stretch(text, value, position, match.start()))
        found.append(Name(places[match.group()], text.line))
        position = match.end()
    if position < len(value):
        found.append(_stretch(text, value, position, len(value)))
    return found


def _stretch(text: Const, value: str, first: int, last: int) -> Const:
    column = text.column - 1
    return literal(value[first:last], (text.line, column + first), (text.line, column + last))
