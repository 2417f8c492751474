"""The expressions of the facts: a small, serialisable picture of the Python expressions that a seed can travel through.

No node is ever changed once made. They are not frozen and compare by identity because they are made by the million.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(eq=False, slots=True)
class Const:
    """A literal. Long strings are kept, since paths and commands in them tell what a script runs."""

    value: int | float | str | bool | None
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(eq=False, slots=True)
class Name:
    """A plain name."""

    id: str
    line: int


@dataclass(eq=False, slots=True)
class Attr:
    """`base.name`; `line` is the line of the name after the dot."""

    base: Expr
    name: str
    line: int


@dataclass(eq=False, slots=True)
class Item:
    """`base[key]`."""

    base: Expr
    key: Expr
    line: int


@dataclass(eq=False, slots=True)
class Call:
    """A call; `keywords` hold a None name for `**mapping`."""

    func: Expr
    args: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def given(self) -> tuple[Expr, ...]:
        """All that is given to the callee: the arguments by place, then those by keyword."""
        return *self.args, *(value for _, value in self.keywords)


@dataclass(eq=False, slots=True)
class Op:
    """An arithmetic, unary, or comparing operation; `operator` is the name of the AST class (Add, Gt, …)."""

    operator: str
    operands: tuple[Expr, ...]
    line: int


@dataclass(eq=False, slots=True)
class Choice:
    """One of several values: `a if test else b`, `a or b`, `a and b`."""

    operator: str
    options: tuple[Expr, ...]
    test: Expr | None
    line: int


@dataclass(eq=False, slots=True)
class Group:
    """A list, tuple or set display."""

    items: tuple[Expr, ...]
    line: int
    column: int


@dataclass(eq=False, slots=True)
class Table:
    """A dict display; the key is None for `**mapping`."""

    pairs: tuple[tuple[Expr | None, Expr], ...]
    line: int


@dataclass(eq=False, slots=True)
class Comp:
    """A comprehension or generator; `loops` index the loops of its scope, outermost first."""

    element: Expr
    loops: tuple[int, ...]
    line: int


@dataclass(eq=False, slots=True)
class Lambda:
    """An anonymous function, its calls recorded in the scope around it."""

    params: tuple[str, ...]
    body: Expr
    line: int


@dataclass(eq=False, slots=True)
class Text:
    """An f-string: its constant and formatted parts in order."""

    parts: tuple[Expr, ...]
    line: int


@dataclass(eq=False, slots=True)
class Other:
    """Anything else, with the expressions inside it."""

    children: tuple[Expr, ...]
    line: int


Expr: TypeAlias = Const | Name | Attr | Item | Call | Op | Choice | Group | Table | Comp | Lambda | Text | Other


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside one."""
    kind = type(expr)
    if kind is Const or kind is Name:
        return ()
    match expr:
        case Attr():
            return (expr.base,)
        case Call():
            return expr.func, *expr.given
        case Item():
            return (expr.base, expr.key)
        case Op():
            return expr.operands
        case Choice():
            return expr.options if expr.test is None else (expr.test, *expr.options)
        case Group():
            return expr.items
        case Table():
            return tuple(part for pair in expr.pairs for part in pair if part is not None)
        case Comp():
            return (expr.element,)
        case Lambda():
            return (expr.body,)
        case Text():
            return expr.parts
        case Other():
            return expr.children
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """An expression and everything inside it, outermost first."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def names_in(expr: Expr) -> set[str]:
    """The plain names that an expression reads."""
    return {node.id for node in walk(expr) if type(node) is Name}


def dotted(expr: Expr) -> str | None:
    """`a.b.c` as text; None where the chain does not start at a name."""
    parts: list[str] = []
    while type(expr) is Attr:
        parts.append(expr.name)
        expr = expr.base
    if type(expr) is not Name:
        return None
    parts.append(expr.id)
    return ".".join(reversed(parts))


def access_path(expr: Expr) -> str | None:
    """`a.b["c"]` and `a.b.c` as one text, so that namespaces and dicts are the same to a seed."""
    parts: list[str] = []
    while True:
        match expr:
            case Attr():
                parts.append(expr.name)
                expr = expr.base
            case Item(key=Const(value=str() as key)):
                parts.append(key)
                expr = expr.base
            case Name():
                parts.append(expr.id)
                return ".".join(reversed(parts))
            case _:
                return None


def tail(expr: Expr) -> str:
    """The last name of a callee or chain: `b` of `a.b`, `f` of `f`; empty where there is none."""
    match expr:
        case Name():
            return expr.id
        case Attr():
            return expr.name
        case Item(key=Const(value=str() as key)):
            return key
        case Item():
            return tail(expr.base)
        case Call():
            return tail(expr.func)
    return ""


def argument(call: Call, names: tuple[str, ...], position: int) -> Expr | None:
    """The value given for a parameter, by keyword or by position (-1: keyword only)."""
    for name, value in call.keywords:
        if name in names:
            return value
    if 0 <= position < len(call.args):
        return call.args[position]
    return None


_COMMAND = "$ "


def command(program: str, line: int) -> Name:
    """The callee that stands for a program which a shell command runs; no Python name looks like it."""
    return Name(_COMMAND + program, line)


def command_name(call: Call) -> str | None:
    """The program that a shell command runs, as written (`python`, `./run.sh`); None for every other call."""
    func = call.func
    return func.id[len(_COMMAND) :] if type(func) is Name and func.id.startswith(_COMMAND) else None
