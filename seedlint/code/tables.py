"""Looks up what tables hold, in files and in code alike, and counts the values that an expression lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from seedlint.code.syntax import Call, Comp, Const, Expr, Group, Name, Op, Other, Table, tail

Resolve: TypeAlias = Callable[[Expr], Expr]
"""Gives what a name is bound to; every other expression, and a name that is not known, as it is."""

Counted: TypeAlias = tuple[int | None, bool]
"""How many values there are (None: only a run can tell), and whether they are numbers."""


RANGES = frozenset({"range", "arange"})
LISTS = frozenset({"list", "tuple", "sorted", "set", "array"})
"""Calls that count up, and calls that list what they are given."""


def as_is(expr: Expr) -> Expr:
    """Resolves nothing: a file's own values are all there."""
    return expr


def as_table(expr: Expr) -> Expr:
    """`dict(lr=0.1, seed=dict(values=[1, 2]))` as the table that it makes; every other expression as it is."""
    match expr:
        case Call(func=Name(id="dict"), args=(), keywords=keywords):
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


def entries_of(table: Expr) -> dict[str, tuple[Const, Expr]]:
    """The entries of a table whose keys are constants."""
    if type(table) is not Table:
        return {}
    return {str(key.value): (key, value) for key, value in table.pairs if type(key) is Const}


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
    return type(value) is Const and bool(re.fullmatch(pattern, str(value.value), re.I))


def count(values: Expr, resolve: Resolve, notation: Callable[[str], int | None] | None = None) -> Counted:
    """How many values an expression lists, and whether they are numbers."""
    values = resolve(values)
    match values:
        case Const(value=str() as text) if notation is not None:
            return notation(text), not re.search(r"[a-zA-Z]{2}", re.sub(r"[a-z]+\(", "", text))
        case Const(value=value):
            return 1, isinstance(value, (int, float)) and not isinstance(value, bool)
        case Group(items=(Name() as starred,)) if type(resolve(starred)) is Group:
            return count(starred, resolve)
        case Group(items=items) if not any(type(item) is Other for item in items):
            return len(items), all(_is_number(item) for item in items)
        case Call(func=func, args=args) if tail(func) in RANGES:
            return _range_length(args), True
        case Call(func=func, args=(inner,)) if tail(func) in LISTS:
            return count(inner, resolve)
        case Comp(element=element):
            return None, type(element) is not Const or _is_number(element)
    return None, True


def _is_number(expr: Expr) -> bool:
    if type(expr) is Const:
        return isinstance(expr.value, (int, float)) and not isinstance(expr.value, bool)
    return type(expr) is Op or type(expr) is Name


def _range_length(args: tuple[Expr, ...]) -> int | None:
    bounds = [arg.value for arg in args if type(arg) is Const and isinstance(arg.value, int)]
    return len(range(*bounds)) if len(bounds) == len(args) and 0 < len(args) < 4 and bounds[2:] != [0] else None


def only(values: Expr) -> Expr | None:
    """The one value of a list that has one."""
    if type(values) is Group:
        return values.items[0] if len(values.items) == 1 else None
    return values
