"""What the members of objects, dicts and classes hold, followed to where each was made, filled and overwritten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seedlint.code.ends import shorten
from seedlint.code.facts import Assign, Param, Scope
from seedlint.code.fields import Fields
from seedlint.code.names import binds
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.overwrites import namespace, overwrites
from seedlint.code.parameters import MAX_CALLERS, is_each
from seedlint.code.project import Ref, targets
from seedlint.code.reach import END, At, is_name, is_too_long, reaching
from seedlint.code.syntax import (
    Attr,
    Call,
    Choice,
    Const,
    Expr,
    Item,
    Name,
    Table,
    access_path,
    children,
    tail,
)

if TYPE_CHECKING:
    from seedlint.code.trace import Tracer


class Members:
    """Traces members of values. Whatever else it meets is its tracer's."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.project = tracer.project
        self.declarations = tracer.declarations
        self.parameters = tracer.parameters
        self.fields = Fields(self)

    def trace(self, ref: Ref, base: Expr, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """The member `key` of an object or dict whose making is in sight; None where it is not."""
        if is_too_long(trail):
            return None
        match base:
            case Table():
                return self._entry(ref, base, key, at, trail)
            case Call():
                return self._made(ref, base, key, at, trail)
            case Name(id="self" | "cls"):
                owner = self.project.owner(ref)
                return self.fields.trace(owner, key, trail) if owner else None
            case Name():
                return self._of_name(ref, base, key, at, trail)
            case Attr(base=Name(id="self"), name=name):
                owner = self.project.owner(ref)
                return self._of_attribute(owner, name, key, trail) if owner else None
            case Choice():
                return self._of_options(ref, base, key, at, trail)
        owner = self.project.class_of(ref, base)
        return self.fields.trace(owner, key, trail) if owner else None

    def _of_options(self, ref: Ref, choice: Choice, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """The member of each option of a choice; what stands beside a value that is given is only its default."""
        options = choice.options
        if choice.operator == "Or" and self._is_always_given(ref, options[0]):
            options = options[:1]
        open_ended = any(type(option) not in (Const, Table) for option in options)
        live = replace(trail, replaceable=trail.replaceable or open_ended)
        parts = [self.trace(ref, option, key, at, live) for option in options]
        known = [part for part in parts if part is not None]
        return [origin for part in known for origin in part] if known else None

    def _is_always_given(self, ref: Ref, value: Expr) -> bool:
        """Whether a parameter is one for which every caller gives what it looks up or makes itself, so that no default counts."""
        scope = self.project.scope(ref)
        param = next((item for item in scope.params if is_name(value, item.name)), None)
        callers = self.project.callers(ref)[:MAX_CALLERS] if param is not None else []
        given = [(caller.site.call, self.parameters.given(caller, ref, scope, param)) for caller in callers if param]
        written = [
            type(item) in (Item, Table) and item in children(call) for call, item in given
        ]  # not out of `**settings`
        return bool(written) and all(written)

    def _entry(self, ref: Ref, table: Table, key: str, at: At, trail: Trail) -> list[Origin] | None:
        for name, value in table.pairs:
            if type(name) is Const and name.value == key:
                return self.tracer.trace(ref, value, at, trail.step(ref.path, name.line, f'key "{key}"'))
        for name, value in table.pairs:
            if name is None:
                return self.trace(ref, value, key, at, trail)
        return None

    def _made(self, ref: Ref, call: Call, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """A member of what a call gave: `Config(seed=3)`, `dict(seed=3)`, `vars(args)`, `asdict(config)`, `load(...)`."""
        for keyword, value in call.keywords:
            if keyword == key:
                return self.tracer.trace(ref, value, at, trail.step(ref.path, call.line, f"{key}={shorten(value)}"))
        if self.project.external(ref, call.func) in _MERGES:
            return self._merged(ref, call, key, at, trail)
        if tail(call) in PARSES:
            return self._parsed(ref, key, trail)
        symbol = self.project.callee(ref, call.func)
        if symbol is not None and symbol.kind == "class":
            return self.fields.trace(symbol.ref, key, trail)
        if symbol is not None:
            parts = [
                self.trace(
                    symbol.ref,
                    returned.value,
                    key,
                    At(returned.line, returned.loops, returned.guards),
                    trail.into(symbol.ref),
                )
                for returned in self.project.scope(symbol.ref).returns
            ]
            known = [part for part in parts if part is not None]
            return [origin for part in known for origin in part] if known else None
        if len(call.args) == 1 and tail(call) in _WRAPPING and type(call.args[0]) is not Const:
            return self.trace(ref, call.args[0], key, at, trail)
        owner = self.project.class_of(ref, call)
        return self.fields.trace(owner, key, trail) if owner else None

    def _merged(self, ref: Ref, call: Call, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """A member of settings merged in the order of the arguments: the last that is seen to have it, unless one of those
        after it, of which nothing is seen, replaces it."""
        for arg in reversed(call.args):
            part = self.trace(ref, arg, key, at, trail)
            if part is not None:
                return part
            trail = replace(trail, replaceable=trail.replaceable or type(arg) is not Table)
        return None

    def _parsed(self, ref: Ref, key: str, trail: Trail) -> list[Origin] | None:
        """A member of what a parser gave: the option of that name, of the file that parses or of one it is connected with."""
        options = [item for item in self.declarations.near(ref.path, key) if item.is_option]
        return [origin for item in options for origin in self.tracer.declared(item, trail)] if options else None

    def _of_name(self, ref: Ref, name: Name, key: str, at: At, trail: Trail) -> list[Origin] | None:
        symbol = self.project.symbol(ref, name)
        if symbol is None:
            return None
        if symbol.kind == "class":
            found, overwritten, surely = self.overwritten(ref, name.id, key, (0, at.line), trail)
            if surely:
                return found
            rest = replace(trail, replaceable=trail.replaceable or overwritten)
            return found + (self.fields.trace(symbol.ref, key, rest) or [])
        if symbol.kind != "variable" or (symbol.ref, name.id, key) in trail.seen:
            return None
        trail = replace(trail, seen=trail.seen | {(symbol.ref, name.id, key)})
        scope = self.project.scope(symbol.ref)
        known: list[list[Origin]] = []
        bindings = [
            assign
            for assign in scope.assigns
            if not assign.augmented and any(is_name(part, symbol.name) for part in targets(assign.target))
        ]
        before = at.line if symbol.ref == ref else END
        if symbol.ref != ref:
            settled = self._bindings(symbol.ref, f"{symbol.name}.{key}")
            if settled and not any(assign.guards or assign.loops for assign in settled):
                return self._set_where_made(symbol.ref, settled[-1], key, trail)
        made = max((assign.line for assign in bindings if assign.line <= before), default=0)
        later, overwritten, surely = self.overwritten(symbol.ref, symbol.name, key, (made, before), trail)
        if surely:
            return later
        known += [later] if later else []
        trail = replace(trail, replaceable=trail.replaceable or overwritten)
        for assign in bindings:
            part = self.trace(symbol.ref, assign.value, key, At(assign.line, assign.loops, assign.guards), trail)
            if part is not None:
                known.append(part)
        param = next((item for item in scope.params if item.name == symbol.name), None)
        if param is not None:
            known += self._of_param(symbol.ref, scope, param, key, trail)
        if known:
            return [origin for part in known for origin in part]
        owner = self.project.class_of(ref, name)
        return self.fields.trace(owner, key, trail) if owner else None

    def _set_where_made(self, ref: Ref, assign: Assign, key: str, trail: Trail) -> list[Origin]:
        """A member that the scope which makes an object binds too: a setting, or what it is bound to."""
        declared = [
            item for item in self.declarations.by_key.get(key, ()) if item.ref == ref and item.line == assign.line
        ]
        if declared:
            return self.tracer.declared(declared[0], trail)
        return self.tracer.bound(ref, assign, key, trail.into(ref))

    def _of_param(self, ref: Ref, scope: Scope, param: Param, key: str, trail: Trail) -> list[list[Origin]]:
        known: list[list[Origin]] = []
        unseen: list[tuple[str, Trail]] = []
        for caller in self.project.callers(ref)[:MAX_CALLERS]:
            given = self.parameters.given(caller, ref, scope, param)
            if given is None or is_each(given):
                continue
            site = caller.site
            step = trail.into(ref).called_from(caller.ref)
            part = self.handed_on(caller.ref, given, key, At(site.call.line, site.loops, site.guards), step)
            if part is not None:
                known.append(part)
            else:
                unseen.append((caller.ref.path, step))
        return known + self._options_of_callers(ref, key, unseen)

    def handed_on(self, ref: Ref, value: Expr, key: str, at: At, trail: Trail) -> list[Origin] | None:
        """The member of what a call gives: as the calling scope has bound it before, `p.seed = 3`, else as it was made."""
        path = access_path(value)
        bindings = [] if path is None else self._bindings(ref, f"{path}.{key}")
        bindings, open_end = reaching(bindings, at)
        found = [origin for assign in bindings for origin in self.tracer.bound(ref, assign, f"{path}.{key}", trail)]
        if bindings and not open_end:
            return found
        member = self.trace(ref, value, key, at, replace(trail, replaceable=trail.replaceable or bool(bindings)))
        return member if member is None and not found else found + (member or [])

    def _bindings(self, ref: Ref, path: str) -> list[Assign]:
        """Where a scope binds a member by its whole path."""
        assigns = self.project.scope(ref).assigns
        return [assign for assign in assigns if not assign.augmented and binds(assign, path)]

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
                for origin in self.tracer.declared(item, step)
            ]
            for path, step in unseen
        ]

    def _of_attribute(self, owner: Ref, name: str, key: str, trail: Trail) -> list[Origin] | None:
        if (owner, name, key) in trail.seen:
            return None
        trail = replace(trail, seen=trail.seen | {(owner, name, key)})
        known = []
        for ref, assign in self.project.attribute_assigns(owner, name):
            at = At(assign.line, assign.loops, assign.guards)
            part = self.trace(ref, assign.value, key, at, trail)
            if part is not None:
                known.append(part)
        if known:
            return [origin for part in known for origin in part]
        held = self.project.class_of(Ref(owner.path, owner.scope), Attr(Name("self", 0), name, 0))
        return self.fields.trace(held, key, trail) if held else None

    def overwritten(
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
            step = trail.into(ref).step(ref.path, item.line, f"{path} overwritten by {shorten(item.source)}")
            declared = self.declarations.by_key.get(key, ()) if namespace(item.source) is not None else ()
            options = [option for option in declared if option.is_option and option.ref.path == ref.path]
            if options:
                found += [origin for option in options for origin in self.tracer.declared(option, step)]
                surely = surely or not item.guards
            else:
                live = replace(step, replaceable=True)
                member = self.trace(ref, item.source, key, At(item.line, (), item.guards), live) or []
                found += [origin for origin in member if origin.kind is not Kind.UNKNOWN]
        return found, bool(items), surely


PARSES = frozenset({"parse_args", "parse_known_args", "parse_intermixed_args"})
"""Calls that give the options of a program their values."""

_MERGES = frozenset({"omegaconf.OmegaConf.merge", "omegaconf.OmegaConf.unsafe_merge"})

_WRAPPING = frozenset(
    "vars dict asdict deepcopy copy EasyDict AttrDict edict Namespace SimpleNamespace DictConfig OmegaConf create ConfigDict "
    "FrozenDict Munch Box to_container __dict__ namedtuple".split()
)
"""Calls that give their one argument's members in another dress."""
