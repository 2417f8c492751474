"""What a parameter holds: the option that decorates its function, what each caller gives, and its default."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seedlint.code.calls import text_of
from seedlint.code.declarations import Declaration
from seedlint.code.ends import mapped_over, named_defaults, shorten, unknown
from seedlint.code.facts import Param, Scope
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.project import Caller, Ref
from seedlint.code.reach import END, At, is_name
from seedlint.code.script_runs import word_at
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, access_path, argument, tail, walk

if TYPE_CHECKING:
    from seedlint.code.trace import Tracer

MAX_CALLERS = 24
"""Callers of one function that are looked at: a helper called more often is a library's."""

EACH = "<each>"
"""The name of the argument where a call maps a function over values: each of them."""


class Parameters:
    """Traces parameters to what the callers of their functions give. Whatever else it meets is its tracer's."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.project = tracer.project
        self.declarations = tracer.declarations

    def trace(self, ref: Ref, scope: Scope, param: Param, trail: Trail) -> list[Origin]:
        """The origins of a parameter of the function at `ref`, nearest first."""
        key = (ref, "param", param.name)
        if key in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {key})
        option = self._decorated_option(ref, scope, param.name)
        if option is not None:
            return self.tracer.declared(option, trail)
        found: list[Origin] = []
        omitted = 0
        step = trail.step(ref.path, param.line, f"parameter {param.name} of {scope.name or 'the lambda'}")
        callers = self._arguments(ref, param, step)
        for caller, given, way in callers:
            if given is None:
                omitted += 1
            else:
                found += self.from_caller(caller, given, way)
        if omitted or not callers:
            trail.read(ref, f"{self._named(ref)}().{param.name}", param.line)
        if param.default is not None and (omitted or not callers):
            live = replace(trail, replaceable=True)
            default = self.tracer.trace(self.project.parent(ref) or ref, param.default, At(END), live)
            found += [
                replace(origin, frames=_with(origin.frames, ref)) if origin.kind is Kind.DEFAULT else origin
                for origin in named_defaults(default, f"parameter {param.name} of {scope.name}")
            ]
        if not found and param.default is None:
            if scope.name == "__init__" or callers:
                return []
            return unknown(ref, Name(param.name, param.line), trail)
        return found

    def _named(self, ref: Ref) -> str:
        """The name of a function; of a constructor, its class's."""
        name = self.project.scope(ref).name
        owner = self.project.parent(ref)
        return self.project.scope(owner).name if name == "__init__" and owner is not None else name

    def _decorated_option(self, ref: Ref, scope: Scope, name: str) -> Declaration | None:
        if not scope.decorators:
            return None
        around = self.project.parent(ref) or ref
        lines = {node.line for item in scope.decorators for node in walk(item) if type(node) is Call}
        for declared in self.declarations.by_key.get(name, ()):
            if declared.ref == around and any(line <= declared.line <= scope.line for line in lines):
                return declared
        return None

    def _arguments(self, ref: Ref, param: Param, trail: Trail) -> list[tuple[Caller, Expr | None, Trail]]:
        """What each caller gives for a parameter, None for nothing, and the way there. Callers that pass on their own
        `**kwargs` are no givers: theirs are."""
        found: list[tuple[Caller, Expr | None, Trail]] = []
        for caller in self.project.callers(ref)[:MAX_CALLERS]:
            given = self.given(caller, ref, self.project.scope(ref), param)
            outer = self.project.scope(caller.ref)
            givers = self.project.callers(caller.ref) if given is not None and _is_passed_on(given, outer) else []
            if not givers or caller.ref in trail.callers:
                found.append((caller, given, trail))
            elif any(item.name == param.name for item in outer.params):
                found.append((caller, None, trail))
            else:
                step = trail.step(caller.ref.path, caller.site.call.line, f"{text_of(caller.site.call.func)}(…)")
                passed = self._arguments(caller.ref, param, step.called_from(caller.ref))
                found += [item for item in passed if item[1] is not None or item[0].mapped < 0]
        return found

    def given(self, caller: Caller, ref: Ref, scope: Scope, param: Param) -> Expr | None:
        """What a caller gives for a parameter; `EACH` where it maps over values, None for nothing."""
        call = caller.site.call
        position = self._position(caller, ref, scope, param.name)
        if caller.mapped >= 0:
            return _mapped(call, caller.mapped, position, param.name)
        for keyword, value in call.keywords:
            if keyword == param.name:
                return value
        positional = call.args
        if tail(call.func) in {"partial", "delayed"} and type(call.func) is not Call:
            positional = call.args[1:]
        word = word_at(positional, position)
        if word is not None:
            return word
        if any(keyword is None for keyword, _ in call.keywords):
            spread = next(value for keyword, value in call.keywords if keyword is None)
            return Item(spread, Const(param.name, call.line, 1, call.line, 1), call.line)
        return None

    def _position(self, caller: Caller, ref: Ref, scope: Scope, name: str) -> int:
        """Where a parameter stands among the arguments of a call; -1 where it is given by keyword alone."""
        names = [item.name for item in scope.params]
        if name not in names:
            return -1
        owner = self.project.parent(ref)
        marks = {tail(item) for item in scope.decorators}
        if owner is None or self.project.scope(owner).kind != "class" or "staticmethod" in marks:
            return names.index(name)
        func = caller.site.call.func
        base = self.project.symbol(caller.ref, func.base) if type(func) is Attr else None
        explicit = base is not None and base.kind == "class" and "classmethod" not in marks
        constructs = type(func) is Attr and func.name != scope.name
        return names.index(name) - (0 if explicit and not constructs else 1)

    def from_caller(self, caller: Caller, given: Expr, trail: Trail) -> list[Origin]:
        """The origins of what a caller gives."""
        site = caller.site
        trail = trail.step(caller.ref.path, site.call.line, f"{text_of(site.call.func)}(… {shorten(given)} …)")
        if is_each(given):
            return mapped_over(caller, trail)
        return self.tracer.trace(
            caller.ref, given, At(site.call.line, site.loops, site.guards), trail.called_from(caller.ref)
        )


def is_each(given: Expr) -> bool:
    """Whether what a caller gives is each of the values that it maps over."""
    return is_name(given, EACH)


def _mapped(call: Call, mapped: int, position: int, name: str) -> Expr | None:
    """What a function gets when a call runs it: each value of a mapped iterable, or the `args` of a process."""
    method = tail(call.func)
    if method in _MAPS:
        several = method in {"starmap", "map"} and position > 0
        return Name(EACH, call.line) if position == 0 or several else None
    packed = argument(call, ("args",), -1)
    if packed is None and method in {"spawn", "apply", "apply_async", "start_processes"}:
        packed = next((arg for arg in call.args[mapped + 1 :] if type(arg) is Group), None)
    if type(packed) is Group:
        offset = 1 if method in {"spawn", "start_processes"} else 0
        return packed.items[position - offset] if 0 <= position - offset < len(packed.items) else None
    rest = call.args[mapped + 1 :]
    keyword = argument(call, (name,), -1)
    if keyword is not None:
        return keyword
    passes_on = method in {"submit", "partial", "delayed", "run", "wrapper", "main"}
    return rest[position] if passes_on and 0 <= position < len(rest) else None


def _is_passed_on(given: Expr, scope: Scope) -> bool:
    """Whether a caller gives what it was given itself: `f(*args, **kwargs)` where these are its own, unchanged."""
    base = given.base if type(given) is Item else given
    if type(base) is not Name or not any(item.name == f"*{base.id}" for item in scope.params):
        return False
    return not any(access_path(assign.target) == access_path(given) for assign in scope.assigns)


def _with(frames: tuple[Ref, ...], ref: Ref) -> tuple[Ref, ...]:
    return frames if ref in frames else (*frames, ref)


_MAPS = frozenset({"map", "imap", "imap_unordered", "starmap", "map_async", "starmap_async", "vmap", "pmap"})
