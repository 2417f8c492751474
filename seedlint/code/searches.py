"""Finds the sweeps and searches that Python code states: in dicts, in calls that draw a value, in calls that are given a grid."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.facts import Scope
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.sweep_formats import Layout, dimension, sweeps_of
from seedlint.code.sweep_rows import SweepCall
from seedlint.code.sweeps import Dimension, Strategy, Sweep, sweep_uses
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Name, Table, argument, tail, walk
from seedlint.code.tables import DISTRIBUTED, ONE, Resolve, as_table, count, entries_of, lists, meets, only
from seedlint.code.unittests import is_test
from seedlint.uses import SeedUse

GRID_DRAWS = frozenset({"grid_search"})
"""Calls that try each of the values which they are given; all others of the tables draw one."""

HOLDERS = frozenset({Table, Group, Call})
"""The expressions that may hold a table: `dict(…)` is a call."""

WANDB_KEYS = frozenset(
    {"value", "values", "min", "max", "distribution", "mu", "sigma", "q", "parameters", "probabilities"}
)


def searched_seeds(project: Project, calls: Calls) -> list[SeedUse]:
    """The seed uses in the sweeps and searches of the Python code: `trial.suggest_int("seed", …)`, `{"seed": tune.choice(…)}`."""
    uses = sweep_uses(sweep for _, sweep in python_sweeps(project, calls))
    return list({(use.place.path, use.place.line, use.circumstance): use for use in uses}.values())


def python_sweeps(project: Project, calls: Calls) -> list[tuple[Ref, Sweep]]:
    """The sweeps and search spaces in the Python code of a project, unit tests left out, each with the scope that states it."""
    return [
        (ref, sweep)
        for facts in list(project.files.values())
        if facts.is_python and not is_test(facts)
        for scope in facts.scopes
        for ref in (Ref(facts.path, scope.index),)
        for sweep in _Stated(project, calls, ref, scope).sweeps()
    ]


class _Stated:
    """What one scope states of sweeps."""

    def __init__(self, project: Project, calls: Calls, ref: Ref, scope: Scope) -> None:
        self.project = project
        self.calls = calls
        self.ref = ref
        self.scope = scope
        self.path = ref.path

    def sweeps(self) -> Iterator[Sweep]:
        """The sweeps of the scope: those of tables, of draws, and of calls that are given a grid."""
        tables = list(self._tables())
        yield from self._drawn(tables)
        yield from self._given()
        if not tables:
            return
        found = [sweep for table in tables for sweep in sweeps_of(self.path, table, self._resolved)]
        yield from found
        yield from self._wandb_parameters(tables, {item.line for sweep in found for item in sweep.dimensions})
        yield from self._multiplied(tables)

    def _tables(self) -> Iterator[Expr]:
        """The outermost tables, and lists of tables, of the scope."""
        values = [item.value for item in self.scope.assigns] + [item.value for item in self.scope.returns]
        for site in self.scope.calls:
            values += site.call.given
        found = [as_table(value) for value in values if type(value) in HOLDERS]
        tables = [value for value in found if type(value) is Table or (type(value) is Group and _holds_table(value))]
        inner = {id(node) for table in tables for node in walk(table) if node is not table and type(node) is Table}
        yield from (table for table in tables if id(table) not in inner)

    def _resolved(self, expr: Expr) -> Expr:
        """What a name is bound to in this file, if it is bound once."""
        symbol = self.project.symbol(self.ref, expr) if type(expr) is Name else None
        if symbol is None or symbol.kind != "variable" or symbol.ref.path != self.path:
            return expr
        bound = [item for item in self.project.scope(symbol.ref).assigns if symbol.name in names_bound(item)]
        return as_table(bound[0].value) if len(bound) == 1 and type(bound[0].target) is Name else expr

    # values that a search draws

    def _drawn(self, tables: list[Expr]) -> Iterator[Sweep]:
        """The spaces of draws: those in one table, and those that the scope makes one by one."""
        draws = [site.call for site in self.scope.calls if self._is_draw(site.call)]
        if not draws:
            return
        keys, homes = self._keys(tables)
        spaces: dict[int, list[tuple[Call, Dimension]]] = defaultdict(list)
        for call in draws:
            found = self._draw(call, keys.get(id(call)))
            if found is not None:
                spaces[homes.get(id(call), 0)].append((call, found))
        for space in spaces.values():
            grid = all(tail(call.func) in GRID_DRAWS for call, _ in space)
            strategy = Strategy.GRID if grid else Strategy.TUNER
            yield Sweep(self.path, space[0][0].line, "search space", tuple(found for _, found in space), strategy)

    def _is_draw(self, call: Call) -> bool:
        return self.calls.is_in(self.ref, call, self.calls.apis.search, self.calls.apis.search_methods)

    def _keys(self, tables: list[Expr]) -> tuple[dict[int, tuple[str, Const | None]], dict[int, int]]:
        """By the identity of a value: the name that it is given, with its key; and the outermost table that holds it."""
        keys: dict[int, tuple[str, Const | None]] = {}
        homes: dict[int, int] = {}
        for assign in self.scope.assigns:
            if type(assign.target) is not Group:
                keys[id(assign.value)] = tail(assign.target), None
        for site in self.scope.calls:
            keys.update({id(value): (name, None) for name, value in site.call.keywords if name})
        for table in tables:
            for node in walk(table):
                keys.update({id(value): (name, key) for name, (key, value) in entries_of(node).items()})
                homes[id(node)] = id(table)
        return keys, homes

    def _draw(self, call: Call, given: tuple[str, Const | None] | None) -> Dimension | None:
        """The dimension of a draw, which has its name from its key, its argument, or what it is bound to."""
        label = argument(call, ("name", "key"), 0)
        text = label.value if type(label) is Const and isinstance(label.value, str) else ""
        name, key = given or ("", None)
        if key is None and not speaks_of_seed(name):
            name = text or name
        place = key or Const(name, call.line, call.column, call.end_line, call.end_column)
        values = [self._resolved(arg) for arg in call.given]
        counted = next((count(value, self._resolved) for value in values if lists(value)), DISTRIBUTED)
        return dimension(name, place, counted, None) if name else None

    # the parameters of a W&B sweep, as far as they stand apart from its method

    def _wandb_parameters(self, tables: list[Expr], taken: set[int]) -> Iterator[Sweep]:
        stated = [table for table in tables if _states_parameters(table)]
        imports = self.project.files[self.path].imports.values() if stated else ()
        if not any(f"{target}.".startswith("wandb.") for target in imports):
            return
        layout = next(item for item in self.calls.apis.sweeps if item.name == "W&B sweep")
        found: list[Dimension] = []
        for table in stated:
            (sweep,) = Layout(layout, self._resolved).read(self.path, table, {"": table})
            found += [item for item in sweep.dimensions if item.line not in taken]
        if found:
            random = any(meets(table, condition) for table in tables for condition in layout.random)
            tuner = any(meets(table, condition) for table in tables for condition in layout.tuner)
            strategy = Strategy.TUNER if tuner else Strategy.RANDOM if random else Strategy.GRID
            yield Sweep(self.path, found[0].line, layout.name, tuple(found), strategy)

    # calls that are given a grid, or one dimension of it

    def _given(self) -> Iterator[Sweep]:
        added: list[Dimension] = []
        for site in self.scope.calls:
            row = self._row(site.call)
            if row is None:
                continue
            if row.gives == "dimension":
                added += _added(site.call, self._resolved)
            elif row.strategy != "tuner" or self.calls.neural(self.path):
                yield from self._grid(site.call, row)
        if added:
            yield Sweep(self.path, added[0].line, "grid", tuple(added))

    def _row(self, call: Call) -> SweepCall | None:
        """The table's entry for a call that is given a grid."""
        last = tail(call.func)
        rows = self.calls.apis.sweep_calls.get(last, ())
        if not rows:
            return None
        name = self.project.external(self.ref, call.func)
        receiver = tail(call.func.base) if type(call.func) is Attr else ""
        for row in rows:
            if name in row.names:
                return row
            if last in row.methods and (not row.receiver or re.search(row.receiver, receiver)):
                return row if self.project.callee(self.ref, call.func) is None else None
        return None

    def _grid(self, call: Call, row: SweepCall) -> Iterator[Sweep]:
        given = argument(call, row.arguments, row.position)
        if given is not None:
            space = _pairs_as_table(as_table(self._resolved(given)))
            yield from (replace(sweep, strategy=Strategy(row.strategy), guess=False) for sweep in self._plain(space))

    def _multiplied(self, tables: list[Expr]) -> Iterator[Sweep]:
        """The tables of lists in a file that makes every combination of some: `product(*grid.values())`."""
        grids = [table for table in tables if _lists_all(table, self._resolved)]
        sites = (site for scope in self.project.files[self.path].scopes for site in scope.calls)
        if grids and any(tail(site.call.func) == "product" for site in sites):
            for grid in grids:
                yield from self._plain(grid)

    def _plain(self, space: Expr) -> list[Sweep]:
        """The sweeps of a table of lists, or of a list of such tables."""
        layout = next(item for item in self.calls.apis.sweeps if item.files and item.guess)
        return Layout(layout, self._resolved).read(self.path, space, {"": space})


def _holds_table(group: Group) -> bool:
    return any(type(item) is Table for item in group.items)


def _pairs_as_table(expr: Expr) -> Expr:
    """A list of names, each with its values, as a table: `[("seed", [1, 2]), ("lr", [0.1, 0.2])]`."""
    pairs = [tuple(item.items) for item in expr.items if type(item) is Group] if type(expr) is Group else []
    named = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and type(pair[0]) is Const]
    return Table(tuple(named), getattr(expr, "line", 1)) if named else expr


def _lists_all(table: Expr, resolve: Resolve) -> bool:
    """Whether a table lists values for each of several names."""
    entries = entries_of(table).values()
    return len(entries) > 1 and all(lists(resolve(value)) for _, value in entries)


def _states_parameters(table: Expr) -> bool:
    """Whether a table gives each parameter of a sweep its values or its distribution."""
    if type(table) is not Table or not table.pairs:
        return False
    stated = [value for _, value in table.pairs]
    keyed = [set(entries_of(value)) for value in stated]
    return all(keys and keys <= WANDB_KEYS for keys in keyed) and len(keyed) == len(stated)


def _added(call: Call, resolve: Resolve) -> list[Dimension]:
    """The dimension that a call adds to a grid: its name and its values come first; what is no list is one value."""
    match call.args:
        case (Const(value=str() as name), given, *_):
            values = resolve(given)
            counted = count(values, resolve) if lists(values) or type(values) is Name else ONE
            place = Const(name, call.line, call.column, call.end_line, call.end_column)
            return [dimension(name, place, counted, only(values))]
    return []
