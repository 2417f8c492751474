"""Moves a script's facts into those of a notebook: its names, its columns, and the numbers of its loops and scopes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace

from seedlint.code.facts import Assign, CallSite, FileFacts, Guard, Loop, Param, Return, Scope
from seedlint.code.readers.notebook_scripts import PYTHON_VALUE, Escape
from seedlint.code.syntax import (
    Attr,
    Call,
    Choice,
    Comp,
    Const,
    Expr,
    Group,
    Item,
    Lambda,
    Name,
    Op,
    Other,
    Table,
    Text,
    command_name,
)

OWN = "$"
"""What stands before the names of a shell's own variables, so that they are not taken for Python's."""


@dataclass(frozen=True)
class Move:
    """How the facts of one script change on their way.

    `own` are the names that get marked as the shell's; `values` the Python values in its text; `moved` the columns that had
    moved, by line; `outer` and `guards` what stands around the whole script; `loops` and `scopes` what its numbers grow by.
    """

    own: frozenset[str]
    values: tuple[Expr, ...]
    moved: Mapping[int, list[tuple[int, int]]]
    outer: tuple[int, ...] = ()
    guards: tuple[Guard, ...] = ()
    loops: int = 0
    scopes: int = 0

    @classmethod
    def into(cls, facts: FileFacts, scope: Scope, site: CallSite, escape: Escape, own: frozenset[str]) -> Move:
        """The move of a script to where its placeholder stands."""
        moved: dict[int, list[tuple[int, int]]] = {}
        for line, column, ahead in escape.moved:
            moved.setdefault(site.call.line + line, []).append((column, ahead))
        return cls(own, site.call.args, moved, site.loops, site.guards, len(scope.loops), len(facts.scopes) - 1)

    def loop(self, loop: Loop) -> Loop:
        """A loop of the script."""
        return loop._replace(
            number=self.loops + loop.number,
            target=None if loop.target is None else self.expr(loop.target),
            iterable=None if loop.iterable is None else self.expr(loop.iterable),
            column=self._column(loop.line, loop.column),
            parents=self._around(loop.parents),
        )

    def call(self, site: CallSite) -> CallSite:
        """A command of the script."""
        return CallSite(self._call(site.call), self._around(site.loops), self._conditions(site.guards))

    def assign(self, assign: Assign) -> Assign:
        """A variable of the script."""
        return assign._replace(
            target=self.expr(assign.target),
            value=self.expr(assign.value),
            column=self._column(assign.line, assign.column),
            loops=self._around(assign.loops),
            guards=self._conditions(assign.guards),
        )

    def function(self, scope: Scope, host: int) -> Scope:
        """A function of the script, whose loops keep their own numbers; `host` is the scope that holds the script."""
        inside = replace(self, outer=(), guards=(), loops=0)
        return replace(
            scope,
            index=self.scopes + scope.index,
            parent=host if scope.parent == 0 else self.scopes + scope.parent,
            name=self._name(scope.name),
            params=tuple(inside._param(param) for param in scope.params),
            assigns=[inside.assign(assign) for assign in scope.assigns],
            calls=[inside.call(site) for site in scope.calls],
            returns=[
                Return(inside.expr(r.value), r.line, r.loops, inside._conditions(r.guards)) for r in scope.returns
            ],
            loops=[inside.loop(loop) for loop in scope.loops],
            children=[self.scopes + child for child in scope.children],
        )

    def expr(self, expr: Expr) -> Expr:
        """An expression of the script."""
        match expr:
            case Name():
                return self._variable(expr)
            case Const():
                start, end = self._column(expr.line, expr.column - 1), self._column(expr.end_line, expr.end_column - 1)
                return Const(expr.value, expr.line, start + 1, expr.end_line, end + 1)
            case Call():
                return self._call(expr)
            case Attr():
                return Attr(self.expr(expr.base), expr.name, expr.line)
            case Item():
                return Item(self.expr(expr.base), self.expr(expr.key), expr.line)
            case Op():
                return Op(expr.operator, self._all(expr.operands), expr.line)
            case Choice():
                test = None if expr.test is None else self.expr(expr.test)
                return Choice(expr.operator, self._all(expr.options), test, expr.line)
            case Group():
                return Group(self._all(expr.items), expr.line, self._column(expr.line, expr.column - 1) + 1)
            case Table():
                pairs = ((None if key is None else self.expr(key), self.expr(value)) for key, value in expr.pairs)
                return Table(tuple(pairs), expr.line)
            case Comp():
                return Comp(self.expr(expr.element), tuple(self.loops + loop for loop in expr.loops), expr.line)
            case Lambda():
                return Lambda(expr.params, self.expr(expr.body), expr.line)
            case Text():
                return Text(self._all(expr.parts), expr.line)
            case Other():
                return Other(self._all(expr.children), expr.line)

    def _all(self, exprs: tuple[Expr, ...]) -> tuple[Expr, ...]:
        return tuple(self.expr(expr) for expr in exprs)

    def _param(self, param: Param) -> Param:
        default = None if param.default is None else self.expr(param.default)
        return param._replace(name=self._name(param.name), default=default)

    def _call(self, call: Call) -> Call:
        """A command, whose environment keeps its names; a call of a function, which is handed the shell's own variables."""
        named = self._name if command_name(call) is None else str
        return Call(
            self.expr(call.func),
            self._all(call.args),
            tuple((name and named(name), self.expr(value)) for name, value in call.keywords),
            call.line,
            self._column(call.line, call.column - 1) + 1,
            call.end_line,
            self._column(call.end_line, call.end_column - 1) + 1,
        )

    def _variable(self, name: Name) -> Expr:
        number = name.id.removeprefix(PYTHON_VALUE)
        if number != name.id and number.isdigit() and int(number) < len(self.values):
            return self.values[int(number)]
        return Name(self._name(name.id), name.line)

    def _name(self, name: str) -> str:
        return OWN + name if name in self.own else name

    def _conditions(self, guards: tuple[Guard, ...]) -> tuple[Guard, ...]:
        return (*self.guards, *(Guard(self.expr(guard.test), guard.holds) for guard in guards))

    def _around(self, loops: tuple[int, ...]) -> tuple[int, ...]:
        return (*self.outer, *(self.loops + loop for loop in loops))

    def _column(self, line: int, column: int) -> int:
        """A column, counted from 0, as it is in the cell."""
        moved = self.moved.get(line, [])
        index = bisect_right(moved, (column, 1 << 30))
        return max(0, column - moved[index - 1][1]) if index else column
