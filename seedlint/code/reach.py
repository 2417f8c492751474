"""Positions in scopes: which bindings of a name reach one, what is left to earlier ones, and how far a trace goes."""

from __future__ import annotations

from dataclasses import replace

from seedlint.code.facts import Assign, Guard
from seedlint.code.origins import Condition, Trail, holds
from seedlint.code.syntax import Expr, Name


class At:
    """A position in a scope: what is bound after `line`, outside the loops, does not reach it; nor what is bound on that
    line, but for what stands left of `column`, from 0."""

    __slots__ = ("column", "guards", "line", "loops")

    def __init__(self, line: int, loops: tuple[int, ...] = (), guards: tuple[Guard, ...] = (), column: int = 0) -> None:
        self.line, self.loops, self.guards, self.column = line, loops, guards, column

    def inside(self, loops: tuple[int, ...] = (), guards: tuple[Guard, ...] = ()) -> At:
        """The position inside more loops, under more guards."""
        return At(self.line, (*self.loops, *loops), (*self.guards, *guards), self.column)


END = 1 << 30
"""The line after all others, where a scope has bound all that it binds."""

MAX_STEPS = 14
"""Scopes that a trace passes at most: longer ways were never seen to be one seed's."""


def is_too_long(trail: Trail) -> bool:
    """Whether a trace has passed so many scopes that it is given up."""
    return len(trail.frames) > MAX_STEPS


def is_name(expr: Expr, name: str) -> bool:
    """Whether an expression is that plain name."""
    return type(expr) is Name and expr.id == name


def reaching(bindings: list[Assign], at: At) -> tuple[list[Assign], bool]:
    """The bindings that may reach a position, latest first, and whether the name's value from before may too."""
    earlier = [item for item in bindings if _before(item, at) or set(item.loops) & set(at.loops)]
    if not earlier:
        earlier = bindings if at.line == END else []
    found: list[Assign] = []
    for assign in sorted(earlier, key=lambda item: (item.line <= at.line, item.line, item.column), reverse=True):
        found.append(assign)
        plain = set(assign.guards) <= set(at.guards) and set(assign.loops) <= set(at.loops)
        if plain and not assign.augmented and assign.line <= at.line:
            turned = set(at.loops) - set(assign.loops)
            return [*_counted_later(earlier, at, turned), *found], False
    return found, True


def _before(assign: Assign, at: At) -> bool:
    return assign.line < at.line or (assign.line == at.line and assign.column < at.column)


def _counted_later(bindings: list[Assign], at: At, loops: set[int]) -> list[Assign]:
    """What counts a name up further down in loops that go on round a position: `train(i)`, then `i += 1`."""
    return [item for item in bindings if item.augmented and item.line > at.line and loops & set(item.loops)]


def otherwise(trail: Trail, guards: tuple[Guard, ...], subject: str) -> Trail:
    """What remains for earlier bindings: those that a guarded rebinding would have replaced are gone."""
    found = [
        Condition(Guard(guard.test, not guard.holds), subject)
        for guard in guards
        if _names_subject(guard.test, subject)
    ]
    return replace(trail, conditions=(*trail.conditions, *found[:1])) if len(found) == 1 else trail


def _names_subject(test: Expr, subject: str) -> bool:
    return holds(test, subject, 0) is not None or holds(test, subject, None) is not None
