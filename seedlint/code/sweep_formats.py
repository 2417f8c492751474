"""Reads the tables of files and code in which sweeps are stated, by the layouts of `rules/apis/sweeps.toml`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from seedlint.code.apis import load_apis
from seedlint.code.facts import CONFIG, FileFacts
from seedlint.code.sweep_rows import SweepFormat
from seedlint.code.sweep_texts import NOTATIONS, hydra_values
from seedlint.code.sweeps import Dimension, Strategy, Sweep
from seedlint.code.syntax import Const, Expr, Group, Table, children, walk
from seedlint.code.tables import (
    DISTRIBUTED,
    ONE,
    Counted,
    Resolve,
    as_is,
    count,
    entries_of,
    find,
    meets,
    only,
    written,
)

MAX_DEPTH = 8
"""Settings that lie deeper in a search space are not followed."""

MAX_NAME = 60
"""No distribution has a longer name."""

DISTRIBUTION = re.compile(r"[?$]*\w*(uniform|normal|int|float|choice|categorical|range|log|layers)\w*", re.I)


def sweeps_in(facts: FileFacts) -> list[Sweep]:
    """The sweeps and search spaces of a config file."""
    if facts.language != CONFIG:
        return []
    values = [assign.value for assign in facts.scopes[0].assigns]
    found = [sweep for value in values for sweep in sweeps_of(facts.path, value)]
    if found:
        return found
    guesses = [item for item in load_apis().sweeps if not item.holds and not item.marks and not item.space]
    spaces = [value for value in values if type(value) is Table]
    return [
        sweep
        for layout in guesses
        if re.search(layout.files, facts.path)
        for space in spaces
        for sweep in Layout(layout, as_is).read(facts.path, space, {"": space})
    ]


def sweeps_of(path: str, value: Expr, resolve: Resolve = as_is) -> Iterator[Sweep]:
    """The sweeps in a value, outermost first; what one of them takes for its space is not looked through again."""
    stack = [value]
    taken: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in taken:
            continue
        if type(node) is Table or type(node) is Group:
            for layout, spaces in _fitting(path, node, resolve):
                found = Layout(layout, resolve).read(path, node, spaces)
                yield from found
                if found:
                    taken.update(id(space) for space in spaces.values())
                    break
        if id(node) not in taken:
            stack.extend(reversed(children(node)))


def _fitting(path: str, node: Table | Group, resolve: Resolve) -> Iterator[tuple[SweepFormat, Mapping[str, Expr]]]:
    """The layouts that a table, or a list of tables, may have, each with the spaces in it."""
    by_key, by_mark = _layouts()
    if type(node) is Group:
        rows = [item for item in node.items if type(item) is Table]
        for layout in _marked(by_mark, rows[:1]):
            if layout.named_by:
                yield layout, {"": node}
        return
    entries = entries_of(node)
    named = {id(layout): layout for key in entries for layout in by_key.get(key, ())}
    for layout in sorted(named.values(), key=_order):
        if all(meets(node, condition) for condition in layout.holds) and re.search(layout.files, path):
            spaces = {key: resolve(value) for key in layout.space if (value := find(node, key)) is not None}
            if (spaces or layout.pins) and (
                not layout.marks or any(_is_marked(layout, item) for item in spaces.values())
            ):
                yield layout, spaces
    tables = [value for _, value in entries.values() if type(value) is Table]
    for layout in _marked(by_mark, tables):
        if not layout.named_by:
            yield layout, {"": node}


def _marked(by_mark: Mapping[str, tuple[SweepFormat, ...]], tables: list[Table]) -> list[SweepFormat]:
    """The layouts one of whose marks is met by one of the tables."""
    found = {
        id(layout): layout
        for table in tables
        for key, _ in table.pairs
        if type(key) is Const and key.value in by_mark
        for layout in by_mark[written(key.value)]
        if any(meets(table, mark) for mark in layout.marks)
    }
    return sorted(found.values(), key=_order)


def _is_marked(layout: SweepFormat, space: Expr) -> bool:
    """Whether anything in a space bears a mark of its layout."""
    return any(meets(node, mark) for node in walk(space) if type(node) is Table for mark in layout.marks)


@cache
def _layouts() -> tuple[Mapping[str, tuple[SweepFormat, ...]], Mapping[str, tuple[SweepFormat, ...]]]:
    """The layouts by a key that their table holds, and by a key that the tables of their dimensions hold."""
    by_key, by_mark = defaultdict(list), defaultdict(list)
    for layout in load_apis().sweeps:
        for condition in layout.holds[:1] or layout.space:
            by_key[_key(condition)].append(layout)
        for condition in () if layout.holds else layout.marks:
            by_mark[_key(condition)].append(layout)
    return {key: tuple(found) for key, found in by_key.items()}, {key: tuple(found) for key, found in by_mark.items()}


def _order(layout: SweepFormat) -> int:
    return load_apis().sweeps.index(layout)


def _key(condition: str) -> str:
    return condition.partition("=")[0].partition(".")[0]


class Layout:
    """One layout, and how it states the dimensions of a sweep."""

    def __init__(self, layout: SweepFormat, resolve: Resolve) -> None:
        self.layout = layout
        self.resolve = resolve

    def read(self, path: str, node: Expr, spaces: Mapping[str, Expr]) -> list[Sweep]:
        """The sweeps in the spaces of a table; several where the space is a list of grids."""
        layout = self.layout
        grids: list[list[Dimension]] = [[]]
        for key, space in spaces.items():
            parts = _alternatives(space) if not layout.named_by else [space]
            if len(parts) == 1:
                grids[0] += self._dimensions(parts[0], key)
            else:
                grids += [list(self._dimensions(part, key)) for part in parts]
        for pin in layout.pins:
            grids[0] += self._pins(node, pin)
        line = getattr(node, "line", 1)
        strategy = self._strategy(node)
        program = next((text for key in layout.program if (text := _text(find(node, key)))), None)
        return [Sweep(path, line, layout.name, tuple(grid), strategy, program, layout.guess) for grid in grids if grid]

    def _strategy(self, node: Expr) -> Strategy:
        if any(meets(node, condition) for condition in self.layout.tuner):
            return Strategy.TUNER
        if any(meets(node, condition) for condition in self.layout.random):
            return Strategy.RANDOM
        return Strategy(self.layout.strategy)

    def _dimensions(self, space: Expr, prefix: str) -> Iterator[Dimension]:
        if self.layout.named_by:
            yield from self._rows(space)
        else:
            yield from self._entries(space, "", prefix, 0)

    def _rows(self, space: Expr) -> Iterator[Dimension]:
        """The dimensions of a list, each a table that has a name."""
        for row in space.items if type(space) is Group else ():
            named = find(row, self.layout.named_by)
            if type(row) is Table and type(named) is Const and self._is_dimension(row):
                yield dimension(written(named.value), named, *self._stated(row))

    def _entries(self, space: Expr, name: str, prefix: str, depth: int) -> Iterator[Dimension]:
        """The dimensions of a table, those of the tables in it included."""
        for key, value in entries_of(space).values() if depth < MAX_DEPTH else ():
            full = f"{name}.{written(key.value)}" if name else written(key.value)
            if f"{prefix}.{full}".lstrip(".") in self.layout.leaves_out:
                continue
            value = self.resolve(value)
            if type(value) is not Table:
                yield dimension(full, key, *self._plain(value))
            elif self._is_dimension(value):
                yield dimension(full, key, *self._stated(value))
            else:
                inner = find(value, self.layout.inner) if self.layout.inner else None
                yield from self._entries(inner or value, full, prefix, depth + 1)

    def _is_dimension(self, table: Table) -> bool:
        """Whether a table says what a dimension's values are."""
        layout = self.layout
        return any(meets(table, item) for item in (*layout.listed, *layout.single, *layout.ranged))

    def _stated(self, table: Table) -> tuple[Counted, Expr | None]:
        """The values that a dimension's table states."""
        layout = self.layout
        if any(meets(table, condition) for condition in layout.ranged):
            return DISTRIBUTED, None
        for key in layout.listed:
            values = find(table, key)
            if values is not None:
                values = self.resolve(values)
                return count(values, self.resolve, hydra_values), only(values)
        for key in layout.single:
            value = find(table, key)
            if value is not None:
                return self._plain(value) if self.layout.text else (ONE, value)
        return ONE, None

    def _plain(self, value: Expr) -> tuple[Counted, Expr | None]:
        """The values of a dimension that no table states."""
        layout = self.layout
        if layout.plain == "one":
            return ONE, value
        if layout.plain == "drawn":
            kind = value.items[0] if type(value) is Group and value.items else None
            drawn = (
                type(kind) is Const and isinstance(kind.value, str) and DISTRIBUTION.fullmatch(kind.value[:MAX_NAME])
            )
            return (DISTRIBUTED, None) if drawn else (ONE, value)
        return count(value, self.resolve, NOTATIONS.get(layout.text)), only(value)

    def _pins(self, node: Expr, path: str) -> Iterator[Dimension]:
        """A seed beside the space, with its one value."""
        *above, last = path.split(".")
        table = find(node, ".".join(above)) if above else node
        entry = entries_of(table).get(last) if table is not None else None
        if entry is not None:
            yield dimension(path, entry[0], ONE, entry[1])


def dimension(name: str, key: Const, counted: Counted, value: Expr | None) -> Dimension:
    """A dimension at the place of its key; `value` is its only value, if it has one."""
    pinned = value.value if type(value) is Const and counted.values == 1 else None
    return Dimension(
        name, counted.values, key.line, key.column, key.end_column, counted.numbers, counted.counting, pinned
    )


def _alternatives(space: Expr) -> list[Expr]:
    """The grids of a list of grids; a single one as it is."""
    if type(space) is Group and any(type(item) is Table for item in space.items):
        return list(space.items)
    return [space]


def _text(expr: Expr | None) -> str | None:
    return expr.value if type(expr) is Const and isinstance(expr.value, str) else None
