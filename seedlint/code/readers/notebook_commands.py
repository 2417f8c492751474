"""Puts the commands that a notebook's cells hand to a shell into the facts of its Python, under the loops around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedlint.code.facts import Assign, CallSite, FileFacts, Scope
from seedlint.code.readers.notebook_moves import OWN, Move
from seedlint.code.readers.notebook_scripts import PLACEHOLDER, PYTHON_VALUE, Escape
from seedlint.code.syntax import Call, Expr, Name, walk


def with_commands(facts: FileFacts, escapes: Mapping[int, Escape]) -> None:
    """Replace each placeholder in the facts by the commands of the escape on its line of the joined module."""
    for scope in facts.scopes[:]:
        sites, scope.calls = scope.calls, []
        for site in sites:
            if _is_placeholder(site.call):
                escape = escapes.get(site.call.line)
                if escape is not None:
                    _adopt(facts, scope, site, escape)
            else:
                scope.calls.append(site)


def _is_placeholder(expr: Expr) -> bool:
    return type(expr) is Call and type(expr.func) is Name and expr.func.id == PLACEHOLDER


def _adopt(facts: FileFacts, scope: Scope, site: CallSite, escape: Escape) -> None:
    """Take what a shell is handed into the scope in which it stands."""
    script = _read(facts.path, escape, site.call.line)
    if script is None:
        return
    own = {"captured"} if escape.captured else _bound(script, everything=escape.own_names)
    move = Move.into(facts, scope, site, escape, frozenset(own))
    module, *functions = script.scopes
    for name, meaning in script.imports.items():
        facts.imports.setdefault(OWN + name, meaning)
    scope.loops += [move.loop(loop) for loop in module.loops]
    scope.calls += [move.call(one) for one in module.calls]
    assigns = [move.assign(assign) for assign in module.assigns]
    if escape.captured:
        _assign_captured(scope, site.call, assigns)
    else:
        scope.assigns += assigns
    for function in functions:
        facts.scopes.append(move.function(function, scope.index))
    scope.children += [move.scopes + child for child in module.children]


def _read(path: str, escape: Escape, line: int) -> FileFacts | None:
    from seedlint.code.readers.shell import read_script
    from seedlint.code.readers.unreadable import UnreadableSource

    try:
        return read_script(path, escape.text, line)
    except UnreadableSource:
        return None  # the cell is still read; a shell would stumble over this text too


def _bound(script: FileFacts, *, everything: bool) -> set[str]:
    """The names that a script binds itself, or all that it uses where no Python value can reach it."""
    bound = set(script.imports)
    for scope in script.scopes:
        if scope.name:
            bound.add(scope.name)
        targets = [assign.target for assign in scope.assigns] + [loop.target for loop in scope.loops if loop.target]
        values = [site.call for site in scope.calls] + [assign.value for assign in scope.assigns] if everything else []
        bound |= {
            node.id
            for expr in (*targets, *values)
            for node in walk(expr)
            if type(node) is Name and _is_variable(node.id)
        }
    return bound


def _is_variable(name: str) -> bool:
    return bool(name) and not name.startswith(PYTHON_VALUE) and " " not in name and name != "range"


def _assign_captured(scope: Scope, placeholder: Call, assigns: Sequence[Assign]) -> None:
    """Bind the Python name to what the command prints."""
    value = assigns[0].value if assigns else None
    for number, assign in enumerate(scope.assigns):
        if assign.value is placeholder and value is not None:
            scope.assigns[number] = assign._replace(value=value)
