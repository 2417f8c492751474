"""Follows a seed from the call that uses it back to its origins, through names, parameters, settings and modules."""

from __future__ import annotations

import re
from dataclasses import replace

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.computed import Computed, is_constant
from seedlint.code.declarations import Declaration, Declarations
from seedlint.code.ends import constant, folded, fresh, looped, named_defaults, several, shorten, unknown
from seedlint.code.facts import SHELL, Assign, Loop, Param, Scope
from seedlint.code.handed import Handed
from seedlint.code.members import Members
from seedlint.code.names import binds
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.parameters import Parameters
from seedlint.code.project import Project, Ref, targets
from seedlint.code.reach import END, At, is_name, is_too_long, otherwise, reaching
from seedlint.code.readers.lowering import listed
from seedlint.code.syntax import (
    Attr,
    Call,
    Choice,
    Comp,
    Const,
    Expr,
    Group,
    Item,
    Name,
    Op,
    Table,
    Text,
    access_path,
    names_in,
    tail,
)
from seedlint.uses import Place

__all__ = ["STEP_LOOPS", "At", "Tracer"]

STEP_LOOPS = re.compile(
    r"epoch|^ep$|step|batch|^it$|^iter|fold|split|layer|token|sample|example|^t$|worker|rank|gpu", re.I
)
"""Targets of loops inside one run."""


class Tracer:
    """Traces expressions to origins. Nothing is remembered between traces but what project and declarations hold."""

    def __init__(self, project: Project, calls: Calls, declarations: Declarations) -> None:
        self.project = project
        self.calls = calls
        self.declarations = declarations
        self.parameters = Parameters(self)
        self.handed = Handed(self)
        self.members = Members(self)
        self.computed = Computed(self)

    def trace(self, ref: Ref, expr: Expr, at: At, trail: Trail) -> list[Origin]:
        """The origins of a value, nearest first, duplicates possible."""
        if is_too_long(trail):
            return []
        trail = trail.into(ref)
        match expr:
            case Const():
                return self._constant(ref, expr, trail)
            case Name():
                return self._name(ref, expr, at, trail)
            case Attr() | Item():
                return self._access(ref, expr, at, trail)
            case Call():
                return self.computed.call(ref, expr, at, trail)
            case Op():
                return folded(expr, self.computed.operation(ref, expr, at, trail))
            case Choice():
                return self.computed.choice(ref, expr, at, trail)
            case Group() if _several(expr):
                return several(ref, expr, trail)
            case Group():
                return [origin for item in expr.items for origin in self.trace(ref, item, at, trail)]
            case Comp():
                return self.trace(ref, expr.element, at.inside(expr.loops), trail)
            case Text():
                return [
                    origin
                    for part in expr.parts
                    if type(part) is not Const
                    for origin in self.trace(ref, part, at, trail)
                ]
        return []

    def _constant(self, ref: Ref, const: Const, trail: Trail) -> list[Origin]:
        """A constant; in a script, a quoted word may list several seeds."""
        listed_seeds = listed(const) if self.project.files[ref.path].language == SHELL else const
        return several(ref, listed_seeds, trail) if type(listed_seeds) is Group else constant(ref, const, trail)

    def _name(self, ref: Ref, name: Name, at: At, trail: Trail) -> list[Origin]:
        trail = trail.under(at.guards, name.id)
        turns = self._loop_target(ref, name.id, at, trail)
        if turns is not None:
            return turns
        scope = self.project.scope(ref)
        bindings = [
            assign for assign in scope.assigns if any(is_name(part, name.id) for part in targets(assign.target))
        ]
        param = next((item for item in scope.params if item.name == name.id), None)
        if bindings or param:
            return self._from_bindings(ref, scope, name.id, bindings, param, at, trail)
        symbol = self.project.symbol(ref, name)
        if symbol is None or symbol.kind != "variable" or symbol.ref == ref:
            return self.handed.of(ref, name, at, trail) or unknown(ref, name, trail)
        if (symbol.ref, name.id) in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {(symbol.ref, name.id)})
        return self.trace(symbol.ref, Name(symbol.name, name.line), At(END), trail)

    def _loop_target(self, ref: Ref, name: str, at: At, trail: Trail) -> list[Origin] | None:
        """A name that a loop around a position binds, which is a run's loop or nothing; None where no loop binds it."""
        scope = self.project.scope(ref)
        for index in reversed(at.loops):
            loop = scope.loops[index]
            if loop.target is None or not any(is_name(part, name) for part in targets(loop.target)):
                continue
            rebound = any(
                index in assign.loops and assign.line <= at.line and is_name(assign.target, name)
                for assign in scope.assigns
            )
            if rebound:
                return None
            if STEP_LOOPS.search(name) and not speaks_of_seed(name):
                return []
            return looped(ref, loop, trail, f"loop over {name}")
        return None

    def _from_bindings(
        self, ref: Ref, scope: Scope, name: str, bindings: list[Assign], param: Param | None, at: At, trail: Trail
    ) -> list[Origin]:
        bindings, open_end = reaching(bindings, at)
        found: list[Origin] = []
        rest = trail
        for assign in bindings:
            key = (ref, assign.line, assign.column, name)
            if key in trail.seen:
                continue
            step = replace(
                rest, seen=rest.seen | {key}, replaceable=rest.replaceable or (param is not None and open_end)
            )
            if assign.augmented:
                found += [origin for origin in self.bound(ref, assign, name, step) if origin.kind is Kind.LOOP]
                counted = self._counted(ref, assign, at, trail)
                if counted:
                    return found + counted
                continue
            found += self.bound(ref, assign, name, step)
            rest = otherwise(rest, assign.guards, name)
        if param is not None and open_end:
            found += self.parameters.trace(ref, scope, param, rest)
        elif open_end:
            found += self.handed.of(ref, Name(name, at.line), at, rest)
        return found

    def bound(self, ref: Ref, assign: Assign, name: str, trail: Trail) -> list[Origin]:
        """The origins of what an assignment binds to a name or to a dotted path."""
        at = At(assign.line, assign.loops, assign.guards, assign.column)
        value = assign.value
        if type(assign.target) is Group and type(value) is Group and len(assign.target.items) == len(value.items):
            for target, item in zip(assign.target.items, value.items, strict=True):
                if tail(target) == name.rpartition(".")[2]:
                    value = item
        note = f"{name} = {shorten(value)}"
        trail = trail.step(ref.path, assign.line, note)
        return self.trace(ref, value, at, trail)

    def _counted(self, ref: Ref, assign: Assign, at: At, trail: Trail) -> list[Origin]:
        """A name that a loop counts up by a constant takes another value in every turn."""
        if not assign.loops or not is_constant(assign.value):
            return []
        loop = self.project.scope(ref).loops[assign.loops[-1]]
        if _counts_steps(loop):
            return []
        if loop.number in at.loops:
            return looped(ref, loop, trail, "a counter")
        return fresh(ref, assign.line, trail, Kind.UNKNOWN)

    def _access(self, ref: Ref, expr: Attr | Item, at: At, trail: Trail) -> list[Origin]:
        path = access_path(expr)
        if path is None:
            return self._element(ref, expr, at, trail)
        trail = trail.under(at.guards, path)
        key = path.rpartition(".")[2]
        if (ref, path, at.line) in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {(ref, path, at.line)})
        if key == "value" and type(expr) is Attr and path.count(".") >= 1:
            inner = self.trace(ref, expr.base, at, trail)
            if inner:
                return inner
        symbol = self.project.symbol(ref, expr) if type(expr) is Attr else None
        if symbol is not None and symbol.kind == "variable":
            return self.trace(symbol.ref, Name(symbol.name, 0), At(END), trail)
        scope = self.project.scope(ref)
        bindings = [assign for assign in scope.assigns if binds(assign, path)]
        bindings, open_end = reaching(bindings, at)
        settled = max((assign.line for assign in bindings), default=END)
        found, overwritten, surely = self.members.overwritten(
            ref, path.rpartition(".")[0], key, (settled, at.line), trail
        )
        if surely:
            return found
        rest = replace(trail, replaceable=trail.replaceable or overwritten)
        for assign in bindings:
            mark = (ref, assign.line, assign.column, path)
            if mark in trail.seen:
                continue
            step = replace(
                rest, seen=rest.seen | {mark}, replaceable=rest.replaceable or (open_end and bool(assign.guards))
            )
            origins = self.bound(ref, assign, path, step)
            found += [origin for origin in origins if not assign.augmented or origin.kind is Kind.LOOP]
            if not assign.augmented:
                rest = otherwise(rest, assign.guards, path)
        if not open_end:
            return found
        member = self.members.trace(ref, expr.base, key, at, rest)
        if member is None:
            member = self._by_name(ref, expr, key, rest)
        return found + member

    def _element(self, ref: Ref, expr: Attr | Item, at: At, trail: Trail) -> list[Origin]:
        """`seeds[i]`: one of several where the index is a loop's, else whatever the values are made of."""
        if type(expr) is Item:
            for name in names_in(expr.key):
                turns = self._loop_target(ref, name, at, trail)
                if turns:
                    return turns
        if type(expr.base) is Group or type(expr.base) is Table:
            return []
        member = self._of_call(ref, expr, at, trail)
        return self.trace(ref, expr.base, at, trail) if member is None else member

    def _of_call(self, ref: Ref, expr: Attr | Item, at: At, trail: Trail) -> list[Origin] | None:
        """A member of what a call gives, which no name holds: `parser.parse_args().seed`, `vars(options())["seed"]`."""
        match expr:
            case Attr(base=Call(), name=key) | Item(base=Call(), key=Const(value=str() as key)):
                trail.read(ref, key, expr.line)
                return self.members.trace(ref, expr.base, key, at, trail)
        return None

    def _by_name(self, ref: Ref, expr: Expr, key: str, trail: Trail) -> list[Origin]:
        near = self.declarations.near(ref.path, key)
        path = access_path(expr) or ""
        trail.read(ref, path, getattr(expr, "line", 0))
        if path.count(".") >= 2:
            near = [item for item in near if item.is_read_as(path)] or near
        found = [origin for item in near for origin in self.declared(item, trail)]
        return found or unknown(ref, expr, trail)

    def declared(self, item: Declaration, trail: Trail) -> list[Origin]:
        """The origins of a setting's default."""
        mark = (item.ref, item.line, item.key)
        if mark in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {mark}, replaceable=trail.replaceable or item.replaceable)
        trail.read(item.ref, item.key, item.line)
        trail = trail.step(item.ref.path, item.line, item.subject)
        if item.default is None:
            return [trail.origin(Kind.NONE, Place(item.ref.path, item.line), None, item.subject)]
        origins = self.trace(item.ref, item.default, At(item.line, item.loops), trail)
        return named_defaults(origins, item.subject)


def _counts_steps(loop: Loop) -> bool:
    """Whether a loop goes over the steps of one run rather than over runs."""
    header = loop.iterable if loop.kind == "while" else loop.target
    return header is not None and any(STEP_LOOPS.search(name) for name in names_in(header))


def _several(group: Group) -> bool:
    """Whether a display lists several seeds, as a grid does: whichever it is, none is fixed."""
    numbers = {item.value for item in group.items if type(item) is Const and isinstance(item.value, int)}
    return len(numbers) > 1 and len(group.items) == len(numbers)
