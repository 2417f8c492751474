"""The rows of `rules/apis/sweeps.toml` as records: the layouts of sweeps, and the calls that are given one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SweepFormat:
    """A layout in which files and dicts state a sweep or a search space.

    A condition is a key ("a.b" is `b` in `a`) or "key=regular expression" of the value. A table is such a sweep if it meets
    all of `holds` and its path fits the regular expression `files`; `space` are the keys of what holds the dimensions.
    Without `holds`, a table one of whose values meets one of `marks` is itself the space; with `holds`, a table in the
    space must meet one. With `named_by`, a space is a list of tables that are named by that key.

    Of a dimension's table, `ranged` are conditions of a distribution, `listed` keys of its values, `single` keys of its
    only value; `inner` is the key of dimensions below it. `plain` says what a value is that is no table: its "one" value,
    a "list" of values, or, if it begins with the name of a distribution, "drawn". `text` is the notation of a value that is
    a string. `leaves_out` are keys of a space that are no dimensions, `pins` keys of seeds beside it.

    `strategy` says how trials are chosen unless a condition in `random` or `tuner` is met. `guess`: the layout has no marks
    of its own, so only a seed that is listed counts.
    """

    name: str
    files: str
    holds: tuple[str, ...]
    marks: tuple[str, ...]
    space: tuple[str, ...]
    named_by: str
    inner: str
    listed: tuple[str, ...]
    single: tuple[str, ...]
    ranged: tuple[str, ...]
    plain: str
    text: str
    leaves_out: tuple[str, ...]
    pins: tuple[str, ...]
    program: tuple[str, ...]
    strategy: str
    random: tuple[str, ...]
    tuner: tuple[str, ...]
    guess: bool


@dataclass(frozen=True)
class SweepCall:
    """A call that is given a whole search space (`gives` is "space") or adds one named "dimension" to the space around it.

    The table has it by the last names of its calls.
    """

    names: tuple[str, ...]
    methods: tuple[str, ...]
    receiver: str
    gives: str
    arguments: tuple[str, ...]
    position: int
    strategy: str


def sweep_formats(rows: Iterable[list[Any]]) -> tuple[SweepFormat, ...]:
    """The layouts from their plain form, in the order in which they count."""
    return tuple(SweepFormat(*map(_fixed, row)) for row in rows)


def sweep_calls(rows: Iterable[list[Any]]) -> dict[str, tuple[SweepCall, ...]]:
    """The calls from their plain form, by their last names."""
    found: dict[str, list[SweepCall]] = {}
    for row in rows:
        call = SweepCall(*map(_fixed, row))
        for last in {name.rpartition(".")[2] for name in call.names} | set(call.methods):
            found.setdefault(last, []).append(call)
    return {last: tuple(named) for last, named in found.items()}


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
