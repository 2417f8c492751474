"""What a full stop may mean in a paper: the words of `rules/papers/abbreviations.toml`, checked when they are read."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from seedlint.resources import rules_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class AbbreviationsError(ValueError):
    """A table of abbreviations that does not follow its schema, in one line."""


@dataclass(frozen=True)
class Abbreviations:
    """Sets of words in lower case, without their last stop; the data file says what each set means."""

    never_last: frozenset[str]
    before_number: frozenset[str]
    may_end: frozenset[str]
    parts: frozenset[str]
    openers: frozenset[str]


@cache
def abbreviations() -> Abbreviations:
    """The abbreviations that come with seedlint."""
    return read_abbreviations(rules_folder() / "papers" / "abbreviations.toml")


def read_abbreviations(path: Path) -> Abbreviations:
    """The abbreviations of a file: for each set a list of words; raises AbbreviationsError where it is anything else."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    names = {field.name for field in fields(Abbreviations)}
    if content.keys() != names:
        raise AbbreviationsError(f"{path.name}: keys must be {', '.join(sorted(names))}")
    for name, words in content.items():
        _check(f"{path.name}: {name}", words)
    return Abbreviations(**{name: frozenset(words) for name, words in content.items()})


def _check(where: str, words: object) -> None:
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise AbbreviationsError(f"{where} must be a list of words")
    for word in words:
        if not word or word != word.lower() or word.endswith(".") or " " in word:
            raise AbbreviationsError(f"{where}: {word!r} must be one word in lower case, without its last stop")
    if len(set(words)) != len(words):
        raise AbbreviationsError(f"{where} names a word twice")
