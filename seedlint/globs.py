"""Patterns in the language of .gitignore, fast for the plain names that most of them are.

A pattern is held against one file or folder at a time, as git does on its way down a tree: what stands in a folder that
is matched is never asked about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

_SPECIAL = frozenset("*?[\\")


class PatternError(ValueError):
    """A pattern that means nothing."""


@dataclass(frozen=True)
class _Pattern:
    """One pattern: its glob without the signs around it, and what the signs say."""

    glob: str
    negated: bool
    folders_only: bool
    anchored: bool

    @property
    def plain(self) -> bool:
        return _SPECIAL.isdisjoint(self.glob)


class Globs:
    """An ordered list of gitignore patterns, all relative to one folder."""

    def __init__(self, lines: Iterable[str], *, strict: bool = False) -> None:
        """Compile the patterns; a meaningless one is skipped, as git does, or raises PatternError when `strict`."""
        last_first = reversed(list(_parsed(lines, strict=strict)))
        self._runs = [_Run(negated, list(run)) for negated, run in groupby(last_first, lambda pattern: pattern.negated)]

    def match(self, path: str, name: str, *, folder: bool) -> bool | None:
        """Whether `path` (relative, `/`-separated, ending in `name`) is matched; None where no pattern speaks of it."""
        for run in self._runs:
            if run.match(path, name, folder=folder):
                return not run.negated
        return None

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether `path` or one of the folders that hold it is matched."""
        start, end = 0, path.find("/")
        while end != -1:
            if self.match(path[:end], path[start:end], folder=True):
                return True
            start, end = end + 1, path.find("/", end + 1)
        return bool(self.match(path, path[start:], folder=folder))


class _Run:
    """Neighbouring patterns that are all negated or all not: among them the order says nothing."""

    def __init__(self, negated: bool, patterns: list[_Pattern]) -> None:
        self.negated = negated
        self._any = _Any([pattern for pattern in patterns if not pattern.folders_only])
        self._folders = _Any([pattern for pattern in patterns if pattern.folders_only])

    def match(self, path: str, name: str, *, folder: bool) -> bool:
        return self._any.match(path, name) or (folder and self._folders.match(path, name))


class _Any:
    """Patterns of which any may match, whatever their order: sets for the plain ones, an expression for the rest."""

    def __init__(self, patterns: list[_Pattern]) -> None:
        self._names = {pattern.glob for pattern in patterns if pattern.plain and not pattern.anchored}
        self._paths = {pattern.glob for pattern in patterns if pattern.plain and pattern.anchored}
        self._name_regex = _either(pattern for pattern in patterns if not pattern.plain and not pattern.anchored)
        self._path_regex = _either(pattern for pattern in patterns if not pattern.plain and pattern.anchored)

    def match(self, path: str, name: str) -> bool:
        if name in self._names or path in self._paths:
            return True
        if self._name_regex is not None and self._name_regex.fullmatch(name):
            return True
        return self._path_regex is not None and self._path_regex.fullmatch(path) is not None


@dataclass(frozen=True)
class RootedGlobs:
    """Patterns relative to the folder `root`, an absolute path."""

    root: str
    globs: Globs

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether the absolute `path`, or a folder between `root` and it, is matched; elsewhere, its name."""
        return self.globs.covers(below(path, self.root) or path.rpartition("/")[2], folder=folder)


def below(path: str, folder: str) -> str | None:
    """`path` relative to `folder`, which may be the folder itself (""); None where it lies elsewhere."""
    if path == folder:
        return ""
    prefix = folder if folder.endswith("/") else folder + "/"
    return path[len(prefix) :] if path.startswith(prefix) else None


def slashed(path: str) -> str:
    """The path with `/` between its parts on every system."""
    return path if os.sep == "/" else path.replace(os.sep, "/")


def _parsed(lines: Iterable[str], *, strict: bool) -> Iterable[_Pattern]:
    for line in lines:
        text = _stripped(line)
        if not text or text.startswith("#"):
            continue
        pattern = _parse(text)
        try:
            if not pattern.glob:
                raise PatternError("it names nothing")
            re.compile(_regex(pattern.glob))
        except (PatternError, re.error) as error:
            if strict:
                raise PatternError(f"{text!r} is not a pattern: {error}") from error
        else:
            yield pattern


def _stripped(line: str) -> str:
    line = line.rstrip("\r\n")
    bare = line.rstrip(" ")
    return bare + " " if bare.endswith("\\") and bare != line else bare


def _parse(text: str) -> _Pattern:
    negated = text.startswith("!")
    glob = text[1:] if negated else text
    folders_only = glob.endswith("/")
    glob = glob[:-1] if folders_only else glob
    return _Pattern(glob.removeprefix("/"), negated, folders_only, anchored="/" in glob)


def _either(patterns: Iterable[_Pattern]) -> re.Pattern[str] | None:
    alternatives = [_regex(pattern.glob) for pattern in patterns]
    return re.compile("|".join(alternatives)) if alternatives else None


_TOKEN = re.compile(
    r"(?P<folders>(?:^|(?<=/))\*\*/)|(?P<below>(?<=/)\*\*$)|(?P<stars>\*+)|(?P<one>\?)"
    r"|\[(?P<not>[!^]?)(?P<set>\]?(?:\\.|[^\]\\])*)\]|\\(?P<escaped>.)|(?P<plain>[^\[\\])"
)


def _regex(glob: str) -> str:
    """The expression that a glob stands for: `*` and `?` stop at a slash, `**` between slashes does not."""
    parts, end = [], 0
    for token in _TOKEN.finditer(glob):
        if token.start() != end:
            break
        parts.append(_regex_of(token))
        end = token.end()
    if end != len(glob):
        raise PatternError(f"{glob[end:]!r} is left open")
    return "".join(parts)


def _regex_of(token: re.Match[str]) -> str:
    kind = token.lastgroup
    if kind == "folders":
        return "(?:.*/)?"
    if kind == "below":
        return ".+"
    if kind == "stars":
        return "[^/]*"
    if kind == "one":
        return "[^/]"
    if kind == "set":
        members = re.sub(r"\\(.)|([^\w-])", lambda member: re.escape(member[1] or member[2]), token["set"])
        return f"(?!/)[{'^' if token['not'] else ''}{members}]"
    return re.escape(token[kind or 0])
