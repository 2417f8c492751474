"""The phrases that papers use for seeds and runs, from rules/papers/cues.toml, and which of them a text holds."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from seedlint.paper.wording import Phrase, Wording, phrase_of, wording_of
from seedlint.resources import rules_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class BadCues(ValueError):
    """A file of cues that cannot be used; the message says where and why in one line."""


@dataclass(frozen=True)
class Cue:
    """Phrases that say one thing."""

    name: str
    about: str
    phrases: tuple[Phrase, ...]

    @cached_property
    def words(self) -> frozenset[str] | None:
        """Words of which a text that holds the cue has one; None where a phrase can do without any that are known."""
        needed = [min(phrase.needs, key=len, default=None) for phrase in self.phrases]
        return None if None in needed else frozenset().union(*(words for words in needed if words))

    def find(self, wording: Wording) -> str:
        """Return the first words of a text that are such a cue, or an empty string."""
        if self.words is not None and self.words.isdisjoint(wording.words):
            return ""
        return next((words for phrase in self.phrases if (words := phrase.find(wording))), "")


@dataclass(frozen=True)
class Reading:
    """A text with the cues that it holds, each looked for once, when it is first asked for."""

    wording: Wording
    _found: dict[str, str] = field(default_factory=dict)

    def find(self, cue: str) -> str:
        """Return the first words of the text that are such a cue, or an empty string. KeyError: there is no such cue."""
        if cue not in self._found:
            self._found[cue] = load_cues()[cue].find(self.wording)
        return self._found[cue]

    def has(self, *cues: str) -> bool:
        """Whether the text holds at least one of these cues."""
        return any(self.find(cue) for cue in cues)


def read(text: str) -> Reading:
    """Read a text for cues."""
    return Reading(wording_of(text))


@cache
def load_cues(file: str = "cues.toml") -> dict[str, Cue]:
    """The cues of a file that comes with the package, by name."""
    path = rules_folder() / "papers" / file
    return parse_cues(path.read_text(encoding="utf-8"), path)


def parse_cues(text: str, path: Path) -> dict[str, Cue]:
    """Read cues from TOML: `[words]` name = list of words, `[cue.NAME]` about = text, phrases = list of phrases.

    Raises BadCues for anything else.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCues(f"{path}: {error}") from error
    names, cues = content.get("words", {}), content.get("cue", {})
    unknown = sorted(content.keys() - {"words", "cue"})
    if unknown:
        raise BadCues(f"{path}: unknown key {unknown[0]!r}")
    if not isinstance(names, dict) or not all(_are_texts(entries) for entries in names.values()):
        raise BadCues(f"{path}: [words] takes lists of words")
    if not isinstance(cues, dict):
        raise BadCues(f"{path}: cue takes tables")
    return {name: _cue(name, table, names, path) for name, table in cues.items()}


def _cue(name: str, table: Any, names: dict[str, list[str]], path: Path) -> Cue:
    if not isinstance(table, dict) or table.keys() != {"about", "phrases"}:
        raise BadCues(f"{path}: [cue.{name}] takes `about` and `phrases`")
    if not isinstance(table["about"], str) or not _are_texts(table["phrases"]):
        raise BadCues(f"{path}: [cue.{name}] takes a text as `about` and a list of texts as `phrases`")
    try:
        return Cue(name, table["about"], tuple(phrase_of(phrase, names) for phrase in table["phrases"]))
    except ValueError as error:
        raise BadCues(f"{path}: [cue.{name}]: {error}") from error


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item.strip() for item in value)
