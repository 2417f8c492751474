"""Sees through loops that go over one seed: the author's way of leaving a loop in place and running it once."""

from __future__ import annotations

from dataclasses import replace

from seedlint.code.modules import Ref
from seedlint.code.origins import Kind, Origin, RunLoop
from seedlint.code.project import Project
from seedlint.code.syntax import Call, Const, Expr, Group, Name, Op, tail
from seedlint.uses import Place

MAX_NAMES = 4
"""Names that stand for one another: longer chains were never seen."""


def settled(project: Project, origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """The origins with each loop of a script over one constant seed told as that constant."""
    return tuple(_settled(project, origin) for origin in origins)


def _settled(project: Project, origin: Origin) -> Origin:
    run = origin.loop
    if origin.kind is not Kind.LOOP or run is None or project.files[run.ref.path].is_python:
        return origin
    only = _only_value(project, run)
    if only is None or type(only.value) is not int:
        return origin
    place = Place(run.ref.path, only.line, only.column, only.end_line, only.end_column)
    return replace(origin, kind=Kind.LITERAL, place=place, value=only.value, subject=f"seed {only.value}", loop=None)


def _only_value(project: Project, run: RunLoop) -> Const | None:
    """The one constant that a loop goes over; None where it goes over several or over what nobody shows."""
    iterable = run.loop.iterable if run.loop is not None else None
    values = [] if iterable is None else _values(project, run.ref, iterable)
    return values[0] if len(values) == 1 else None


def _values(project: Project, ref: Ref, expr: Expr, depth: int = 0) -> list[Const]:
    """The constants that an expression stands for; none where not all of them are seen."""
    match expr:
        case Const():
            return [expr] if type(expr.value) is int else []
        case Group(items=(only,)):
            return _values(project, ref, only, depth)
        case Group():
            return [item for item in expr.items if type(item) is Const]
        case Name() if depth < MAX_NAMES:
            bound = project.bindings(ref, expr.id) or project.bindings(Ref(ref.path, 0), expr.id)
            return _values(project, ref, bound[0].value, depth + 1) if len(bound) == 1 else []
        case Call(args=(first, Op(operator="Add", operands=(last, Const(value=1))))) if tail(expr) == "range":
            low, high = _values(project, ref, first, depth), _values(project, ref, last, depth)
            if len(low) == 1 and len(high) == 1 and low[0].value == high[0].value:
                return high
    return []
