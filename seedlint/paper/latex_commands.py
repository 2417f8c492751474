"""What LaTeX commands mean to a reader of running text: the table of `rules/papers/latex.toml`, checked when it is read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from seedlint.resources import rules_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_LISTS = ("skipped", "floats", "headings", "captions", "footnotes", "titles", "lengths", "definitions")
_TABLES = {"dropped": int, "opened": int, "replaced": str, "parts": str, "signs": str}


class LatexTableError(ValueError):
    """A table of LaTeX commands that does not follow its schema, in one line."""


@dataclass(frozen=True)
class LatexCommands:
    """Names without backslash and star; the data file says what each set and table means."""

    skipped: frozenset[str]
    floats: frozenset[str]
    headings: frozenset[str]
    captions: frozenset[str]
    footnotes: frozenset[str]
    titles: frozenset[str]
    lengths: frozenset[str]
    definitions: frozenset[str]
    dropped: Mapping[str, int]
    opened: Mapping[str, int]
    replaced: Mapping[str, str]
    parts: Mapping[str, str]
    signs: Mapping[str, str]

    @cached_property
    def structure(self) -> frozenset[str]:
        """The commands by which a paper is read, whatever it defines them to be."""
        read = self.headings | self.captions | self.footnotes | self.titles | self.dropped.keys() | self.replaced.keys()
        return read | {"begin", "end", "item", "par"}


@cache
def latex_commands() -> LatexCommands:
    """The commands that come with seedlint."""
    return read_latex_commands(rules_folder() / "papers" / "latex.toml")


def read_latex_commands(path: Path) -> LatexCommands:
    """The commands of a file; raises LatexTableError where a key is missing, unknown or of another type."""
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    if content.keys() != {*_LISTS, *_TABLES}:
        raise LatexTableError(f"{path.name}: keys must be {', '.join(sorted((*_LISTS, *_TABLES)))}")
    for name in _LISTS:
        _check(f"{path.name}: {name}", content[name], list, str)
    for name, of in _TABLES.items():
        _check(f"{path.name}: {name}", content[name], dict, of)
    fields: dict[str, Any] = {name: frozenset(content[name]) for name in _LISTS}
    fields |= {name: content[name] for name in _TABLES}
    return LatexCommands(**fields)


def _check(where: str, value: Any, container: type, of: type) -> None:
    names: list[Any] = list(value) if isinstance(value, (list, dict)) else []
    items: list[Any] = list(value.values()) if isinstance(value, dict) else names
    if not isinstance(value, container):
        raise LatexTableError(f"{where} must be a {'list' if container is list else 'table'}")
    if not all(type(item) is of for item in items):
        raise LatexTableError(f"{where} must hold {'numbers' if of is int else 'texts'} only")
    if not all(isinstance(name, str) and name.isalnum() for name in names):
        raise LatexTableError(f"{where} must name commands without backslash")
