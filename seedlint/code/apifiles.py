"""Reads and checks the framework files `rules/apis/*.toml` and merges them into one plain table.

A name may stand for several: `"{keras,tensorflow.keras}.Model.fit"` is two names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from seedlint.code.apis import Governs


class ApiFileError(ValueError):
    """A framework file that does not keep to the schema; the message names the file and the key."""


@dataclass(frozen=True)
class Key:
    """One key of a table: its default (None: required), what it must hold, and the values allowed (none given: any)."""

    default: Any
    holds: type | tuple[type, ...]
    allowed: tuple[str, ...] = ()
    elements: tuple[type, ...] = (str,)


NAMES = Key([], list)
PATTERN = Key("", str)

TOP = {
    "name": Key(None, str),
    "packages": NAMES,
    "neural": Key(False, bool),
    "seed_words": NAMES,
    "run_words": NAMES,
    "report_words": NAMES,
}

STRATEGIES = ("grid", "random", "tuner")

SECTIONS: Mapping[str, Mapping[str, Key]] = {
    "seeder": {
        "call": NAMES,
        "method": NAMES,
        "receiver": PATTERN,
        "argument": Key(["seed"], list),
        "position": Key(0, int),
        "governs": Key(None, str, tuple(governs.value for governs in Governs)),
        "absent": Key("nothing", str, ("nothing", "fresh", "constant")),
        "absent_value": Key(-1, int),
        "off": Key([], list, elements=(int, str)),
        "word": NAMES,
    },
    "training": {
        "call": NAMES,
        "method": NAMES,
        "receiver": PATTERN,
        "arguments": Key("", str, ("", "some", "none")),
        "requires": Key(False, bool),
    },
    "not_training": {"call": NAMES},
    "deterministic": {"call": NAMES, "attribute": NAMES, "keyword": NAMES},
    "option": {
        "call": NAMES,
        "method": NAMES,
        "name": Key(None, str, ("flags", "first", "target")),
        "default": Key("default", str),
        "position": Key(-1, int),
        "kind": Key("option", str, ("option", "field")),
    },
    "entry": {"call": NAMES, "kind": Key(None, str, ("function", "class"))},
    "statistic": {
        "call": NAMES,
        "method": NAMES,
        "role": Key(None, str, ("mean", "spread", "test", "table", "plot", "extreme")),
    },
    "sweep": {
        "format": Key(None, str),
        "files": PATTERN,
        "holds": NAMES,
        "marks": NAMES,
        "space": NAMES,
        "named_by": PATTERN,
        "inner": PATTERN,
        "listed": NAMES,
        "single": NAMES,
        "ranged": NAMES,
        "plain": Key("one", str, ("one", "list", "drawn")),
        "text": Key("", str, ("", "hydra", "guild")),
        "leaves_out": NAMES,
        "pins": NAMES,
        "program": NAMES,
        "strategy": Key("grid", str, STRATEGIES),
        "random": NAMES,
        "tuner": NAMES,
        "guess": Key(False, bool),
    },
    "sweep_call": {
        "call": NAMES,
        "method": NAMES,
        "receiver": PATTERN,
        "gives": Key(None, str, ("space", "dimension")),
        "argument": NAMES,
        "position": Key(0, int),
        "strategy": Key("grid", str, STRATEGIES),
    },
    "config": {
        "framework": Key("", str),
        "files": PATTERN,
        "holds": NAMES,
        "marks": NAMES,
        "anywhere": Key(False, bool),
        "seeds": Key(None, list),
        "otherwise": NAMES,
        "off": Key([], list, elements=(int,)),
        "modules": Key(False, bool),
    },
    "program": {"framework": Key("", str), "run": NAMES, "seeds": NAMES, "overrides": NAMES},
    "dimension": {"role": Key(None, str, ("case", "system", "hyperparameter")), "words": NAMES},
    **{
        section: {"call": NAMES, "method": NAMES}
        for section in ("search", "fresh", "draw", "derive", "combine", "load")
    },
}

MATCHED = ("call", "method", "attribute", "keyword", "holds", "marks", "space", "files", "words", "run")
"""The keys of which a row has at least one: it says what the row is about."""

CONDITIONS = ("holds", "marks", "ranged", "random", "tuner")
"""The keys that hold "key=regular expression"."""

SELECTING = {"global", "generator", "key", "trainer", "initializer"}


def parse_folder(folder: Path) -> dict[str, Any]:
    """The merged plain table of all framework files of a folder."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ApiFileError(f"{folder}: no framework files (*.toml)")
    return _merge([(path.name, parse_file(path)) for path in files])


def parse_file(path: Path) -> dict[str, Any]:
    """One checked framework file: every key present, names written in full."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ApiFileError(f"{path.name}: {error}") from None
    sections = {key: value for key, value in content.items() if key in SECTIONS}
    top = {key: value for key, value in content.items() if key not in SECTIONS}
    checked = _check(top, TOP, path.name)
    for section, rows in sections.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ApiFileError(f"{path.name}: {section} is a list of tables, written [[{section}]]")
        places = [f"{path.name}: {section} {number}" for number in range(1, len(rows) + 1)]
        checked[section] = [_check_row(row, section, place) for row, place in zip(rows, places, strict=True)]
    return checked


def expand(name: str) -> list[str]:
    """The names that a name with alternatives in braces stands for."""
    pieces = [piece.split(",") for piece in re.split(r"\{([^{}]*)\}", name)[1::2]]
    template = re.sub(r"\{[^{}]*\}", "{}", name)
    return [template.format(*choice) for choice in product(*pieces)]


def _check_row(row: Mapping[str, Any], section: str, place: str) -> dict[str, Any]:
    checked = _check(row, SECTIONS[section], place)
    for key in ("call", "attribute"):
        if key in checked:
            checked[key] = [full for name in checked[key] for full in _expand_checked(name, f"{place}: {key}")]
    for key in ("run", "seeds"):
        if key in checked:
            checked[key] = [full for name in checked[key] for full in expand(name)]
    if not any(checked.get(key) for key in MATCHED):
        raise ApiFileError(f"{place}: nothing to match; give call or method")
    for key in ("receiver", "files"):
        if key in checked:
            _check_pattern(checked[key], f"{place}: {key}")
    for key in CONDITIONS if section in ("config", "sweep") else ():
        for condition in checked.get(key, ()):
            _check_pattern(condition.partition("=")[2], f"{place}: {key}")
    if section == "seeder" and (checked["absent"] == "constant") != ("absent_value" in row):
        raise ApiFileError(f'{place}: absent_value is given with absent = "constant", and only with it')
    return checked


def _check(given: Mapping[str, Any], schema: Mapping[str, Key], place: str) -> dict[str, Any]:
    for name in given:
        if name not in schema:
            raise ApiFileError(f"{place}: unknown key {name} (known: {', '.join(schema)})")
    return {name: _value(given, name, key, place) for name, key in schema.items()}


def _value(given: Mapping[str, Any], name: str, key: Key, place: str) -> Any:
    if name not in given:
        if key.default is None:
            raise ApiFileError(f"{place}: {name} is missing")
        return key.default
    value = given[name]
    if not isinstance(value, key.holds) or (isinstance(value, bool) and key.holds is not bool):
        raise ApiFileError(f"{place}: {name} is {value!r}, which is not a {_type_name(key.holds)}")
    if isinstance(value, list) and not all(isinstance(element, key.elements) for element in value):
        raise ApiFileError(f"{place}: {name} holds something other than {_type_name(key.elements)}")
    if key.allowed and value not in key.allowed:
        raise ApiFileError(f"{place}: {name} is {value!r}, not one of {', '.join(map(repr, key.allowed))}")
    return value


def _type_name(holds: type | tuple[type, ...]) -> str:
    types = holds if isinstance(holds, tuple) else (holds,)
    return " or ".join(kind.__name__ for kind in types)


def _expand_checked(name: str, place: str) -> list[str]:
    names = expand(name)
    for full in names:
        if not all(part.isidentifier() for part in full.split(".")):
            raise ApiFileError(f"{place} has {full!r}, which is not a dotted name")
    return names


def _check_pattern(pattern: str, place: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ApiFileError(f"{place} is not a regular expression: {error}") from None


def _merge(files: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """One plain table of all files: rows in the order of the fields of the records in `apis`."""
    rows = {section: [row for _, file in files for row in file.get(section, ())] for section in SECTIONS}
    for section in ("training", "option", "entry", "statistic"):
        _refuse_twice(files, section, "call")
    _refuse_twice(files, "dimension", "words")
    _refuse_twice(files, "program", "run")
    for section in ("option", "statistic"):
        _refuse_twice(files, section, "method")
    return {
        "seeder": [_seeder_row(row, file["name"]) for _, file in files for row in file.get("seeder", ())],
        "training": [[row[key] for key in SECTIONS["training"]] for row in rows["training"]],
        "option": [[row[key] for key in SECTIONS["option"]] for row in rows["option"]],
        "entry": [[row["call"], row["kind"]] for row in rows["entry"]],
        "sweep": [[row[key] for key in SECTIONS["sweep"]] for row in rows["sweep"]],
        "sweep_call": [[row[key] for key in SECTIONS["sweep_call"]] for row in rows["sweep_call"]],
        "config": [_framework_row(row, "config", file["name"]) for _, file in files for row in file.get("config", ())],
        "program": [
            _framework_row(row, "program", file["name"]) for _, file in files for row in file.get("program", ())
        ],
        "dimension": {word: row["role"] for row in rows["dimension"] for word in row["words"]},
        "statistics": {name: row["role"] for row in rows["statistic"] for name in row["call"]},
        "statistic_methods": {name: row["role"] for row in rows["statistic"] for name in row["method"]},
        "sets": _named_sets(rows, [file for _, file in files]),
        "words": find_words(rows["seeder"], (word for _, file in files for word in file["seed_words"])),
        "run_words": find_words([], (word for _, file in files for word in file["run_words"])),
        "report_words": find_words([], (word for _, file in files for word in file["report_words"])),
    }


def _seeder_row(row: Mapping[str, Any], framework: str) -> list[Any]:
    value = row["absent_value"] if row["absent"] == "constant" else None
    kept = [row[key] for key in ("call", "method", "receiver", "argument", "position", "governs", "absent")]
    return [*kept, value, row["off"], framework]


def _framework_row(row: Mapping[str, Any], section: str, framework: str) -> list[Any]:
    return [row["framework"] or framework, *(row[key] for key in SECTIONS[section] if key != "framework")]


def _named_sets(rows: Mapping[str, list[Any]], files: list[dict[str, Any]]) -> dict[str, list[str]]:
    named = {
        "neural_packages": _union(files, "packages", only="neural"),
        "packages": _union(files, "packages"),
        "not_training": _union(rows["not_training"], "call"),
    }
    for key in ("call", "attribute", "keyword"):
        named[f"deterministic_{key}s"] = _union(rows["deterministic"], key)
    for section in ("search", "fresh", "draw", "derive", "combine", "load"):
        named[section] = _union(rows[section], "call")
        named[f"{section}_methods"] = _union(rows[section], "method")
    return named


def _union(tables: Iterable[Mapping[str, Any]], key: str, only: str = "") -> list[str]:
    return sorted({name for table in tables if not only or table[only] for name in table[key]})


def _refuse_twice(files: list[tuple[str, dict[str, Any]]], section: str, key: str) -> None:
    owners: dict[str, str] = {}
    for filename, file in files:
        for number, row in enumerate(file.get(section, ()), start=1):
            place = f"{filename}: {section} {number}"
            for name in row.get(key, ()):
                if owners.setdefault(name, place) != place:
                    raise ApiFileError(f"{place}: {key} has {name}, which stands in {owners[name]} too")


def find_words(seeders: Iterable[Mapping[str, Any]], given: Iterable[str]) -> list[str]:
    """The words of which a file holds at least one if it seeds training, beside those given; none contains another."""
    words = {word.lower() for word in given}
    for seeder in seeders:
        if seeder["governs"] in SELECTING:
            words.update(seeder_words(seeder))
    return [word for word in sorted(words) if not any(other != word and other in word for other in words)]


def seeder_words(seeder: Mapping[str, Any]) -> list[str]:
    """What a file that makes this call holds, in lower case: the word given, the keyword, or the call's last name."""
    if seeder["word"]:
        return [word.lower() for word in seeder["word"]]
    by_keyword_only = seeder["position"] < 0 and seeder["absent"] == "nothing"
    names = seeder["argument"] if by_keyword_only else [*seeder["call"], *seeder["method"]]
    lasts = [name.lower().rpartition(".")[2] for name in names]
    return ["seed" if "seed" in last else last for last in lasts]
