"""What Jsonnet's own functions and operators make of expressions: environment variables, ranges, merged objects."""

from __future__ import annotations

from collections.abc import Collection

from seedlint.code.readers.references import environ
from seedlint.code.syntax import Attr, Call, Choice, Const, Expr, Group, Name, Op, Other, Table

_NUMBERS = {"parseInt": "int", "parseFloat": "float", "toString": "str"}


def called(func: Expr, args: tuple[Expr, ...], line: int) -> Expr:
    """A call: of the standard library what Python would write, anything else unknown with its arguments."""
    match func, args:
        case Attr(base=Name(id="std"), name="extVar"), (name,):
            return environ(name)
        case Attr(base=Name(id="std"), name=name), (value,) if name in _NUMBERS:
            return _python_call(_NUMBERS[name], (value,), line)
        case Attr(base=Name(id="std"), name="range"), (first, last):
            return _python_call("range", (first, _next(last)), line)
    return Other((func, *args), line)


def _python_call(name: str, args: tuple[Expr, ...], line: int) -> Call:
    return Call(Name(name, line), args, (), line, 1, line, 1)


def _next(last: Expr) -> Expr:
    """One more than the last of a range, which Python leaves out."""
    match last:
        case Const(value=int() as value):
            return Const(value + 1, last.line, last.column, last.end_line, last.end_column)
    return Op("Add", (last, Const(1, last.line, 1, last.line, 1)), last.line)


def combined(operator: str, left: Expr, right: Expr, line: int, extending: Collection[int]) -> Expr:
    """`left operator right`; `extending` are the identities of keys written `+:`."""
    match operator, left, right:
        case ("Add", _, Table()) | ("Add", Table(), _):
            return merged(left, right, line, extending)
        case "Add", Group(), Group():
            return Group((*left.items, *right.items), left.line, left.column)
        case (("Or" | "And"), _, _):
            return Choice(operator, (left, right), None, line)
    return Op(operator, (left, right), line)


def merged(left: Expr, right: Expr, line: int, extending: Collection[int]) -> Table:
    """The object of two, of which the right one wins; where one is not known, it stands in it whole."""
    pairs: dict[object, tuple[Expr | None, Expr]] = {}
    for side in (left, right):
        for key, value in side.pairs if type(side) is Table else ((None, side),):
            name = key.value if type(key) is Const else id(value)
            _, before = pairs.pop(name, (None, None))
            if before is not None and id(key) in extending and Table in (type(before), type(value)):
                value = merged(before, value, line, extending)
            pairs[name] = key, value
    return Table(tuple(pairs.values()), line)
