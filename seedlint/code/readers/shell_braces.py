"""Braces of the shell as groups of words: `{1..5}`, `{1,2,3}`, `run_{a,b}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import counted, glued, literal, numbers, other, spread
from seedlint.code.readers.shell_source import Place
from seedlint.code.syntax import Const, Expr, Group

if TYPE_CHECKING:
    from tree_sitter import Node

    from seedlint.code.readers.shell_words import Words

_BRACES = re.compile(r"(?P<before>[^{}$]*)\{(?P<inside>[^{}$\s]*)\}(?P<after>[^{}$]*)")
_SPAN = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})(?:\.\.(-?\d{1,9}))?")


def brace_expression(words: Words, node: Node) -> Expr:
    """`{1..5}` where the grammar knows it."""
    values = [words.word(child) for child in node.named_children]
    if len(values) < 2:
        return other(values, words.start(node)[0])
    match values[:2]:
        case [Const(value=int() as low), Const(value=int() as high)]:
            return numbers(spread(low, high, 1 if high >= low else -1), *words.span(node))
    return counted(values[0], values[1], None, *words.span(node))


def spread_braces(words: Words, node: Node) -> Expr | None:
    """`{1,2,3}` and `{1..9..2}`, alone or behind a prefix, which the grammar takes for plain text."""
    if node.type not in ("concatenation", "word") or b"{" not in words.source.text[node.start_byte : node.end_byte]:
        return None
    start, end = words.span(node)
    match = _BRACES.fullmatch(words.text(node))
    if not match or match["after"]:
        return None
    span = _SPAN.fullmatch(match["inside"])
    opening = start[0], start[1] + len(match["before"].encode())
    if span:
        low, high, step = int(span[1]), int(span[2]), abs(int(span[3] or 1)) or 1
        stride = step if high >= low else -step
        group: Expr = numbers(spread(low, high, stride), opening, end)
    elif "," in match["inside"]:
        group = _alternatives(match["inside"], opening)
    else:
        return None
    if not match["before"]:
        return group
    before = Const(match["before"], start[0], start[1] + 1, opening[0], opening[1] + 1)
    return glued((before, group), start[0])


def _alternatives(inside: str, opening: Place) -> Group:
    found = []
    column = opening[1] + 1
    for text in inside.split(","):
        width = len(text.encode())
        found.append(literal(text, (opening[0], column), (opening[0], column + width)))
        column += width + 1
    return Group(tuple(found), opening[0], opening[1] + 1)
