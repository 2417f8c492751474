"""Configurations that are written in Python: modules of plain assignments (mmengine, nanoGPT) and objects that are filled key by
key (ml_collections, yacs), seen as the table that a configuration file would hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from seedlint.code.facts import PYTHON, Assign, FileFacts, Scope
from seedlint.code.readers.config_tree import Branch
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, Table, tail

BASES = "_base_"
"""The name by which a configuration of OpenMMLab names those that it extends."""

_DISPLAYS = frozenset({"dict", "list", "tuple", "set", "read_base"})
_OBJECTS = frozenset({"ConfigDict", "FrozenConfigDict", "CfgNode", "CN", "EasyDict"})
_GETTERS = re.compile(r"(?:get|default|base|make)_?\w*config\w*|config")
_MAX_DEPTH = 40


def as_config(facts: FileFacts) -> Table | None:
    """What a Python file sets if it is a configuration; None where it is anything else."""
    if facts.language != PYTHON:
        return None
    module = facts.scopes[0]
    if _is_plain(facts):
        return _of_names(module.assigns, facts.imports)
    for scope in facts.scopes:
        filled = _filled(facts, scope)
        if filled is not None:
            return _of_object(scope, filled, facts.imports)
    return None


def _is_plain(facts: FileFacts) -> bool:
    """Whether a module only gives names to values; one that extends others may compute some of them."""
    module = facts.scopes[0]
    names = [assign.target.id for assign in module.assigns if type(assign.target) is Name]
    if BASES in names:
        return True
    is_alone = len(facts.scopes) == 1 and not module.loops
    settings = [name for name in names if not name.startswith("__")]
    return is_alone and bool(settings) and all(tail(site.call.func) in _DISPLAYS for site in module.calls)


def _filled(facts: FileFacts, scope: Scope) -> str | None:
    """The name of the configuration object that a scope makes and fills key by key."""
    if scope.kind == "class" or (scope.kind == "function" and not _GETTERS.fullmatch(scope.name)):
        return None
    if scope.kind == "module" and not all(
        _maker(site.call, facts.imports) in _DISPLAYS | _OBJECTS for site in scope.calls
    ):
        return None  # a program that has its configuration in itself
    made = {a.target.id for a in scope.assigns if type(a.target) is Name and _is_object(facts, a.value)}
    if scope.kind == "function":
        made &= {returned.value.id for returned in scope.returns if type(returned.value) is Name}
    return next((a.target.id for a in scope.assigns if type(a.target) is Name and a.target.id in made), None)


def _is_object(facts: FileFacts, value: Expr) -> bool:
    return type(value) is Call and _maker(value, facts.imports) in _OBJECTS


def _maker(call: Call, imports: Mapping[str, str]) -> str:
    """The last name of what a call makes, by its own name where it was imported under another."""
    name = tail(call.func)
    return imports.get(name, name).rpartition(".")[2]


def _of_names(assigns: Iterable[Assign], imports: Mapping[str, str]) -> Table:
    root = Branch()
    for assign in assigns:
        if type(assign.target) is Name and not assign.loops:
            root.set(_key(assign.target.id, assign), _value(assign.value, imports))
    return root.table()


def _of_object(scope: Scope, name: str, imports: Mapping[str, str]) -> Table:
    """The table of all that is set below the name."""
    root = Branch(scope.line)
    for assign in scope.assigns:
        steps = _steps(assign.target, name)
        if steps is None or assign.loops:
            continue
        value = _value(assign.value, imports)
        if steps:
            _put(root, [_key(step, assign) for step in steps], value)
        elif type(value) is Table:
            for key, inner in value.pairs:
                if type(key) is Const:
                    _put(root, [key], inner)
    return root.table()


def _put(root: Branch, keys: list[Const], value: Expr) -> None:
    """Set a value; a table can be filled further."""
    if type(value) is not Table:
        root.put(keys, value)
        return
    root.at(keys)
    for key, inner in value.pairs:
        if type(key) is Const:
            _put(root, [*keys, key], inner)


def _steps(target: Expr, name: str) -> list[str] | None:
    """The keys of `name.a["b"]`; None where it is something else."""
    steps: list[str] = []
    while len(steps) < _MAX_DEPTH:
        match target:
            case Attr():
                steps.append(target.name)
                target = target.base
            case Item(key=Const(value=str() as key)):
                steps.append(key)
                target = target.base
            case Name() if target.id == name:
                return steps[::-1]
            case _:
                return None
    return None


def _key(name: str, assign: Assign) -> Const:
    column = assign.column + 1
    return Const(name, assign.line, column, assign.line, column + len(name))


def _value(value: Expr, imports: Mapping[str, str], depth: int = 0) -> Expr:
    """A value with `dict(a=1)` and `ConfigDict({"a": 1})` as tables."""
    if depth > _MAX_DEPTH:
        return value
    match value:
        case Group():
            return Group(tuple(_value(item, imports, depth + 1) for item in value.items), value.line, value.column)
        case Table():
            return Table(tuple((key, _value(inner, imports, depth + 1)) for key, inner in value.pairs), value.line)
        case Call() if _maker(value, imports) in {"dict", *_OBJECTS}:
            return Table(tuple(_pairs_of(value, imports, depth)), value.line)
    return value


def _pairs_of(call: Call, imports: Mapping[str, str], depth: int) -> Iterator[tuple[Expr | None, Expr]]:
    for arg in call.args:
        inner = _value(arg, imports, depth + 1)
        if type(inner) is Table:
            yield from inner.pairs
        else:
            yield None, inner
    for name, given in call.keywords:
        key = None if name is None else Const(name, given.line, 1, given.line, 1)
        yield key, _value(given, imports, depth + 1)
