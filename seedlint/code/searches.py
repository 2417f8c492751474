"""Recognises searches in which the seed is one of the hyperparameters."""

from __future__ import annotations

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.facts import Scope
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.syntax import Call, Const, Expr, Group, Name, Table, tail, walk
from seedlint.code.unittests import is_test
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use


def searched_seeds(project: Project, calls: Calls) -> list[SeedUse]:
    """Search spaces with a seed among their dimensions: `trial.suggest_int("seed", …)`, `{"seed": tune.choice(…)}`."""
    return [
        _searched(ref.path, line)
        for ref, scope in project.scopes()
        if not is_test(project.files[ref.path])
        for line in sorted(_called_lines(project, calls, ref, scope) | _table_lines(calls, ref, scope))
    ]


def _searched(path: str, line: int) -> SeedUse:
    evidence = (Evidence(path, line, "the search draws the seed like any other hyperparameter"),)
    return SeedUse(
        Use.MODEL_SELECTION,
        Circumstance.SEARCHED,
        Place(path, line),
        evidence,
        Confidence.HIGH,
        "a searched seed",
        "the search",
    )


def _called_lines(project: Project, calls: Calls, ref: Ref, scope: Scope) -> set[int]:
    """The lines of calls that draw a seed for a search, or are given one that is drawn."""
    lines = set()
    for site in scope.calls:
        call = site.call
        if _drawn(calls, ref, call) and call.args and _is_seed(call.args[0]):
            lines.add(call.line)
        if tail(call.func) == "ParameterGrid":
            lines.update(line for table in call.args for line in _grid_seeds(project, ref, table))
        named = [value for key, value in call.keywords if key and speaks_of_seed(key)]
        lines.update(value.line for value in named if _drawn(calls, ref, value))
    return lines


def _table_lines(calls: Calls, ref: Ref, scope: Scope) -> set[int]:
    """The lines of tables, bound or returned, that hold a seed which a search draws."""
    values = [*(assign.value for assign in scope.assigns), *(returned.value for returned in scope.returns)]
    tables = [node for value in values if type(value) is Table for node in walk(value) if type(node) is Table]
    pairs = [(key, item) for table in tables for key, item in table.pairs if key is not None]
    return {item.line for key, item in pairs if _is_seed(key) and _drawn(calls, ref, item)}


def _grid_seeds(project: Project, ref: Ref, expr: Expr) -> list[int]:
    """The lines of a grid that give several seeds beside several values of another hyperparameter."""
    if type(expr) is Name:
        symbol = project.symbol(ref, expr)
        scope = project.scope(symbol.ref) if symbol and symbol.kind == "variable" else None
        bound = [item.value for item in scope.assigns if expr.id in names_bound(item)] if scope else []
        return _grid_seeds(project, symbol.ref, bound[0]) if symbol and bound and type(bound[0]) is Table else []
    if type(expr) is not Table:
        return []
    several = [(key, value) for key, value in expr.pairs if type(value) is not Group or len(value.items) > 1]
    lines = [key.line for key, _ in several if type(key) is Const and _is_seed(key)]
    return lines if len(several) > 1 else []


def _drawn(calls: Calls, ref: Ref, expr: Expr) -> bool:
    return type(expr) is Call and calls.is_in(ref, expr, calls.apis.search, calls.apis.search_methods)


def _is_seed(expr: Expr) -> bool:
    return type(expr) is Const and isinstance(expr.value, str) and speaks_of_seed(expr.value)
