"""Tells tables that count the seeds behind each score: then their means and deviations are those of runs by seed."""

from __future__ import annotations

from collections.abc import Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.syntax import Attr, Call, Const, Expr, Item, Table, tail, walk

COUNTS = frozenset({"nunique", "n_unique", "count_distinct", "approx_n_unique"})
"""Calls, and names of aggregates, that count the values of a column."""

SPREADS = frozenset({"std", "var", "sem"})
MEANS = frozenset({"mean", "median"})


def counts_seeds(call: Call) -> bool:
    """Whether a call counts the values of a column of seeds: `frame.seed.nunique()`, `.agg({"seed": "nunique"})`."""
    if tail(call.func) in COUNTS and any(speaks_of_seed(name) for name in _columns(call)):
        return True
    given = call.given
    return any(_counted(node) for value in given for node in walk(value) if type(node) is Table)


def gives_mean_and_spread(call: Call) -> bool:
    """Whether an aggregation takes a mean and a deviation, by name or by a call on a column."""
    given = call.given
    words = {_word(node) for value in given for node in walk(value)}
    return bool(words & MEANS) and bool(words & SPREADS)


def _columns(call: Call) -> Iterator[str]:
    """The columns that a counting method may stand on: `seed` of `frame.seed`, `frame["seed"]`, `col("seed")`."""
    match call.func:
        case Attr(base=Attr(name=name)):
            yield name
        case Attr(base=Item(key=Const(value=str() as name))):
            yield name
        case Attr(base=Call(args=(Const(value=str() as name),))):
            yield name


def _counted(table: Table) -> bool:
    return any(
        type(key) is Const and speaks_of_seed(str(key.value)) and any(_word(node) in COUNTS for node in walk(value))
        for key, value in table.pairs
    )


def _word(node: Expr) -> str:
    match node:
        case Const(value=str() as text):
            return text
        case Attr(name=name):
            return name
    return ""
