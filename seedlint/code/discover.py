"""Finds the files to read: walks paths, honours .gitignore and excludes, follows no symbolic link twice."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seedlint.code.kinds import holds_no_experiment, kind_named, kind_started
from seedlint.globs import Globs, RootedGlobs, below, slashed
from seedlint.uses import FileError


@dataclass(frozen=True)
class Source:
    """A file to analyse. `path` is how it is reported (relative, `/`-separated); `content` is for stdin."""

    path: str
    location: Path
    content: bytes | None = None


@dataclass(frozen=True)
class Discovery:
    """The files to read in the order of their paths, what could not be read, and what was left out with a word."""

    sources: tuple[Source, ...]
    errors: tuple[FileError, ...] = ()
    notes: tuple[FileError, ...] = ()


class TooManyEntries(Exception):
    """More is in the folders than the caller cares to see."""


def discover(paths: Sequence[str], *, cwd: str, excludes: RootedGlobs, max_entries: int | None = None) -> Discovery:
    """The files that `paths` name or hold, each once, reported relative to the folder `cwd`.

    Excludes hold for files that are named too, since pre-commit names every file. A folder that is named is walked even
    where a pattern excludes it: nobody names one by accident. Raises TooManyEntries where more than `max_entries` files
    and folders are met.
    """
    cwd = slashed(os.path.abspath(cwd))
    walk = _Walk(excludes, max_entries)
    for path in paths:
        location = slashed(os.path.normpath(os.path.join(cwd, path)))
        shown = shown_path(path, location, cwd)
        if os.path.isdir(location):
            walk.folder(location, shown)
        elif not excludes.covers(location):
            walk.file(location, shown)
    sources = [Source(shown, Path(location)) for location, shown in walk.found.items()]
    sources.sort(key=lambda source: source.path)
    return Discovery(tuple(sources), tuple(walk.errors), tuple(walk.notes))


def shown_path(path: str, location: str, cwd: str) -> str:
    """How the file at `location`, named as `path`, is reported: relative to `cwd` unless `path` leads outside of it."""
    for inside in (below(location, cwd), below(slashed(os.path.realpath(location)), slashed(os.path.realpath(cwd)))):
        if inside is not None:
            return inside or "."
    return location if os.path.isabs(path) else slashed(os.path.relpath(location, cwd))


@dataclass(frozen=True)
class _Folder:
    """A folder that waits: where it is, how it is shown, where it really is, and the .gitignore files that rule it; none rules
    outside of a `repository`, where nothing tells which files were added in spite of it."""

    path: str
    shown: str
    real: str
    ignores: tuple[tuple[int, Globs], ...]
    repository: bool

    def child(self, name: str) -> _Folder:
        path, shown, real = _join(self.path, name), _join(self.shown, name), _join(self.real, name)
        return _Folder(path, shown, real, self.ignores, self.repository)

    def ignored(self, path: str, name: str, *, folder: bool) -> bool:
        """Whether the nearest .gitignore that speaks of the entry ignores it."""
        for start, globs in self.ignores:
            verdict = globs.match(path[start:], name, folder=folder)
            if verdict is not None:
                return verdict
        return False


class _Walk:
    """One run's walk: what it found (location → shown path) and which real folders it has been in."""

    def __init__(self, excludes: RootedGlobs, max_entries: int | None = None) -> None:
        self.excludes = excludes
        self._entries_left = sys.maxsize if max_entries is None else max_entries
        self.found: dict[str, str] = {}
        self.errors: list[FileError] = []
        self.notes: list[FileError] = []
        self._been: set[str] = set()
        self._linked: list[tuple[str, str]] = []

    def file(self, location: str, shown: str) -> None:
        """Take a file that was named."""
        if not os.path.isfile(location):
            self.errors.append(FileError(shown, _why_not_a_file(location)))
        elif kind_named(_name(location)) is not None or _is_script(location):
            self.found.setdefault(location, shown)
        elif not holds_no_experiment(_name(location)):
            self.notes.append(FileError(shown, "not a kind of file that seedlint reads; left out"))

    def folder(self, location: str, shown: str) -> None:
        """Take what a folder holds; real folders first, so that what a link shows again keeps its own name."""
        outside = below(location, self.excludes.root) is None or self._excluded(location)
        base = len((location if outside else self.excludes.root).rstrip("/")) + 1
        real = slashed(os.path.realpath(location))
        ignores = _ignores_above(location)
        folders = [_Folder(location, shown, real, ignores or (), ignores is not None)]
        links: list[_Folder] = []
        while folders or links:
            folder = folders.pop() if folders else links.pop(0)
            if folder.real in self._been or (folder.path != location and below(real, folder.real) is not None):
                continue
            self._been.add(folder.real)
            self._entries(folder, base, folders, links)
        for path, link_shown in self._linked:
            if slashed(os.path.realpath(path)) not in self.found:
                self.found.setdefault(path, link_shown)
        self._linked.clear()

    def _excluded(self, folder: str) -> bool:
        """Whether the excludes name the folder, or (as `folder/**` does) whatever it holds."""
        return self.excludes.covers(folder, folder=True) or self.excludes.covers(f"{folder}/\0")

    def _entries(self, folder: _Folder, base: int, folders: list[_Folder], links: list[_Folder]) -> None:
        """Sort the entries of one folder into files found, folders to walk, and links to folders."""
        try:
            with os.scandir(folder.path) as listing:
                entries = list(listing)
        except OSError as error:
            self.errors.append(FileError(folder.shown, error.strerror or str(error)))
            return
        self._entries_left -= len(entries)
        if self._entries_left < 0:
            raise TooManyEntries
        names = {entry.name for entry in entries}
        if not _VIRTUAL_ENVIRONMENT.isdisjoint(names) and len(folder.path) >= base:
            return
        folder = _ruled(folder, names)
        for entry in entries:
            name = entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            readable = kind_named(name) is not None
            is_link = not is_folder and entry.is_symlink()
            path = _join(folder.path, name)
            if not (is_folder or readable or is_link) and not _is_executable_script(entry):
                continue
            to_folder = is_link and os.path.isdir(path)
            if self.excludes.globs.match(path[base:], name, folder=is_folder or to_folder):
                continue
            if folder.ignored(path, name, folder=is_folder):
                continue
            if is_folder:
                folders.append(folder.child(name))
            elif to_folder:
                self._linked_folder(folder, replace(folder.child(name), real=slashed(os.path.realpath(path))), links)
            elif is_link and readable:
                self._linked_file(path, _join(folder.shown, name))
            elif not is_link and entry.is_file(follow_symlinks=False):
                self.found.setdefault(path, _join(folder.shown, name))

    def _linked_folder(self, parent: _Folder, link: _Folder, links: list[_Folder]) -> None:
        if below(parent.real, link.real) is None:
            links.append(link)
        else:
            self.notes.append(FileError(link.shown, "a symbolic link to a folder that holds it; not followed"))

    def _linked_file(self, path: str, shown: str) -> None:
        if os.path.isfile(path):
            self._linked.append((path, shown))
        elif not shown.rpartition("/")[2].startswith(".#"):  # Emacs locks a file by a link to nowhere.
            self.errors.append(FileError(shown, _why_not_a_file(path)))


_VIRTUAL_ENVIRONMENT = frozenset({"pyvenv.cfg", "conda-meta"})


def _ruled(folder: _Folder, names: set[str]) -> _Folder:
    """The folder with its own .gitignore in force; a repository within a repository starts afresh."""
    ignores = folder.ignores
    repository = folder.repository or ".git" in names
    if ".git" in names:
        ignores = _read_ignores(folder.path, ".git/info/exclude")
    if ".gitignore" in names and repository:
        ignores = _read_ignores(folder.path, ".gitignore") + ignores
    same = ignores is folder.ignores and repository == folder.repository
    return folder if same else replace(folder, ignores=ignores, repository=repository)


def _ignores_above(top: str) -> tuple[tuple[int, Globs], ...] | None:
    """The .gitignore files between `top` and the root of the repository that holds it, the nearest first; None outside of
    one."""
    if os.path.exists(_join(top, ".git")):
        return ()
    ignores: tuple[tuple[int, Globs], ...] = ()
    folder = top
    while (parent := folder.rpartition("/")[0]) and parent != folder:
        folder = parent
        ignores += _read_ignores(folder, ".gitignore")
        if os.path.exists(_join(folder, ".git")):
            return ignores + _read_ignores(folder, ".git/info/exclude")
    return None


def _read_ignores(folder: str, name: str) -> tuple[tuple[int, Globs], ...]:
    try:
        with open(_join(folder, name), encoding="utf-8-sig", errors="surrogateescape") as file:
            return ((len(folder) + 1, Globs(file)),)
    except OSError:
        return ()


def _why_not_a_file(location: str) -> str:
    try:
        os.stat(location)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return "not a regular file"


def _is_script(location: str) -> bool:
    """Whether a file without a suffix starts with a line that has Python or a shell run it, as pre-commit reckons."""
    if "." in _name(location):
        return False
    try:
        with open(location, "rb") as file:
            first = file.readline(200)
    except OSError:
        return True
    return kind_started(first) is not None


def _is_executable_script(entry: os.DirEntry[str]) -> bool:
    """Whether an entry without a suffix is a script, by its permissions first: data without suffixes can be many."""
    if "." in entry.name or not entry.is_file(follow_symlinks=False):
        return False
    return bool(entry.stat(follow_symlinks=False).st_mode & 0o111) and _is_script(entry.path)


def _name(location: str) -> str:
    return location.rpartition("/")[2]


def _join(folder: str, name: str) -> str:
    if folder == ".":
        return name
    return folder + name if folder.endswith("/") else f"{folder}/{name}"
