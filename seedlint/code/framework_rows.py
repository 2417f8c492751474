"""The rows `config` and `program` of `rules/apis/*.toml` as records: what frameworks train from without a line of Python code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ConfigFormat:
    """How a framework's configuration is told, and which of its keys seed training.

    A condition is a key ("a.b" is `b` in `a`) or "key=regular expression" of the value. A file whose path fits the regular
    expression `files` is one of the framework's if its table meets all of `holds` and, if there are any, one of `marks`;
    with `anywhere`, any table in it. `seeds` are keys of that table, `otherwise` those that count where it has none of them;
    `off` are values that mean "do not seed", beside negative ones. `modules` says that a Python module may be one.
    """

    framework: str
    files: str
    holds: tuple[str, ...]
    marks: tuple[str, ...]
    anywhere: bool
    seeds: tuple[str, ...]
    otherwise: tuple[str, ...]
    off: tuple[int, ...]
    modules: bool


@dataclass(frozen=True)
class KnownProgram:
    """A program of a framework that trains: how commands run it ("spacy train", "-m spacy train"), the options by which they
    seed it, without dashes and with underscores, and those whose text is a table of settings in JSON."""

    framework: str
    run: tuple[str, ...]
    seeds: tuple[str, ...]
    overrides: tuple[str, ...]

    @property
    def module_paths(self) -> tuple[str, ...]:
        """The files of a project that are this program's own code."""
        modules = [run.split()[1] for run in self.run if run.startswith("-m ")]
        return tuple(module.replace(".", "/") + ending for module in modules for ending in (".py", "/__main__.py"))


def config_formats(rows: Iterable[list[Any]]) -> dict[str, tuple[ConfigFormat, ...]]:
    """The formats from their plain form, by the first keys of their seeds."""
    found: dict[str, list[ConfigFormat]] = {}
    for row in rows:
        layout = ConfigFormat(*map(_fixed, row))
        for first in dict.fromkeys(key.partition(".")[0] for key in (*layout.seeds, *layout.otherwise)):
            found.setdefault(first, []).append(layout)
    return {first: tuple(layouts) for first, layouts in found.items()}


def known_programs(rows: Iterable[list[Any]]) -> Mapping[str, tuple[tuple[tuple[str, ...], KnownProgram], ...]]:
    """The programs from their plain form, by the first word of each way to run them ("-m module" is one), with the others."""
    found: dict[str, list[tuple[tuple[str, ...], KnownProgram]]] = {}
    for row in rows:
        program = KnownProgram(*map(_fixed, row))
        for run in program.run:
            words = run.split()
            first = " ".join(words[:2]) if words[0] == "-m" else words[0]
            found.setdefault(first, []).append((tuple(words[len(first.split()) :]), program))
    return {first: tuple(named) for first, named in found.items()}


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
