"""What seedlint knows of the frameworks: which call seeds, trains, draws, averages.

The knowledge is `rules/apis/*.toml`; here it becomes one table, read from a cached copy while the files stay the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from seedlint import __version__
from seedlint.cachedir import cache_folder
from seedlint.code.framework_rows import ConfigFormat, KnownProgram, config_formats, known_programs
from seedlint.code.sweep_rows import SweepCall, SweepFormat, sweep_calls, sweep_formats
from seedlint.resources import rules_folder


class Governs(str, Enum):
    """What a seeding call has power over."""

    GLOBAL = "global"
    GENERATOR = "generator"
    KEY = "key"
    TRAINER = "trainer"
    INITIALIZER = "initializer"
    DATA = "data"
    ENVIRONMENT = "environment"
    DECODING = "decoding"
    SEARCH = "search"
    HASH = "hash"
    ESTIMATOR = "estimator"
    CLUSTERING = "clustering"


@dataclass(frozen=True)
class Seeder:
    """A call that seeds something.

    `names` are qualified; `methods` are matched on receivers of unknown type in whose last name the regular expression
    `receiver` is found (any, if empty). The seed is the keyword in `arguments` or the positional argument at `position`
    (-1: keyword only). `absent` says what the call means without it: "nothing", "fresh" entropy, or the "constant"
    `absent_value`. `off` are values that mean "do not seed".
    """

    names: tuple[str, ...]
    methods: tuple[str, ...]
    receiver: str
    arguments: tuple[str, ...]
    position: int
    governs: Governs
    absent: str
    absent_value: int | None
    off: tuple[int | str, ...]
    framework: str


@dataclass(frozen=True)
class Training:
    """A call that trains by gradient.

    `receiver` is searched, whatever the case, in the receiver's dotted text; `arguments` is "some" or "none" where the
    call counts only with or without any; `requires` asks that the module imports a neural package.
    """

    names: tuple[str, ...]
    methods: tuple[str, ...]
    receiver: str
    arguments: str
    requires: bool


@dataclass(frozen=True)
class OptionCall:
    """A call that declares an option of a program or a field of its configuration.

    `name` says where the option's name stands: "flags" (string arguments, `dest` wins), "first" (the first string) or
    "target" (what the call is assigned to). The default is the keyword `default` or the argument at `position`.
    """

    names: tuple[str, ...]
    methods: tuple[str, ...]
    name: str
    default: str
    position: int
    kind: str


@dataclass(frozen=True)
class Entry:
    """A call or decorator that makes a command line of a function's parameters or of a class's fields (`kind`)."""

    names: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class ApiTable:
    """All frameworks' knowledge, by qualified name and by method name. `not_training` are classes, and modules of classes,
    whose methods train nothing by gradient. `words`, `run_words` and `report_words` are the lower-case bytes by which a
    file is worth parsing (`is_worth_reading`)."""

    seeders: Mapping[str, tuple[Seeder, ...]]
    seeder_methods: Mapping[str, tuple[Seeder, ...]]
    training: Mapping[str, Training]
    training_methods: Mapping[str, tuple[Training, ...]]
    not_training: frozenset[str]
    deterministic_calls: frozenset[str]
    deterministic_attributes: frozenset[str]
    deterministic_keywords: frozenset[str]
    options: Mapping[str, OptionCall]
    option_methods: Mapping[str, OptionCall]
    entries: Mapping[str, Entry]
    sweeps: tuple[SweepFormat, ...]
    sweep_calls: Mapping[str, tuple[SweepCall, ...]]
    config_formats: Mapping[str, tuple[ConfigFormat, ...]]
    programs: Mapping[str, tuple[tuple[tuple[str, ...], KnownProgram], ...]]
    dimension_words: Mapping[str, str]
    search: frozenset[str]
    search_methods: frozenset[str]
    fresh: frozenset[str]
    fresh_methods: frozenset[str]
    draw: frozenset[str]
    draw_methods: frozenset[str]
    derive: frozenset[str]
    derive_methods: frozenset[str]
    statistics: Mapping[str, str]
    statistic_methods: Mapping[str, str]
    combine: frozenset[str]
    combine_methods: frozenset[str]
    load: frozenset[str]
    load_methods: frozenset[str]
    neural_packages: frozenset[str]
    packages: frozenset[str]
    words: tuple[bytes, ...]
    run_words: tuple[bytes, ...]
    report_words: tuple[bytes, ...]

    def is_worth_reading(self, content: bytes) -> bool:
        """Whether the bytes of a file hold a word of seeds, or words of repeated runs and of what is reported of them, in
        lines that are neither comments nor examples in a docstring."""
        lowered = content.lower()
        if not self._speaks(lowered):
            return False
        lines = [line for line in lowered.split(b"\n") if not line.lstrip().startswith((b">>>", b"...", b"#"))]
        return self._speaks(b"\n".join(lines))

    def _speaks(self, lowered: bytes) -> bool:
        return any(word in lowered for word in self.words) or (
            any(word in lowered for word in self.run_words) and any(word in lowered for word in self.report_words)
        )


@cache
def load_apis() -> ApiTable:
    """The table of all frameworks that seedlint knows."""
    return read_table(rules_folder() / "apis", cache_folder())


def read_table(folder: Path, caches: Path) -> ApiTable:
    """The table of one folder of framework files; the copy kept in `caches` is renewed when they change."""
    stamp = _stamp(folder)
    copy = _copy_path(folder, caches)
    cached = _read_copy(copy, stamp)
    if cached is not None:
        return cached
    from seedlint.code.apifiles import parse_folder

    plain = parse_folder(folder)
    _write_copy(copy, stamp, plain)
    return build_table(plain)


def build_table(plain: Mapping[str, Any]) -> ApiTable:
    """The frozen table from its plain form: rows in the order of the records' fields, and lists of names."""
    seeders = [
        Seeder(
            tuple(names),
            tuple(methods),
            receiver,
            tuple(arguments),
            position,
            Governs(governs),
            absent,
            value,
            tuple(off),
            framework,
        )
        for names, methods, receiver, arguments, position, governs, absent, value, off, framework in plain["seeder"]
    ]
    trainings = [Training(tuple(names), tuple(methods), *rest) for names, methods, *rest in plain["training"]]
    options = [OptionCall(tuple(names), tuple(methods), *rest) for names, methods, *rest in plain["option"]]
    entries = [Entry(tuple(names), kind) for names, kind in plain["entry"]]
    return ApiTable(
        seeders=_all_by(seeders, "names"),
        seeder_methods=_all_by(seeders, "methods"),
        training={name: training for training in trainings for name in training.names},
        training_methods=_all_by(trainings, "methods"),
        options={name: option for option in options for name in option.names},
        option_methods={method: option for option in options for method in option.methods},
        entries={name: entry for entry in entries for name in entry.names},
        sweeps=sweep_formats(plain["sweep"]),
        sweep_calls=sweep_calls(plain["sweep_call"]),
        config_formats=config_formats(plain["config"]),
        programs=known_programs(plain["program"]),
        dimension_words=plain["dimension"],
        statistics=plain["statistics"],
        statistic_methods=plain["statistic_methods"],
        words=tuple(word.encode() for word in plain["words"]),
        run_words=tuple(word.encode() for word in plain["run_words"]),
        report_words=tuple(word.encode() for word in plain["report_words"]),
        **{field: frozenset(names) for field, names in plain["sets"].items()},
    )


Record = TypeVar("Record", Seeder, Training)


def _all_by(records: Iterable[Record], field: str) -> dict[str, tuple[Record, ...]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        for name in getattr(record, field):
            found.setdefault(name, []).append(record)
    return {name: tuple(named) for name, named in found.items()}


def _stamp(folder: Path) -> list[str]:
    """What changes when the files, or the code that reads them, change."""
    with os.scandir(folder) as listing:
        paths = [entry.path for entry in listing if entry.name.endswith(".toml")]
    here = os.path.dirname(__file__)
    readers = [os.path.join(here, name) for name in ("apis.py", "apifiles.py", "framework_rows.py", "sweep_rows.py")]
    paths += [path for path in readers if os.path.isfile(path)]
    statuses = [(os.path.basename(path), os.stat(path)) for path in paths]
    return [__version__, *sorted(f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in statuses)]


def _copy_path(folder: Path, caches: Path) -> Path:
    """One file for each place the framework files are read from, so that two installations do not evict each other."""
    from zlib import crc32

    return caches / f"apis-{crc32(os.fsencode(folder.absolute())):08x}.json"


def _read_copy(copy: Path, stamp: list[str]) -> ApiTable | None:
    import json

    try:
        content = json.loads(copy.read_bytes())
        return build_table(content["table"]) if content["stamp"] == stamp else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None  # a copy that cannot be read, or is not one, costs a little time and nothing else


def _write_copy(copy: Path, stamp: list[str], plain: Mapping[str, Any]) -> None:
    import json

    unfinished = copy.with_suffix(f".{os.getpid()}.tmp")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps({"stamp": stamp, "table": plain}), encoding="utf-8")
        os.replace(unfinished, copy)
    except OSError:
        return  # a cache folder that cannot be written: the files are parsed again next time
