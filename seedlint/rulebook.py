"""The rules as their pages in `rules/` tell them: what each is called, how loud it is, what it says, and its examples.

A page's front matter is read with the rulebook; its prose and examples only when somebody asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from seedlint.resources import rules_folder
from seedlint.uses import Circumstance, Severity, Use

ALL = "ALL"
FENCE = "+++\n"
KEYS = frozenset({"code", "name", "use", "circumstance", "severity", "since", "applies_to", "message", "help"})
OPTIONAL_KEYS = frozenset({"use"})
PREFIX = re.compile(r"[A-Z]{2,}[0-9]{0,3}")
MARK = re.compile(r"[ \t]*(?:#|//) error: \[([^\]]*)\][ \t]*$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+) (good|bad)((?: \w+=\S+)*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEFAULT_FILES = {
    "python": "train.py",
    "bash": "run.sh",
    "makefile": "Makefile",
    "dockerfile": "Dockerfile",
    "yaml": "config.yaml",
    "toml": "config.toml",
    "json": "config.json",
    "jsonnet": "config.jsonnet",
    "ini": "config.cfg",
    "text": "paper.txt",
}
"""The languages of executable examples, and how the file of a block is called that does not say so."""


class RulebookError(ValueError):
    """A rule page that does not say what every rule page must."""


class UnknownRule(ValueError):
    """A selector that names no rule; `selector` is what was asked for and `suggestions` the nearest names and codes."""

    def __init__(self, selector: str, suggestions: Sequence[str] = ()) -> None:
        self.selector = selector
        self.suggestions = tuple(suggestions)
        hint = f"; did you mean {' or '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(f"unknown rule {selector!r}{hint}")


@dataclass(frozen=True)
class Expectation:
    """A finding that an example's mark calls for."""

    file: str
    line: int
    code: str


@dataclass(frozen=True)
class Example:
    """A little project from a rule page. `files` are (name, text) pairs, without the marks that name the findings."""

    project: str
    files: tuple[tuple[str, str], ...]
    good: bool
    expected: tuple[Expectation, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule. `use` is None where the rule is about seedlint's own comments and not about a seed."""

    code: str
    name: str
    use: Use | None
    circumstance: Circumstance
    severity: Severity
    since: str
    applies_to: tuple[str, ...]
    message: str
    help: str
    path: Path

    @property
    def body(self) -> str:
        """The page's Markdown below its front matter, read anew from the disk."""
        return _split(self.path)[1]

    def examples(self) -> tuple[Example, ...]:
        """The page's executable examples, in the order in which they stand."""
        return examples_in(self.body)


@dataclass(frozen=True)
class Rulebook:
    """All rules, in the order of their codes."""

    rules: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def find(self, selector: str) -> Rule:
        """The rule of that code or name; UnknownRule where there is none."""
        wanted = selector.strip()
        for rule in self.rules:
            if wanted.upper() == rule.code or wanted.lower() == rule.name:
                return rule
        raise UnknownRule(selector, self._near(wanted))

    def for_circumstance(self, circumstance: Circumstance) -> Rule | None:
        """The rule that speaks of that circumstance; None for the safe ones, of which no rule speaks."""
        return next((rule for rule in self.rules if rule.circumstance is circumstance), None)

    def select(self, selectors: Iterable[str]) -> frozenset[str]:
        """The codes that the selectors stand for: each a code, a name, the beginning of codes ("SL1"), or "ALL"."""
        return frozenset(code for selector in selectors for code in self._codes(selector))

    def _codes(self, selector: str) -> list[str]:
        wanted = selector.strip().upper()
        if wanted == ALL:
            return [rule.code for rule in self.rules]
        if PREFIX.fullmatch(wanted):
            codes = [rule.code for rule in self.rules if rule.code.startswith(wanted)]
            if codes:
                return codes
        return [self.find(selector).code]

    def _near(self, wanted: str) -> list[str]:
        import difflib

        words = [word for rule in self.rules for word in (rule.code, rule.name)]
        known = {word.lower(): word for word in words}
        return [known[word] for word in difflib.get_close_matches(wanted.lower(), known, n=2, cutoff=0.7)]


@lru_cache(maxsize=1)
def load_rulebook() -> Rulebook:
    """The rulebook that came with this seedlint."""
    return read_rulebook(rules_folder())


def read_rulebook(folder: Path) -> Rulebook:
    """The rulebook made of the pages in a folder."""
    rules = sorted((read_rule(path) for path in folder.glob("*.md")), key=lambda rule: rule.code)
    if not rules:
        raise RulebookError(f"no rule pages in {folder}")
    return Rulebook(tuple(rules))


def read_rule(path: Path) -> Rule:
    """The rule of one page."""
    matter = _front_matter(path)
    missing = KEYS - OPTIONAL_KEYS - matter.keys()
    unknown = matter.keys() - KEYS
    if missing or unknown:
        raise RulebookError(f"{path.name}: missing keys {sorted(missing)}, unknown keys {sorted(unknown)}")
    try:
        return Rule(
            code=matter["code"],
            name=matter["name"],
            use=Use(matter["use"]) if "use" in matter else None,
            circumstance=Circumstance(matter["circumstance"]),
            severity=Severity(matter["severity"]),
            since=matter["since"],
            applies_to=tuple(matter["applies_to"]),
            message=matter["message"],
            help=matter["help"],
            path=path,
        )
    except ValueError as error:
        raise RulebookError(f"{path.name}: {error}") from error


def examples_in(markdown: str) -> tuple[Example, ...]:
    """The executable examples of a page: its ```` ```python good ```` and ```` ```yaml bad ```` blocks.

    `file=` names a block's file, and `project=` the projects that it is a file of; a block without it is one of its own.
    """
    projects: dict[str, list[tuple[str, str, bool]]] = {}
    for number, (language, kind, options, text) in enumerate(BLOCK.findall(markdown), start=1):
        named = dict(option.split("=", 1) for option in options.split())
        if language not in DEFAULT_FILES:
            raise RulebookError(f"an example in {language!r}; known are {', '.join(DEFAULT_FILES)}")
        for project in named.get("project", f"{kind}-{number}").split(","):
            file = named.get("file", DEFAULT_FILES[language])
            projects.setdefault(project, []).append((file, text, kind == "good"))
    return tuple(_example(project, blocks) for project, blocks in projects.items())


def _example(project: str, blocks: list[tuple[str, str, bool]]) -> Example:
    expected = [
        Expectation(file, code.count("\n", 0, mark.start()) + 1, wanted.strip())
        for file, code, _ in blocks
        for mark in MARK.finditer(code)
        for wanted in mark[1].split(",")
    ]
    return Example(
        project=project,
        files=tuple((file, MARK.sub("", code)) for file, code, _ in blocks),
        good=all(good for _, _, good in blocks),
        expected=tuple(expected),
    )


def _front_matter(path: Path) -> Mapping[str, Any]:
    try:
        import tomllib
    except ModuleNotFoundError:
        import tomli as tomllib

    try:
        matter: dict[str, Any] = tomllib.loads(_split(path)[0])
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(f"{path.name}: front matter is not TOML: {error}") from error
    return matter


def _split(path: Path) -> tuple[str, str]:
    """A page's front matter and its body."""
    text = path.read_text(encoding="utf-8")
    opening, matter, body = text.split(FENCE, 2) if text.count(FENCE) >= 2 else ("no fence", "", "")
    if opening:
        raise RulebookError(f"{path.name}: a rule page begins with front matter between two +++ lines")
    return matter, body.lstrip("\n")
