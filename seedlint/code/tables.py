"""Looks up what tables hold, in files and in code alike, and counts the values that an expression lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from seedlint.code.syntax import Call, Comp, Const, Expr, Group, Name, Op, Other, Table, tail

Resolve: TypeAlias = Callable[[Expr], Expr]
"""Gives what a name is bound to; every other expression, and a name that is not known, as it is."""


class Counted(NamedTuple):
    """How many values there are (None: only a run can tell), whether they are numbers, and whether these count up by one."""

    values: int | None
    numbers: bool = False
    counting: bool = False


ONE = Counted(1)
"""One value."""

DISTRIBUTED = Counted(None, True)
"""A range or a distribution."""

NUMBERS = re.compile(r"(\w+\()*[-+.\d]")
"""How a text begins that lists numbers: `1,2`, `range(5)`, `tag(log, interval(…))` aside."""

MAX_BITS = 128
"""Larger numbers are no settings, and Python refuses to write very large ones."""

MAX_LISTS = 4
"""Lists of lists are not followed further."""

RANGES = frozenset({"range", "arange"})
LISTS = frozenset({"list", "tuple", "sorted", "set", "array"})
"""Calls that count up, and calls that list what they are given."""


def as_is(expr: Expr) -> Expr:
    """Resolves nothing: a file's own values are all there."""
    return expr


def as_table(expr: Expr) -> Expr:
    """`dict(lr=0.1, seed=dict(values=[1, 2]))` as the table that it makes; every other expression as it is."""
    match expr:
        case Call(func=Name(id="dict"), args=(), keywords=keywords) if keywords:
            named = [(key, value) for key, value in keywords if key is not None]
            return Table(tuple((_key_before(key, value, expr), as_table(value)) for key, value in named), expr.line)
        case Table(pairs=pairs) if any(type(value) is Call for _, value in pairs):
            return Table(tuple((key, as_table(value)) for key, value in pairs), expr.line)
    return expr


def _key_before(key: str, value: Expr, call: Call) -> Const:
    """A keyword as a key, on the line of its value."""
    column = value.column if isinstance(value, (Const, Call, Group)) else call.column
    line = value.line
    start = max(1, column - len(key) - 1)
    return Const(key, line, start, line, start + len(key))


def lists(expr: Expr) -> bool:
    """Whether an expression is a list of values, or makes one."""
    return isinstance(expr, (Group, Comp)) or (type(expr) is Call and tail(expr.func) in RANGES | LISTS)


def written(value: object) -> str:
    """A constant as text; empty for a number too large to be a setting."""
    return "" if isinstance(value, int) and value.bit_length() > MAX_BITS else str(value)


def entries_of(table: Expr) -> dict[str, tuple[Const, Expr]]:
    """The entries of a table whose keys are constants."""
    if type(table) is not Table:
        return {}
    return {written(key.value): (key, value) for key, value in table.pairs if type(key) is Const}


def find(table: Expr, path: str) -> Expr | None:
    """The value at a dotted path of a table, whether its keys are nested or written with dots."""
    node: Expr = table
    for part in path.split("."):
        entry = _entry(node, part)
        if entry is None:
            return _entry(table, path) if "." in path else None
        node = entry
    return node


def _entry(table: Expr, name: str) -> Expr | None:
    if type(table) is not Table:
        return None
    return next((value for key, value in table.pairs if type(key) is Const and key.value == name), None)


def meets(table: Expr, condition: str) -> bool:
    """Whether a table has a key, and where the condition names a pattern, its value fits."""
    path, _, pattern = condition.partition("=")
    value = find(table, path)
    if not pattern:
        return value is not None
    return type(value) is Const and bool(re.fullmatch(pattern, written(value.value), re.I))


def count(
    values: Expr, resolve: Resolve, notation: Callable[[str], int | None] | None = None, depth: int = 0
) -> Counted:
    """How many values an expression lists, and of what kind. `depth` counts the lists that are made of lists: a name may be
    bound to one that it is in itself."""
    if depth > MAX_LISTS:
        return DISTRIBUTED
    values = resolve(values)
    match values:
        case Const(value=str() as text) if notation is not None:
            parts = text.split(",")
            return Counted(
                notation(text), NUMBERS.match(text) is not None, text.startswith("range(") or _counts_up(parts)
            )
        case Const():
            return Counted(1, _is_number(values))
        case Group(items=(Name() as starred,)) if type(resolve(starred)) is Group:
            return count(starred, resolve, None, depth + 1)
        case Group(items=items) if not any(type(item) is Other for item in items):
            written = [item.value for item in items if type(item) is Const]
            return Counted(len(items), all(map(_is_number, items)), len(written) == len(items) and _counts_up(written))
        case Call(func=func, args=args) if tail(func) in RANGES:
            return Counted(_range_length(args), True, True)
        case Call(func=func, args=(inner,)) if tail(func) in LISTS:
            return count(inner, resolve, None, depth + 1)
        case Comp(element=element):
            return Counted(None, type(element) is not Const or _is_number(element))
    return DISTRIBUTED


def _is_number(expr: Expr) -> bool:
    if type(expr) is Const:
        return isinstance(expr.value, (int, float)) and not isinstance(expr.value, bool)
    return type(expr) is Op or type(expr) is Name


def _counts_up(values: Sequence[object]) -> bool:
    """Whether values are whole numbers of which each is one more than the last."""
    texts = [written(value).strip() for value in values]
    if not all(text.isdecimal() and len(text) < MAX_BITS for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return all(later == number + 1 for number, later in pairwise(numbers))


def _range_length(args: tuple[Expr, ...]) -> int | None:
    match [arg.value if type(arg) is Const else None for arg in args]:
        case [int() as stop]:
            return max(0, stop)
        case [int() as start, int() as stop]:
            return max(0, stop - start)
        case [int() as start, int() as stop, int() as step] if step:
            return max(0, -((start - stop) // step))
    return None


def only(values: Expr) -> Expr | None:
    """The one value of a list that has one."""
    if type(values) is Group:
        return values.items[0] if len(values.items) == 1 else None
    return values
