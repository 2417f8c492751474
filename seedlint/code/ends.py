"""The ends of a trace: what stands at the origin of a seed, and how it is worded."""

from __future__ import annotations

from dataclasses import replace

from seedlint.code.calls import text_of
from seedlint.code.facts import Loop
from seedlint.code.origins import Kind, Origin, RunLoop, Trail
from seedlint.code.project import Caller, Ref
from seedlint.code.syntax import Const, Expr, Group, Op
from seedlint.uses import Place


def constant(ref: Ref, const: Const, trail: Trail) -> list[Origin]:
    """A constant: a seed, or one that seeds nothing."""
    place = Place(ref.path, const.line, const.column, const.end_line, const.end_column)
    if const.value is None or (isinstance(const.value, str) and not const.value.lstrip("-").isdigit()):
        return [trail.origin(Kind.NONE, place, None, "no seed")]
    if isinstance(const.value, bool) or not trail.allows(const.value) or _switched_off(const.value):
        return [trail.origin(Kind.NONE, place, const.value, f"{const.value}, which seeds nothing")]
    kind = Kind.DEFAULT if trail.replaceable else Kind.LITERAL
    return [trail.origin(kind, place, const.value, f"seed {const.value}")]


def unknown(ref: Ref, expr: Expr, trail: Trail) -> list[Origin]:
    """A value that these files do not show."""
    return [trail.origin(Kind.UNKNOWN, Place(ref.path, getattr(expr, "line", 1)), None, text_of(expr))]


def fresh(ref: Ref, line: int, trail: Trail, kind: Kind = Kind.FRESH) -> list[Origin]:
    """A value that no constant stands for: another in every run, or as `kind` says."""
    return [trail.origin(kind, Place(ref.path, line), None, kind.value)]


def several(ref: Ref, group: Group, trail: Trail) -> list[Origin]:
    """A list of several seeds, whose value is how many: whichever it is, none is fixed."""
    return [trail.origin(Kind.SEARCHED, Place(ref.path, group.line, group.column), len(group.items), "several seeds")]


def looped(ref: Ref, loop: Loop, trail: Trail, subject: str) -> list[Origin]:
    """A value that a loop changes in every turn."""
    run = RunLoop(ref, loop.line, loop.end_line, loop.column, loop)
    return [trail.origin(Kind.LOOP, Place(ref.path, loop.line, loop.column + 1), None, subject, run)]


def folded(operation: Op, origins: list[Origin]) -> list[Origin]:
    """The origins of `number % 5` or `number / 5`: of the numbers that a loop lists, several give one seed."""
    match operation:
        case Op(operator="Mod" | "FloorDiv" as operator, operands=(_, Const(value=int() as divisor))) if divisor > 1:
            return [_folded(origin, operator, divisor) for origin in origins]
    return origins


def _folded(origin: Origin, operator: str, divisor: int) -> Origin:
    run = origin.loop
    listed = run.loop.iterable if run is not None and run.loop is not None else None
    if run is None or run.loop is None or type(listed) is not Group:
        return origin
    seeds: dict[int, Expr] = {}
    for item in listed.items:
        if type(item) is not Const or not isinstance(item.value, int):
            return origin
        number = item.value % divisor if operator == "Mod" else item.value // divisor
        seeds.setdefault(number, Const(number, item.line, item.column, item.end_line, item.end_column))
    loop = run.loop._replace(iterable=Group(tuple(seeds.values()), listed.line, listed.column))
    return replace(origin, loop=replace(run, loop=loop))


def mapped_over(caller: Caller, trail: Trail) -> list[Origin]:
    """A value that a call gives to a function which it maps over many."""
    call = caller.site.call
    run = RunLoop(caller.ref, call.line, call.end_line, call.column - 1, None, caller.site)
    place = Place(caller.ref.path, call.line, call.column)
    return [trail.into(caller.ref).origin(Kind.LOOP, place, None, "values mapped over", run)]


def named_defaults(origins: list[Origin], subject: str) -> list[Origin]:
    """Origins of a default, with those that something outside can replace called by what they are the default of."""
    return [
        replace(origin, subject=f"{subject} (default {origin.value})") if origin.kind is Kind.DEFAULT else origin
        for origin in origins
    ]


def shorten(expr: Expr) -> str:
    """The text of an expression as the notes of a trail quote it."""
    text = text_of(expr)
    return text if len(text) <= 40 else text[:37] + "…"


def _switched_off(value: object) -> bool:
    """Whether a seed is negative, also as the text of an environment variable."""
    return value.startswith("-") if isinstance(value, str) else isinstance(value, (int, float)) and value < 0
