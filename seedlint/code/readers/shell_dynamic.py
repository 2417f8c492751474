"""The shell's dynamic scope made plain: a function sees the variables of whoever calls it, so every call hands them over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedlint.code.facts import Param, Scope
from seedlint.code.syntax import Call, Expr, Item, Name, command_name, names_in, walk

MAX_ROUNDS = 8
"""Functions that call functions: deeper than this nothing is handed on."""


def hand_over(scopes: Sequence[Scope]) -> None:
    """Make what a function reads of its callers' variables its parameters, and give them in the calls."""
    functions = {scope.name: scope for scope in scopes[1:]}
    if not functions:
        return
    bound = {scope.index: _bound(scope) for scope in scopes}
    known = set().union(*bound.values())
    needed = {scope.name: (_read(scope) & known) - bound[scope.index] for scope in scopes[1:]}
    for _ in range(MAX_ROUNDS):
        before = {name: len(names) for name, names in needed.items()}
        for scope in scopes[1:]:
            for call in _calls(scope):
                inner = needed.get(_callee(call), set())
                needed[scope.name] |= inner - bound[scope.index]
        if before == {name: len(names) for name, names in needed.items()}:
            break
    for name, scope in functions.items():
        given = {param.name for param in scope.params}
        more = [Param(item, Name(item, scope.line), "", scope.line) for item in sorted(needed[name] - given)]
        scope.params = (*scope.params, *more)
    for scope in scopes:
        for call in _calls(scope):
            _give(call, needed.get(_callee(call), set()))


def _give(call: Call, names: set[str]) -> None:
    given = {key for key, _ in call.keywords}
    call.keywords = (*call.keywords, *((name, Name(name, call.line)) for name in sorted(names - given)))


def _calls(scope: Scope) -> Iterator[Call]:
    """The calls of functions in a scope, those inside values too, each once."""
    seen: set[int] = set()
    for expr in _expressions(scope):
        for node in walk(expr):
            if type(node) is Call and _callee(node) and id(node) not in seen:
                seen.add(id(node))
                yield node


def _callee(call: Call) -> str:
    return call.func.id if type(call.func) is Name and command_name(call) is None else ""


def _expressions(scope: Scope) -> Iterator[Expr]:
    for site in scope.calls:
        yield site.call
    for assign in scope.assigns:
        yield assign.value
    for loop in scope.loops:
        if loop.iterable is not None:
            yield loop.iterable
    for returned in scope.returns:
        yield returned.value


def _read(scope: Scope) -> set[str]:
    return {name for expr in _expressions(scope) for name in names_in(expr)}


def _bound(scope: Scope) -> set[str]:
    """The names that a scope binds."""
    targets = [assign.target for assign in scope.assigns]
    targets += [loop.target for loop in scope.loops if loop.target is not None]
    return {name for target in targets for name in names_in(target.base if type(target) is Item else target)}
