"""What the fields of classes hold: what their bodies, constructors and methods bind, and those who make objects give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seedlint.code.calls import text_of
from seedlint.code.ends import named_defaults, shorten
from seedlint.code.facts import Assign, Scope
from seedlint.code.origins import Origin, Trail
from seedlint.code.parameters import MAX_CALLERS
from seedlint.code.project import Caller, Ref
from seedlint.code.reach import END, At, is_name
from seedlint.code.syntax import Attr, Item, Name, argument, names_in, walk

if TYPE_CHECKING:
    from seedlint.code.members import Members


class Fields:
    """Traces fields of classes. Other members are its members' to follow."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.project = members.project

    def trace(self, owner: Ref, key: str, trail: Trail) -> list[Origin] | None:
        """A field of a class: what its body, its constructor calls and its methods bind it to."""
        if (owner, "attribute", key) in trail.seen:
            return []
        trail = replace(trail, seen=trail.seen | {(owner, "attribute", key)})
        assigns = self.project.attribute_assigns(owner, key)
        if not assigns:
            return self._looked_up(owner, key, trail)
        found, overwritten = self._overwritten_self(owner, key, trail)
        trail = replace(trail, replaceable=trail.replaceable or overwritten)
        fields = [pair for pair in assigns if type(pair[1].target) is Name]
        for ref, assign in assigns:
            if (ref, assign) not in fields:
                found += self.members.tracer.bound(ref, assign, f"self.{key}", trail.into(ref))
        for ref, assign in fields[:1]:
            found += self._field(owner, ref, assign, key, trail)
        return found

    def _overwritten_self(self, owner: Ref, key: str, trail: Trail) -> tuple[list[Origin], bool]:
        """What the methods of a class give for a key where they overwrite all attributes, and whether one does."""
        parts = [
            self.members.overwritten(method, "self", key, (0, END), trail)
            for name, method in self.project.methods(owner).items()
            if name not in _RESTORING
        ]
        return [origin for part in parts for origin in part[0]], any(part[1] for part in parts)

    def _field(self, owner: Ref, ref: Ref, assign: Assign, key: str, trail: Trail) -> list[Origin]:
        found: list[Origin] = []
        constructed = self.project.callers(owner)[:MAX_CALLERS]
        overridden = 0
        for caller in constructed:
            given = self._constructed_with(caller, key, trail) if caller.mapped < 0 else None
            overridden += given is not None
            found += given or []
        if overridden and overridden == len(constructed):
            return found
        settings = self.members.declarations.is_settings(owner)
        step = replace(trail, replaceable=trail.replaceable or settings).into(ref)
        name = self.project.scope(owner).name
        if settings:
            step.read(ref, f"{name}.{key}", assign.line)
        default = self.members.tracer.bound(ref, assign, key, step)
        return found + named_defaults(default, f"field {key} of {name}")

    def _constructed_with(self, caller: Caller, key: str, trail: Trail) -> list[Origin] | None:
        """What a call that makes an object gives for a field, by its name or in `**settings`; None where nothing."""
        site = caller.site
        value = argument(site.call, (key,), -1)
        if value is not None:
            return self.members.parameters.from_caller(caller, value, trail)
        at = At(site.call.line, site.loops, site.guards)
        for name, settings in site.call.keywords:
            if name is None:
                step = trail.step(caller.ref.path, site.call.line, f"{text_of(site.call.func)}(**{shorten(settings)})")
                return self.members.handed_on(caller.ref, settings, key, at, step.called_from(caller.ref)) or None
        return None

    def _looked_up(self, owner: Ref, key: str, trail: Trail) -> list[Origin] | None:
        """What a class gives for a key that it looks up in a dict of its own: `def __getitem__(self, key): return self.d[key]`."""
        parts = [
            self._of_holder(owner, dict_name, key, trail)
            for name in _LOOKING_UP
            if (method := self.project.methods(owner).get(name)) is not None
            for dict_name in _holders(self.project.scope(method))
        ]
        known = [part for part in parts if part is not None]
        return [origin for part in known for origin in part] if known else None

    def _of_holder(self, owner: Ref, name: str, key: str, trail: Trail) -> list[Origin] | None:
        """A member of a dict that is an attribute: as it was made, and as the methods overwrite it."""
        parts = [
            self.members.overwritten(method, f"self.{name}", key, (0, END), trail)
            for method in self.project.methods(owner).values()
        ]
        found = [origin for part in parts for origin in part[0]]
        if any(surely for _, _, surely in parts):
            return found
        rest = replace(trail, replaceable=trail.replaceable or any(overwritten for _, overwritten, _ in parts))
        holder = Attr(Name("self", 0), name, 0)
        made = self.members.trace(owner, holder, key, At(END), rest)
        return found + (made or []) if found or made else None


def _holders(scope: Scope) -> list[str]:
    """The attributes in which a method looks up the key that it is given."""
    keys = {param.name for param in scope.params[1:]}
    found = [value for item in scope.returns for value in walk(item.value) if type(value) is Item]
    return [
        value.base.name
        for value in found
        if type(value.base) is Attr and is_name(value.base.base, "self") and names_in(value.key) & keys
    ]


_LOOKING_UP = ("__getitem__", "__getattr__", "get")

_RESTORING = frozenset({"__setstate__", "load_state_dict"})
"""Methods that bring back what a run had saved."""
