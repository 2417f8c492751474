"""Finds where code overwrites many settings at once: `cfg.update(…)`, `vars(self).update(…)`, `setattr` for every item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from seedlint.code.facts import CallSite, Guard, Scope
from seedlint.code.syntax import Attr, Call, Const, Expr, Name, Table, access_path, names_in, tail

MERGES = frozenset({"update", "merge_from_other_cfg", "merge_from_file", "merge_from_list", "merge_from_dict"})


class Overwrite(NamedTuple):
    """A place that may give every setting of an object another value; `source` is what holds the new values."""

    source: Expr
    line: int
    guards: tuple[Guard, ...]


def overwrites(scope: Scope, path: str, key: str) -> Iterator[Overwrite]:
    """The places in a scope that may overwrite `key` among all settings of the object or dict that `path` names."""
    for site in scope.calls:
        func = site.call.func
        source: Expr | None = None
        if type(func) is Attr and func.name in MERGES:
            source = _merged(site.call, func, path)
        elif type(func) is Name and func.id == "setattr":
            source = _set_each(scope, site, path)
        if source is not None and _may_hold(source, key):
            yield Overwrite(source, site.call.line, site.guards)
    for assign in scope.assigns:
        if assign.augmented and access_path(assign.target) == path and _may_hold(assign.value, key):
            yield Overwrite(assign.value, assign.line, assign.guards)


def namespace(source: Expr) -> Expr | None:
    """The object whose attributes a source holds: `args` of `vars(args)` and of `args.__dict__`."""
    if type(source) is Call and tail(source) == "vars" and len(source.args) == 1:
        return source.args[0]
    return source.base if type(source) is Attr and source.name == "__dict__" else None


def _merged(call: Call, func: Attr, path: str) -> Expr | None:
    holder = namespace(func.base)
    if not call.args or (
        holder is None and path == "self"
    ):  # `self.update(…)` is a method of its own and may be anything
        return None
    return call.args[0] if access_path(holder or func.base) == path else None


def _set_each(scope: Scope, site: CallSite, path: str) -> Expr | None:
    """What `for key, value in source.items(): setattr(holder, key, value)` goes through."""
    args = site.call.args
    if len(args) != 3 or access_path(args[0]) != path or type(args[1]) is Const:
        return None
    for index in reversed(site.loops):
        target, iterable = scope.loops[index].target, scope.loops[index].iterable
        if target is not None and iterable is not None and names_in(target) & names_in(args[1]):
            match iterable:
                case Call(func=Attr(base=base, name="items")):
                    return base
            return iterable
    return args[2]


def _may_hold(source: Expr, key: str) -> bool:
    if type(source) is not Table:
        return type(source) is not Const
    return any(type(name) is not Const or name.value == key for name, _ in source.pairs)
