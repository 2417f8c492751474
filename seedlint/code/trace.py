"""Follows a seed from the call that uses it back to its origins, through names, parameters, settings and modules."""

from __future__ import annotations

import re
from dataclasses import replace

from seedlint.code.calls import Calls, speaks_of_seed, text_of
from seedlint.code.declarations import Declaration, Declarations
from seedlint.code.facts import Assign, Guard, Param, Scope
from seedlint.code.origins import Condition, Kind, Origin, RunLoop, Trail, holds
from seedlint.code.overwrites import namespace, overwrites
from seedlint.code.project import Caller, Project, Ref, targets
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
    argument,
    names_in,
    tail,
    walk,
)
from seedlint.uses import Place

MAX_STEPS = 14
"""Scopes that a trace passes at most: longer ways were never seen to be one seed's."""

MAX_CALLERS = 24
"""Callers of one function that are looked at: a helper called more often is a library's."""

OFFSET_NAMES = re.compile(
    r"rank|worker|epoch|^ep$|process_id|proc_id|device|gpu|node|world|^idx$|index|offset|step|iteration|^it$|batch|fold",
    re.I,
)
"""What is added to a seed to keep processes, workers or epochs apart; it varies nothing between runs."""

STEP_LOOPS = re.compile(
    r"epoch|^ep$|step|batch|^it$|^iter|fold|split|layer|token|sample|example|^t$|worker|rank|gpu", re.I
)
"""Targets of loops inside one run."""


class At:
    """A position in a scope: what is bound after `line`, outside the loops, does not reach it."""

    __slots__ = ("guards", "line", "loops")

    def __init__(self, line: int, loops: tuple[int, ...] = (), guards: tuple[Guard, ...] = ()) -> None:
        self.line, self.loops, self.guards = line, loops, guards


END = 1 << 30


class Tracer:
    """Traces expressions to origins. Nothing is remembered between traces but what project and declarations hold."""

    def __init__(self, project: Project, calls: Calls, declarations: Declarations) -> None:
        self.project = project
        self.calls = calls
        self.declarations = declarations

    def trace(self, ref: Ref, expr: Expr, at: At, trail: Trail) -> list[Origin]:
        """The origins of a value, nearest first, duplicates possible."""
        if len(trail.frames) > MAX_STEPS:
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
                return self._call(ref, expr, at, trail)
            case Op():
                return self._operation(ref, expr, at, trail)
            case Choice():
                return self._choice(ref, expr, at, trail)
            case Group() if _several(expr):
                return self._fresh(ref, expr.line, trail, Kind.SEARCHED)
            case Group():
                return [origin for item in expr.items for origin in self.trace(ref, item, at, trail)]
            case Comp():
                return self.trace(ref, expr.element, replace_loops(at, expr.loops), trail)
            case Text():
                return [
                    origin
                    for part in expr.parts
                    if type(part) is not Const
                    for origin in self.trace(ref, part, at, trail)
                ]
        return []

    # constants

    def _constant(self, ref: Ref, const: Const, trail: Trail) -> list[Origin]:
        place = Place(ref.path, const.line, const.column, const.end_line, const.end_column)
        if const.value is None or (isinstance(const.value, str) and not const.value.lstrip("-").isdigit()):
            return [trail.origin(Kind.NONE, place, None, "no seed")]
        if isinstance(const.value, bool) or not trail.allows(const.value) or _switched_off(const.value):
            return [trail.origin(Kind.NONE, place, const.value, f"{const.value}, which seeds nothing")]
        kind = Kind.DEFAULT if trail.replaceable else Kind.LITERAL
        return [trail.origin(kind, place, const.value, f"seed {const.value}")]

    def _unknown(self, ref: Ref, expr: Expr, trail: Trail) -> list[Origin]:
        return [trail.origin(Kind.UNKNOWN, Place(ref.path, getattr(expr, "line", 1)), None, text_of(expr))]

    def _fresh(self, ref: Ref, line: int, trail: Trail, kind: Kind = Kind.FRESH) -> list[Origin]:
        return [trail.origin(kind, Place(ref.path, line), None, kind.value)]

    # names

    def _name(self, ref: Ref, name: Name, at: At, trail: Trail) -> list[Origin]:
        trail = trail.under(at.guards, name.id)
        looped = self._loop_target(ref, name.id, at, trail)
        if looped is not None:
            return looped
        scope = self.project.scope(ref)
        bindings = [
            assign for assign in scope.assigns if any(_is_name(part, name.id) for part in targets(assign.target))
        ]
        param = next((item for item in scope.params if item.name == name.id), None)
        if bindings or param:
            return self._bound(ref, scope, name.id, bindings, param, at, trail)
        symbol = self.project.symbol(ref, name)
        if symbol is None or symbol.kind != "variable" or symbol.ref == ref:
            return self._unknown(ref, name, trail)
        if (symbol.ref, name.id) in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {(symbol.ref, name.id)})
        return self.trace(symbol.ref, Name(symbol.name, name.line), At(END), trail)

    def _loop_target(self, ref: Ref, name: str, at: At, trail: Trail) -> list[Origin] | None:
        scope = self.project.scope(ref)
        for index in reversed(at.loops):
            loop = scope.loops[index]
            if loop.target is None or not any(_is_name(part, name) for part in targets(loop.target)):
                continue
            rebound = any(
                index in assign.loops and assign.line <= at.line and _is_name(assign.target, name)
                for assign in scope.assigns
            )
            if rebound:
                return None
            if STEP_LOOPS.search(name) and not speaks_of_seed(name):
                return []
            run = RunLoop(ref, loop.line, loop.end_line, loop.column, loop)
            place = Place(ref.path, loop.line, loop.column + 1)
            return [trail.origin(Kind.LOOP, place, None, f"loop over {name}", run)]
        return None

    def _bound(
        self, ref: Ref, scope: Scope, name: str, bindings: list[Assign], param: Param | None, at: At, trail: Trail
    ) -> list[Origin]:
        reaching, open_end = _reaching(bindings, at)
        found: list[Origin] = []
        rest = trail
        for assign in reaching:
            key = (ref, assign.line, assign.column, name)
            if key in trail.seen:
                continue
            step = replace(
                rest, seen=rest.seen | {key}, replaceable=rest.replaceable or (param is not None and open_end)
            )
            if assign.augmented:
                found += [origin for origin in self._value(ref, assign, name, step) if origin.kind is Kind.LOOP]
                counted = self._counted(ref, assign, at, trail)
                if counted:
                    return found + counted
                continue
            found += self._value(ref, assign, name, step)
            rest = _otherwise(rest, assign.guards, name)
        if param is not None and open_end:
            found += self._param(ref, scope, param, rest)
        return found

    def _value(self, ref: Ref, assign: Assign, name: str, trail: Trail) -> list[Origin]:
        at = At(assign.line, assign.loops, assign.guards)
        value = assign.value
        if type(assign.target) is Group and type(value) is Group and len(assign.target.items) == len(value.items):
            for target, item in zip(assign.target.items, value.items, strict=True):
                if _is_name(target, name):
                    value = item
        note = f"{name} = {_shorten(value)}"
        trail = trail.step(ref.path, assign.line, note)
        return self.trace(ref, value, at, trail)

    def _counted(self, ref: Ref, assign: Assign, at: At, trail: Trail) -> list[Origin]:
        """A name that a loop counts up by a constant takes another value in every turn."""
        if not assign.loops or not _is_constant(assign.value):
            return []
        loop = self.project.scope(ref).loops[assign.loops[-1]]
        if loop.number in at.loops:
            run = RunLoop(ref, loop.line, loop.end_line, loop.column, loop)
            return [trail.origin(Kind.LOOP, Place(ref.path, loop.line, loop.column + 1), None, "a counter", run)]
        return self._fresh(ref, assign.line, trail, Kind.UNKNOWN)

    # parameters

    def _param(self, ref: Ref, scope: Scope, param: Param, trail: Trail) -> list[Origin]:
        key = (ref, "param", param.name)
        if key in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {key})
        option = self._decorated_option(ref, scope, param.name)
        if option is not None:
            return self.declared(option, trail)
        found: list[Origin] = []
        omitted = 0
        step = trail.step(ref.path, param.line, f"parameter {param.name} of {scope.name or 'the lambda'}")
        callers = self._arguments(ref, param, step)
        for caller, given, way in callers:
            if given is None:
                omitted += 1
            else:
                found += self._from_caller(caller, given, way)
        if param.default is not None and (omitted or not callers):
            live = replace(trail, replaceable=True)
            default = self.trace(self.project.parent(ref) or ref, param.default, At(END), live)
            subject = f"parameter {param.name} of {scope.name}"
            found += [
                replace(origin, subject=f"{subject} (default {origin.value})", frames=_with(origin.frames, ref))
                if origin.kind is Kind.DEFAULT
                else origin
                for origin in default
            ]
        if not found and param.default is None:
            if scope.name == "__init__" or callers:
                return []
            return self._unknown(ref, Name(param.name, param.line), trail)
        return found

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
            given = self._given(caller, ref, self.project.scope(ref), param)
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

    def _given(self, caller: Caller, ref: Ref, scope: Scope, param: Param) -> Expr | None:
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
        if 0 <= position < len(positional):
            return positional[position]
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

    def _from_caller(self, caller: Caller, given: Expr, trail: Trail) -> list[Origin]:
        site = caller.site
        trail = trail.step(caller.ref.path, site.call.line, f"{text_of(site.call.func)}(… {_shorten(given)} …)")
        if isinstance(given, Name) and given.id == _EACH:
            return self._each(caller, trail)
        return self.trace(caller.ref, given, At(site.call.line, site.loops, site.guards), trail.called_from(caller.ref))

    def _each(self, caller: Caller, trail: Trail) -> list[Origin]:
        call = caller.site.call
        run = RunLoop(caller.ref, call.line, call.end_line, call.column - 1, None, caller.site)
        place = Place(caller.ref.path, call.line, call.column)
        return [trail.into(caller.ref).origin(Kind.LOOP, place, None, "values mapped over", run)]

    # attributes and items

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
        bindings = [assign for assign in scope.assigns if access_path(assign.target) == path]
        reaching, open_end = _reaching(bindings, at)
        settled = max((assign.line for assign in reaching), default=END)
        found, overwritten, surely = self._overwritten(ref, path.rpartition(".")[0], key, (settled, at.line), trail)
        if surely:
            return found
        rest = replace(trail, replaceable=trail.replaceable or overwritten)
        for assign in reaching:
            mark = (ref, assign.line, assign.column, path)
            if mark in trail.seen:
                continue
            step = replace(
                rest, seen=rest.seen | {mark}, replaceable=rest.replaceable or (open_end and bool(assign.guards))
            )
            origins = self._value(ref, assign, path, step)
            found += [origin for origin in origins if not assign.augmented or origin.kind is Kind.LOOP]
            if not assign.augmented:
                rest = _otherwise(rest, assign.guards, path)
        if not open_end:
            return found
        member = self._member(ref, expr.base, key, at, rest)
        if member is None:
            member = self._by_name(ref, expr, key, rest)
        return found + member

    def _element(self, ref: Ref, expr: Attr | Item, at: At, trail: Trail) -> list[Origin]:
        """`seeds[i]`: one of several where the index is a loop's, else whatever the values are made of."""
        if type(expr) is Item:
            for name in names_in(expr.key):
                looped = self._loop_target(ref, name, at, trail)
                if looped:
                    return looped
        if type(expr.base) is Group or type(expr.base) is Table:
            return []
        return self.trace(ref, expr.base, at, trail)

    def _member(self, ref: Ref, base: Expr, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """The member `key` of an object or dict whose making is in sight; None where it is not."""
        if len(trail.frames) > MAX_STEPS:
            return None
        match base:
            case Table():
                return self._entry(ref, base, key, at, trail)
            case Call():
                return self._made(ref, base, key, at, trail)
            case Name(id="self" | "cls"):
                owner = self.project.owner(ref)
                return self._attribute(owner, key, trail) if owner else None
            case Name():
                return self._member_of_name(ref, base, key, at, trail)
            case Attr(base=Name(id="self"), name=name):
                owner = self.project.owner(ref)
                return self._member_of_attribute(owner, name, key, trail) if owner else None
            case Choice():
                parts = [self._member(ref, option, key, at, trail) for option in base.options]
                known = [part for part in parts if part is not None]
                return [origin for part in known for origin in part] if known else None
        owner = self.project.class_of(ref, base)
        return self._attribute(owner, key, trail) if owner else None

    def _entry(self, ref: Ref, table: Table, key: str, at: At, trail: Trail) -> list[Origin] | None:
        for name, value in table.pairs:
            if type(name) is Const and name.value == key:
                return self.trace(ref, value, at, trail.step(ref.path, name.line, f'key "{key}"'))
        for name, value in table.pairs:
            if name is None:
                return self._member(ref, value, key, at, trail)
        return None

    def _made(self, ref: Ref, call: Call, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """A member of what a call gave: `Config(seed=3)`, `dict(seed=3)`, `vars(args)`, `asdict(config)`, `load(...)`."""
        for keyword, value in call.keywords:
            if keyword == key:
                return self.trace(ref, value, at, trail.step(ref.path, call.line, f"{key}={_shorten(value)}"))
        symbol = self.project.callee(ref, call.func)
        if symbol is not None and symbol.kind == "class":
            return self._attribute(symbol.ref, key, trail)
        if symbol is not None:
            parts = [
                self._member(symbol.ref, returned.value, key, At(returned.line, returned.loops), trail.into(symbol.ref))
                for returned in self.project.scope(symbol.ref).returns
            ]
            known = [part for part in parts if part is not None]
            return [origin for part in known for origin in part] if known else None
        if len(call.args) == 1 and tail(call) in _WRAPPING and type(call.args[0]) is not Const:
            return self._member(ref, call.args[0], key, at, trail)
        owner = self.project.class_of(ref, call)
        return self._attribute(owner, key, trail) if owner else None

    def _member_of_name(self, ref: Ref, name: Name, key: str, at: At, trail: Trail) -> list[Origin] | None:
        symbol = self.project.symbol(ref, name)
        if symbol is None:
            return None
        if symbol.kind == "class":
            return self._attribute(symbol.ref, key, trail)
        if symbol.kind != "variable" or (symbol.ref, name.id, key) in trail.seen:
            return None
        trail = replace(trail, seen=trail.seen | {(symbol.ref, name.id, key)})
        scope = self.project.scope(symbol.ref)
        known: list[list[Origin]] = []
        bindings = [
            assign
            for assign in scope.assigns
            if not assign.augmented and any(_is_name(part, symbol.name) for part in targets(assign.target))
        ]
        before = at.line if symbol.ref == ref else END
        made = max((assign.line for assign in bindings if assign.line <= before), default=0)
        later, overwritten, surely = self._overwritten(symbol.ref, symbol.name, key, (made, before), trail)
        if surely:
            return later
        known += [later] if later else []
        trail = replace(trail, replaceable=trail.replaceable or overwritten)
        for assign in bindings:
            part = self._member(symbol.ref, assign.value, key, At(assign.line, assign.loops, assign.guards), trail)
            if part is not None:
                known.append(part)
        param = next((item for item in scope.params if item.name == symbol.name), None)
        if param is not None:
            known += self._member_of_param(symbol.ref, scope, param, key, trail)
        if known:
            return [origin for part in known for origin in part]
        owner = self.project.class_of(ref, name)
        return self._attribute(owner, key, trail) if owner else None

    def _member_of_param(self, ref: Ref, scope: Scope, param: Param, key: str, trail: Trail) -> list[list[Origin]]:
        known: list[list[Origin]] = []
        unseen: list[tuple[str, Trail]] = []
        for caller in self.project.callers(ref)[:MAX_CALLERS]:
            given = self._given(caller, ref, scope, param)
            if given is None or (isinstance(given, Name) and given.id == _EACH):
                continue
            site = caller.site
            step = trail.into(ref).called_from(caller.ref)
            part = self._member(caller.ref, given, key, At(site.call.line, site.loops, site.guards), step)
            if part is not None:
                known.append(part)
            else:
                unseen.append((caller.ref.path, step))
        return known + self._options_of_callers(ref, key, unseen)

    def _options_of_callers(self, ref: Ref, key: str, unseen: list[tuple[str, Trail]]) -> list[list[Origin]]:
        """The members of namespaces whose making is not in sight: the option of that name in the file of each caller,
        where another file than the function's own has one."""
        declared = self.declarations.by_key.get(key, ())
        paths = {item.ref.path for item in declared if item.is_option}
        if not any(path in paths and path != ref.path for path, _ in unseen):
            return []
        return [
            [
                origin
                for item in self.declarations.near(path if path in paths else ref.path, key)
                for origin in self.declared(item, step)
            ]
            for path, step in unseen
        ]

    def _member_of_attribute(self, owner: Ref, name: str, key: str, trail: Trail) -> list[Origin] | None:
        if (owner, name, key) in trail.seen:
            return None
        trail = replace(trail, seen=trail.seen | {(owner, name, key)})
        known = []
        for ref, assign in self.project.attribute_assigns(owner, name):
            at = At(assign.line, assign.loops, assign.guards)
            part = self._member(ref, assign.value, key, at, trail)
            if part is not None:
                known.append(part)
        if known:
            return [origin for part in known for origin in part]
        held = self.project.class_of(Ref(owner.path, owner.scope), Attr(Name("self", 0), name, 0))
        return self._attribute(held, key, trail) if held else None

    def _attribute(self, owner: Ref, key: str, trail: Trail) -> list[Origin] | None:
        """A field of a class: what its body, its constructor calls and its methods bind it to."""
        if (owner, "attribute", key) in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {(owner, "attribute", key)})
        assigns = self.project.attribute_assigns(owner, key)
        if not assigns:
            return None
        found, overwritten = self._overwritten_self(owner, key, trail)
        trail = replace(trail, replaceable=trail.replaceable or overwritten)
        fields = [pair for pair in assigns if type(pair[1].target) is Name]
        for ref, assign in assigns:
            if (ref, assign) not in fields:
                found += self._value(ref, assign, f"self.{key}", trail.into(ref))
        for ref, assign in fields[:1]:
            found += self._field(owner, ref, assign, key, trail)
        return found

    def _overwritten(
        self, ref: Ref, path: str, key: str, between: tuple[int, int], trail: Trail
    ) -> tuple[list[Origin], bool, bool]:
        """What `cfg.update(…)` and its like give for a key between two lines, whether any of them stands there, and
        whether one surely gives it."""
        found: list[Origin] = []
        surely = False
        items = [
            item for item in overwrites(self.project.scope(ref), path, key) if between[0] < item.line <= between[1]
        ]
        for item in items:
            step = trail.into(ref).step(ref.path, item.line, f"{path} overwritten by {_shorten(item.source)}")
            declared = self.declarations.by_key.get(key, ()) if namespace(item.source) is not None else ()
            options = [option for option in declared if option.is_option and option.ref.path == ref.path]
            if options:
                found += [origin for option in options for origin in self.declared(option, step)]
                surely = surely or not item.guards
            else:
                live = replace(step, replaceable=True)
                member = self._member(ref, item.source, key, At(item.line, (), item.guards), live) or []
                found += [origin for origin in member if origin.kind is not Kind.UNKNOWN]
        return found, bool(items), surely

    def _overwritten_self(self, owner: Ref, key: str, trail: Trail) -> tuple[list[Origin], bool]:
        """What the methods of a class give for a key where they overwrite all attributes, and whether one does."""
        parts = [
            self._overwritten(method, "self", key, (0, END), trail)
            for name, method in self.project.methods(owner).items()
            if name not in _RESTORING
        ]
        return [origin for part in parts for origin in part[0]], any(part[1] for part in parts)

    def _field(self, owner: Ref, ref: Ref, assign: Assign, key: str, trail: Trail) -> list[Origin]:
        found: list[Origin] = []
        constructed = self.project.callers(owner)[:MAX_CALLERS]
        overridden = 0
        for caller in constructed:
            value = argument(caller.site.call, (key,), -1)
            if value is not None and caller.mapped < 0:
                overridden += 1
                found += self._from_caller(caller, value, trail)
        if overridden and overridden == len(constructed):
            return found
        settings = self.declarations.is_settings(owner)
        step = replace(trail, replaceable=trail.replaceable or settings).into(ref)
        default = self._value(ref, assign, key, step)
        name = self.project.scope(owner).name
        return found + [
            replace(origin, subject=f"field {key} of {name} (default {origin.value})")
            if origin.kind is Kind.DEFAULT
            else origin
            for origin in default
        ]

    def _by_name(self, ref: Ref, expr: Expr, key: str, trail: Trail) -> list[Origin]:
        near = self.declarations.near(ref.path, key)
        path = access_path(expr) or ""
        if path.count(".") >= 2:
            near = [item for item in near if item.is_read_as(path)] or near
        found = [origin for item in near for origin in self.declared(item, trail)]
        return found or self._unknown(ref, expr, trail)

    def declared(self, item: Declaration, trail: Trail) -> list[Origin]:
        """The origins of a setting's default."""
        mark = (item.ref, item.line, item.key)
        if mark in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {mark}, replaceable=trail.replaceable or item.replaceable)
        trail = trail.step(item.ref.path, item.line, item.subject)
        if item.default is None:
            return [trail.origin(Kind.NONE, Place(item.ref.path, item.line), None, item.subject)]
        origins = self.trace(item.ref, item.default, At(item.line, item.loops), trail)
        return [
            replace(origin, subject=f"{item.subject} (default {origin.value})")
            if origin.kind is Kind.DEFAULT
            else origin
            for origin in origins
        ]

    # calls and operations

    def _call(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        apis = self.calls.apis
        name = self.project.external(ref, call.func)
        if self.calls.is_in(ref, call, apis.search, apis.search_methods):
            return self._fresh(ref, call.line, trail, Kind.SEARCHED)
        lookup = self._lookup_with_default(ref, call, at, trail)
        if lookup is not None:
            return lookup
        if self.calls.is_in(ref, call, apis.draw, apis.draw_methods):
            return self._drawn(ref, call, at, trail)
        if self.calls.is_in(ref, call, apis.fresh, apis.fresh_methods):
            return self._fresh(ref, call.line, trail)
        option = self.calls.option(ref, call)
        if option is not None and option.name == "target":
            default = argument(call, (option.default,), option.position)
            return self.trace(ref, default, at, replace(trail, replaceable=True)) if default is not None else []
        if option is not None:
            near = [item for items in self.declarations.by_key.values() for item in items]
            declared = [item for item in near if item.ref == ref and call.line <= item.line <= call.end_line]
            return [origin for item in declared for origin in self.declared(item, trail)]
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
            return self.trace(ref, schema[0].args[0], at, replace(trail, replaceable=True))
        if len(inner) == 1 and type(inner[0]) is not Const:
            found = self.trace(ref, inner[0], at, trail)
            return [origin for origin in found if origin.kind is not Kind.LITERAL] or self._unknown(ref, call, trail)
        return self._unknown(ref, call, trail)

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
        if func != "getenv":
            member = self._member(ref, base, key.value, at, trail)
            if member is None and not (path or "").endswith("environ"):
                near = self.declarations.near(ref.path, key.value)
                member = [origin for item in near for origin in self.declared(item, conditions)]
            found += [origin for origin in member or [] if origin.kind is not Kind.UNKNOWN]
        if default is not None and not any(origin.kind in (Kind.DEFAULT, Kind.LITERAL, Kind.LOOP) for origin in found):
            live = replace(conditions, replaceable=True)
            origins = self.trace(ref, default, at, live)
            found += [
                replace(origin, subject=f'key "{key.value}" (default {origin.value})')
                if origin.kind is Kind.DEFAULT
                else origin
                for origin in origins
            ]
        return found or self._unknown(ref, call, trail)

    def _drawn(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        """A draw is as fresh as its generator: `rng.integers(...)` of a seeded `rng` derives from that seed."""
        if type(call.func) is Attr and self.project.external(ref, call.func) is None:
            found = self.trace(ref, call.func.base, at, trail)
            known = [origin for origin in found if origin.kind is not Kind.UNKNOWN]
            if known:
                return known
        return self._fresh(ref, call.line, trail)

    def _derived(self, ref: Ref, call: Call, at: At, trail: Trail) -> list[Origin]:
        name = self.project.external(ref, call.func) or ""
        seeders = self.calls.apis.seeders.get(name, ())
        if seeders:
            seed = argument(call, seeders[0].arguments, seeders[0].position)
            return self.trace(ref, seed, at, trail) if seed is not None else self._fresh(ref, call.line, trail)
        sources = [arg for arg in call.args if type(arg) is not Const]
        if (
            type(call.func) is Attr
            and self.project.external(ref, call.func) is None
            and type(call.func.base) is not Const
        ):
            sources = [call.func.base, *sources]
        sources = sources or list(call.args)
        found = [origin for source in sources for origin in self.trace(ref, source, at, trail)]
        return found or self._unknown(ref, call, trail)

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
            found += self.trace(function, returned.value, at_return, trail)
        return found or self._unknown(ref, call, trail)

    def _operation(self, ref: Ref, expr: Op, at: At, trail: Trail) -> list[Origin]:
        """`seed + rank`, `1000 * seed + fold`: the seed's origin; constants count where only offsets stand beside them."""
        constants = [item for item in expr.operands if _is_constant(item)]
        others = [item for item in expr.operands if not _is_constant(item)]
        seeds = [item for item in others if speaks_of_seed(tail(item)) or not OFFSET_NAMES.search(tail(item))]
        if 0 < len(seeds) < len(others):
            known = [origin for item in seeds for origin in self.trace(ref, item, at, trail)]
            known = [origin for origin in known if origin.kind is not Kind.UNKNOWN]
            if known:
                return known
        found = [origin for item in others for origin in self.trace(ref, item, at, trail)]
        known = [origin for origin in found if origin.kind is not Kind.UNKNOWN]
        if constants and known and all(origin.kind is Kind.LITERAL and origin.value == 0 for origin in known):
            known = [origin for item in constants for origin in self.trace(ref, item, at, trail)]  # an offset of nought
        if known:
            return known
        if constants and all(OFFSET_NAMES.search(tail(item)) for item in others):
            return [origin for item in constants for origin in self.trace(ref, item, at, trail)]
        return found or (
            [] if others else [origin for item in constants[:1] for origin in self.trace(ref, item, at, trail)]
        )

    def _choice(self, ref: Ref, expr: Choice, at: At, trail: Trail) -> list[Origin]:
        options = expr.options
        live = replace(trail, replaceable=trail.replaceable or any(type(item) is not Const for item in options))
        if expr.operator != "IfExp" or expr.test is None:
            path = access_path(options[0])
            found = self.trace(ref, options[0], at, live)
            for option in options[1:]:
                if path is not None and expr.operator == "Or":
                    found = [origin for origin in found if origin.kind is not Kind.NONE]
                found += self.trace(ref, option, at, live)
            return found
        branches = ((options[0], Guard(expr.test, True)), (options[1], Guard(expr.test, False)))
        found = []
        for option, guard in branches:
            inside = At(at.line, at.loops, (*at.guards, guard))
            found += self.trace(ref, option, inside, live)
        return _without_replaced(found, expr)


def replace_loops(at: At, loops: tuple[int, ...]) -> At:
    """A position inside more loops."""
    return At(at.line, (*at.loops, *loops), at.guards)


def _without_replaced(origins: list[Origin], expr: Choice) -> list[Origin]:
    """In `x if x is not None else fallback`, a missing x is replaced and no origin of the whole."""
    if any(origin.kind not in (Kind.NONE, Kind.UNKNOWN) for origin in origins):
        return [origin for origin in origins if origin.kind is not Kind.NONE]
    return origins


def _is_constant(expr: Expr) -> bool:
    return type(expr) is Const or (type(expr) is Op and all(_is_constant(item) for item in expr.operands))


def _several(group: Group) -> bool:
    """Whether a display lists several seeds, as a grid does: whichever it is, none is fixed."""
    numbers = {item.value for item in group.items if type(item) is Const and isinstance(item.value, int)}
    return len(numbers) > 1 and len(group.items) == len(numbers)


def _switched_off(value: object) -> bool:
    """Whether a seed is negative, also as the text of an environment variable."""
    return value.startswith("-") if isinstance(value, str) else isinstance(value, (int, float)) and value < 0


def _is_name(expr: Expr, name: str) -> bool:
    return type(expr) is Name and expr.id == name


def _with(frames: tuple[Ref, ...], ref: Ref) -> tuple[Ref, ...]:
    return frames if ref in frames else (*frames, ref)


def _otherwise(trail: Trail, guards: tuple[Guard, ...], subject: str) -> Trail:
    """What remains for earlier bindings: those that a guarded rebinding would have replaced are gone."""
    found = [
        Condition(Guard(guard.test, not guard.holds), subject)
        for guard in guards
        if _names_subject(guard.test, subject)
    ]
    return replace(trail, conditions=(*trail.conditions, *found[:1])) if len(found) == 1 else trail


def _names_subject(test: Expr, subject: str) -> bool:
    return holds(test, subject, 0) is not None or holds(test, subject, None) is not None


def _reaching(bindings: list[Assign], at: At) -> tuple[list[Assign], bool]:
    """The bindings that may reach a position, latest first, and whether the name's value from before may too."""
    earlier = [item for item in bindings if item.line < at.line or set(item.loops) & set(at.loops)]
    if not earlier:
        earlier = bindings if at.line == END else []
    reaching = []
    for assign in sorted(earlier, key=lambda item: (item.line <= at.line, item.line), reverse=True):
        reaching.append(assign)
        plain = set(assign.guards) <= set(at.guards) and set(assign.loops) <= set(at.loops)
        if plain and not assign.augmented and assign.line <= at.line:
            return reaching, False
    return reaching, True


def _mapped(call: Call, mapped: int, position: int, name: str) -> Expr | None:
    """What a function gets when a call runs it: each value of a mapped iterable, or the `args` of a process."""
    method = tail(call.func)
    if method in _MAPS:
        several = method in {"starmap", "map"} and position > 0
        return Name(_EACH, call.line) if position == 0 or several else None
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


def _shorten(expr: Expr) -> str:
    text = text_of(expr)
    return text if len(text) <= 40 else text[:37] + "…"


_EACH = "<each>"
_RESTORING = frozenset({"__setstate__", "load_state_dict"})
"""Methods that bring back what a run had saved."""

_MAPS = frozenset({"map", "imap", "imap_unordered", "starmap", "map_async", "starmap_async", "vmap", "pmap"})
_LOOKUPS = frozenset({"get", "pop", "setdefault", "pop_int", "get_int", "getint", "get_value"})
_WRAPPING = frozenset(
    "vars dict asdict deepcopy copy EasyDict AttrDict edict Namespace SimpleNamespace DictConfig OmegaConf create ConfigDict "
    "FrozenDict Munch Box to_container __dict__ namedtuple".split()
)
