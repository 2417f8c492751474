"""Patterns in the language of .gitignore, fast for the plain names that most of them are.

Names, name globs and anchored paths are answered from sets and one regular expression; pathspec is imported only for
what is left: `**`, globs with a slash, escapes, and files in which a negation makes the order count.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_GLOB = frozenset("*?[")


class PatternError(ValueError):
    """A pattern that means nothing."""


class Globs:
    """An ordered list of gitignore patterns, all relative to one folder."""

    def __init__(self, lines: Iterable[str], *, strict: bool = False) -> None:
        """Compile the patterns; a meaningless one is skipped, as git does, or raises PatternError when `strict`."""
        self._names: set[str] = set()
        self._folder_names: set[str] = set()
        self._anchored: set[str] = set()
        self._folder_anchored: set[str] = set()
        patterns = [line for line in map(_strip, lines) if line and not line.startswith("#")]
        ordered = any(line.startswith("!") for line in patterns)
        rest = [line for line in patterns if ordered or not self._take_plain(line)]
        name_globs = [] if ordered else [line for line in rest if _is_name_glob(line)]
        self._name_glob = _either(line for line in name_globs if not line.endswith("/"))
        self._folder_glob = _either(line[:-1] for line in name_globs if line.endswith("/"))
        self._rest = _spec([line for line in rest if line not in name_globs], strict=strict)

    def match(self, path: str, name: str, *, folder: bool) -> bool | None:
        """Whether `path` (relative, `/`-separated, ending in `name`) is matched; None where no pattern speaks of it."""
        if name in self._names or path in self._anchored:
            return True
        if folder and (name in self._folder_names or path in self._folder_anchored):
            return True
        if self._name_glob is not None and self._name_glob.match(name):
            return True
        if folder and self._folder_glob is not None and self._folder_glob.match(name):
            return True
        if self._rest is None:
            return None
        return self._rest.check_file(path + "/" if folder else path).include

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether `path` or one of the folders that hold it is matched."""
        start, end = 0, path.find("/")
        while end != -1:
            if self.match(path[:end], path[start:end], folder=True):
                return True
            start, end = end + 1, path.find("/", end + 1)
        return bool(self.match(path, path[start:], folder=folder))

    def _take_plain(self, line: str) -> bool:
        if not _GLOB.isdisjoint(line) or "\\" in line:
            return False
        folder = line.endswith("/")
        body = line[:-1] if folder else line
        if "/" not in body:
            (self._folder_names if folder else self._names).add(body)
        else:
            (self._folder_anchored if folder else self._anchored).add(body.removeprefix("/"))
        return True


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


def _strip(line: str) -> str:
    line = line.rstrip("\r\n")
    return line if line.endswith("\\ ") else line.rstrip(" ")


def _is_name_glob(line: str) -> bool:
    return "/" not in line[:-1] and "\\" not in line and "**" not in line


def _either(globs: Iterable[str]) -> re.Pattern[str] | None:
    alternatives = [translate(glob) for glob in globs]
    return re.compile("|".join(alternatives)) if alternatives else None


def _spec(lines: list[str], *, strict: bool) -> GitIgnoreSpec | None:
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    good = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error) as error:
            if strict:
                raise PatternError(f"{line!r} is not a pattern: {error}") from error
        else:
            good.append(line)
    return GitIgnoreSpec.from_lines(good)
