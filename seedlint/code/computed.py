"""What calls, operations and choices give: looked up with a default, drawn, derived from another seed, or returned."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from seedlint.code.calls import speaks_of_seed, text_of
from seedlint.code.ends import fresh, named_defaults, unknown
from seedlint.code.facts import Guard
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.project import Ref
from seedlint.code.reach import At
from seedlint.code.syntax import Attr, Call, Choice, Const, Expr, Name, Op, access_path, argument, tail, walk

if TYPE_CHECKING:
    from seedlint.code.trace import Tracer

OFFSET_NAMES = re.compile(
    r"rank|worker|epoch|^ep$|process_id|proc_id|device|gpu|node|world|^idx$|index|offset|step|iteration|^it$|batch|fold",
    re.I,
)
"""What is added to a seed to keep processes, workers or epochs apart; it varies nothing between runs."""


COUNTED = frozenset({"range", "arange", "len"})
VARYING = (Kind.LOOP, Kind.FRESH, Kind.SEARCHED)
"""What makes a sum vary although the seed in it does not."""


class Computed:
    """Traces what is computed from other values. Those values are its tracer's to follow."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.project = tracer.project
        self.declarations = tracer.declarations
        self.calls = tracer.calls
        self.members = tracer.members

    def call(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        """The origins of what a call gives."""
        apis = self.calls.apis
        name = self.project.external(ref, call.func)
        if self.calls.is_in(ref, call, apis.search, apis.search_methods):
            return fresh(ref, call.line, trail, Kind.SEARCHED)
        if tail(call.func) in COUNTED:
            return unknown(ref, call, trail)  # the indices of processes or environments, not a seed that is counted to
        lookup = self._lookup_with_default(ref, call, at, trail)
        if lookup is not None:
            return lookup
        if self.calls.is_in(ref, call, apis.draw, apis.draw_methods):
            return self._drawn(ref, call, at, trail)
        if self.calls.is_in(ref, call, apis.fresh, apis.fresh_methods):
            return fresh(ref, call.line, trail)
        option = self.calls.option(ref, call)
        if option is not None and option.name == "target":
            default = argument(call, (option.default,), option.position)
            return self.tracer.trace(ref, default, at, replace(trail, replaceable=True)) if default is not None else []
        if option is not None:
            near = [item for items in self.declarations.by_key.values() for item in items]
            declared = [item for item in near if item.ref == ref and call.line <= item.line <= call.end_line]
            return [origin for item in declared for origin in self.tracer.declared(item, trail)]
        symbol = self.project.callee(ref, call.func)
        if symbol is not None and symbol.kind == "function":
            return self._returned(ref, symbol.ref, call, at, trail)
        derived = self.calls.is_in(ref, call, apis.derive, apis.derive_methods) or (name or "") in apis.seeders
        if derived:
            return self._derived(ref, call, at, trail)
        inner = (
            [*call.args, call.func.base]
            if type(call.func) is Attr and name is None and symbol is None
            else list(call.args)
        )
        schema = [arg for arg in walk(call) if type(arg) is Call and tail(arg) == "default" and arg.args]
        if schema:
            return self.tracer.trace(ref, schema[0].args[0], at, replace(trail, replaceable=True))
        if len(inner) == 1 and type(inner[0]) is not Const:
            found = self.tracer.trace(ref, inner[0], at, trail)
            return [origin for origin in found if origin.kind is not Kind.LITERAL] or unknown(ref, call, trail)
        return unknown(ref, call, trail)

    def _lookup_with_default(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin] | None:
        """`config.get("seed", 42)`, `getattr(args, "seed", 42)`, `os.environ.get("SEED", 42)`."""
        func = tail(call.func)
        if func == "getattr" and len(call.args) >= 2:
            base, key, rest = call.args[0], call.args[1], call.args[2:]
        elif func in _LOOKUPS and type(call.func) is Attr and call.args:
            base, key, rest = call.func.base, call.args[0], call.args[1:]
        elif func == "getenv" and call.args:
            base, key, rest = call.func, call.args[0], call.args[1:]
        else:
            return None
        if type(key) is not Const or not isinstance(key.value, str):
            return None
        default = rest[0] if rest else argument(call, ("default",), -1)
        found: list[Origin] = []
        path = access_path(base)
        conditions = trail.under(at.guards, f"{path}.{key.value}") if path else trail
        conditions.read(ref, f"{path}.{key.value}" if path else key.value, call.line)
        if func != "getenv":
            member = self.members.trace(ref, base, key.value, at, trail)
            if member is None and not (path or "").endswith("environ"):
                near = self.declarations.near(ref.path, key.value)
                member = [origin for item in near for origin in self.tracer.declared(item, conditions)]
            found += [origin for origin in member or [] if origin.kind is not Kind.UNKNOWN]
        if default is not None and not any(origin.kind in (Kind.DEFAULT, Kind.LITERAL, Kind.LOOP) for origin in found):
            live = replace(conditions, replaceable=True)
            origins = self.tracer.trace(ref, default, at, live)
            found += named_defaults(origins, f'key "{key.value}"')
        return found or unknown(ref, call, trail)

    def _drawn(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        """A draw is as fresh as its generator: `rng.integers(...)` of a seeded `rng` derives from that seed."""
        if type(call.func) is Attr and self.project.external(ref, call.func) is None:
            found = self.tracer.trace(ref, call.func.base, at, trail)
            known = [origin for origin in found if origin.kind is not Kind.UNKNOWN]
            if known:
                return known
        return fresh(ref, call.line, trail)

    def _derived(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        name = self.project.external(ref, call.func) or ""
        seeders = self.calls.apis.seeders.get(name, ())
        if seeders:
            seed = argument(call, seeders[0].arguments, seeders[0].position)
            return self.tracer.trace(ref, seed, at, trail) if seed is not None else fresh(ref, call.line, trail)
        sources = [arg for arg in call.args if type(arg) is not Const]
        if (
            type(call.func) is Attr
            and self.project.external(ref, call.func) is None
            and type(call.func.base) is not Const
        ):
            sources = [call.func.base, *sources]
        sources = sources or list(call.args)
        found = self._of_all(ref, sources, at, trail)
        return found or unknown(ref, call, trail)

    def _returned(self, ref: Ref, function: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        key = (function, "returns")
        if key in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {key})
        trail = trail.step(ref.path, call.line, f"{text_of(call.func)}(…)")
        scope = self.project.scope(function)
        found: list[Origin] = []
        for returned in scope.returns:
            at_return = At(returned.line, returned.loops, returned.guards)
            found += self.tracer.trace(function, returned.value, at_return, trail)
        return found or unknown(ref, call, trail)

    def operation(self, ref: Ref, expr: Op, at: At, trail: Trail) -> list[Origin]:
        """`seed + rank`, `1000 * seed + fold`: the seed's origin; constants count where only offsets stand beside them."""
        constants = [item for item in expr.operands if is_constant(item)]
        others = [item for item in expr.operands if not is_constant(item)]
        seeds = [item for item in others if _names_seed(item)]
        beside = [item for item in others if item not in seeds and not OFFSET_NAMES.search(tail(item))]
        if seeds and len(seeds) < len(others):
            given = self._of_all(ref, seeds, at, trail)
            known = [origin for origin in given if origin.kind is not Kind.UNKNOWN]
            varying = [origin for origin in self._of_all(ref, beside, at, trail) if origin.kind in VARYING]
            if given:
                return (known or given) + varying
        found = self._of_all(ref, others, at, trail)
        known = [origin for origin in found if origin.kind is not Kind.UNKNOWN]
        if constants and known and all(origin.kind is Kind.LITERAL and origin.value == 0 for origin in known):
            known = self._of_all(ref, constants, at, trail)  # an offset of nought
        if known:
            return known
        if constants and all(OFFSET_NAMES.search(tail(item)) for item in others):
            return self._of_all(ref, constants, at, trail)
        return found or ([] if others else self._of_all(ref, constants[:1], at, trail))

    def _of_all(self, ref: Ref, values: list[Expr], at: At, trail: Trail) -> list[Origin]:
        return [origin for value in values for origin in self.tracer.trace(ref, value, at, trail)]

    def choice(self, ref: Ref, expr: Choice, at: At, trail: Trail) -> list[Origin]:
        """`a or b`, `a if test else b`: the origins of every branch that may be taken."""
        options = expr.options
        live = replace(trail, replaceable=trail.replaceable or any(type(item) is not Const for item in options))
        if expr.operator != "IfExp" or expr.test is None:
            path = access_path(options[0])
            found = self.tracer.trace(ref, options[0], at, live)
            for option in options[1:]:
                if path is not None and expr.operator == "Or":
                    found = [origin for origin in found if origin.kind is not Kind.NONE]
                found += self.tracer.trace(ref, option, at, live)
            return found
        branches = ((options[0], Guard(expr.test, True)), (options[1], Guard(expr.test, False)))
        found = []
        for option, guard in branches:
            found += self.tracer.trace(ref, option, at.inside(guards=(guard,)), live)
        return _without_replaced(found)


def _without_replaced(origins: list[Origin]) -> list[Origin]:
    """In `x if x is not None else fallback`, a missing x is replaced and no origin of the whole."""
    if any(origin.kind not in (Kind.NONE, Kind.UNKNOWN) for origin in origins):
        return [origin for origin in origins if origin.kind is not Kind.NONE]
    return origins


def is_constant(expr: Expr) -> bool:
    """Whether an expression is made of constants alone."""
    return type(expr) is Const or (type(expr) is Op and all(is_constant(item) for item in expr.operands))


_LOOKUPS = frozenset({"get", "pop", "setdefault", "pop_int", "get_int", "getint", "get_value"})


def _names_seed(expr: Expr) -> bool:
    """Whether a term holds a name that speaks of a seed: the other terms are offsets then, whatever they are called."""
    return any(type(node) in (Name, Attr) and speaks_of_seed(tail(node)) for node in walk(expr))
