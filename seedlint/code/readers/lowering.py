"""What the readers of scripts share: literals, words and groups of numbers as expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seedlint.code.readers.shell_source import Place
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Name, Op, Other, Text

INTEGER = re.compile(r"[0-9]{1,18}|-[1-9][0-9]{0,17}")
"""A word that is a decimal integer; longer ones are no seeds."""

KEY = re.compile(r"[^\s=]+=(?!=)")
"""What stands before the value in `--seed=42` and `trainer.seed=42`."""

MAX_COUNT = 256
"""More numbers than this are no list of seeds: a longer sequence is a range, a longer list is cut."""


def literal(text: str, start: Place, end: Place) -> Const:
    """A literal word: a number where it is one, else text. Places are those of readers: lines from 1, columns from 0."""
    value: int | str = int(text) if INTEGER.fullmatch(text) else text
    return Const(value, start[0], start[1] + 1, end[0], end[1] + 1)


def numbers(values: range, start: Place, end: Place) -> Expr:
    """Numbers that one word stands for, as `{1..5}` does."""
    place = start[0], start[1] + 1, end[0], end[1] + 1
    if len(values) > MAX_COUNT:
        return call(
            "range", tuple(Const(value, *place) for value in (values.start, values.stop, values.step)), start, end
        )
    return Group(tuple(Const(value, *place) for value in values), start[0], start[1] + 1)


def counted(first: Expr, last: Expr, step: Expr | None, start: Place, end: Place) -> Expr:
    """The numbers from the first to the last, both counted, as `seq` prints them."""
    match first, last, step:
        case Const(value=int() as low), Const(value=int() as high), None | Const(value=int()):
            stride = step.value if isinstance(step, Const) and isinstance(step.value, int) else 1
            return numbers(spread(low, high, stride), start, end)
    beyond = Op("Add", (last, Const(1, start[0], start[1] + 1, end[0], end[1] + 1)), start[0])
    return call("range", (first, beyond) if step is None else (first, beyond, step), start, end)


def spread(low: int, high: int, stride: int) -> range:
    """The numbers from low to high, both counted; none where the stride leads away."""
    return range(low, high + (1 if stride > 0 else -1), stride or 1)


def call(name: str, arguments: tuple[Expr, ...], start: Place, end: Place) -> Call:
    """A call of a plain function, as Python code would write it."""
    return Call(Name(name, start[0]), arguments, (), start[0], start[1] + 1, end[0], end[1] + 1)


def draw(start: Place, end: Place) -> Call:
    """A number that is another one in every run."""
    func = Attr(Name("random", start[0]), "getrandbits", start[0])
    return Call(func, (), (), start[0], start[1] + 1, end[0], end[1] + 1)


def text_of(expr: Expr) -> str | None:
    """The text of a literal word."""
    return str(expr.value) if type(expr) is Const and expr.value is not None else None


def listed(expr: Expr) -> Expr:
    """A quoted list of numbers (`"1 2 3"`) as a group; everything else as it is."""
    if type(expr) is not Const or not isinstance(expr.value, str) or expr.line != expr.end_line:
        return expr
    words = list(re.finditer(r"\S+", expr.value))
    if len(words) < 2 or not all(INTEGER.fullmatch(word.group()) for word in words):
        return expr
    start = expr.column - 1
    items = tuple(
        literal(word.group(), (expr.line, start + word.start()), (expr.line, start + word.end()))
        for word in words[:MAX_COUNT]
    )
    return Group(items, expr.line, expr.column)


def flat(items: Sequence[Expr], line: int, column: int, *, alone: bool = True) -> Expr:
    """The words over which a loop goes: groups among them spread out; a single one itself if it may stand `alone`."""
    if alone and len(items) == 1 and type(items[0]) not in (Const, Text):
        return items[0]
    found: list[Expr] = []
    for item in items:
        found += item.items if type(item) is Group else (item,)
    return Group(tuple(found[:MAX_COUNT]), line, column)


def glued(parts: Sequence[Expr], line: int) -> Expr:
    """Parts of one word or text: a single one itself."""
    return parts[0] if len(parts) == 1 else Text(tuple(parts), line)


def other(inner: Sequence[Expr], line: int) -> Other:
    """What says no more than which values are in it."""
    return Other(tuple(inner), line)
