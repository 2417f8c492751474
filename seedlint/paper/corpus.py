"""A folder of papers: which of its files are papers, and what stands for the content of each."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from seedlint.paper.latex_files import MAX_BYTES, SUFFIXES, USUAL_MAINS

PAPERS = (
    ".pdf",
    ".html",
    ".htm",
    ".xhtml",
    ".md",
    ".markdown",
    ".txt",
    ".text",
    ".tar.gz",
    ".tex.gz",
    ".tgz",
    ".tar",
    ".zip",
)
ABOUT = ("readme", "license", "licence", "changelog", "requirements", "contributing", "notice", "copying")
"""The stems of files that speak of a folder or of a program and are no papers."""

RESULTS = "reviews.jsonl"
"""Beside this file lie the results of an earlier survey, which are no papers either."""

ARXIV_NAME = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?(?:\.gz)?")
_CLASS = re.compile(rb"^[^%\n]{0,200}\\document(?:class|style)\s{0,9}[\[{]", re.MULTILINE)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Paper:
    """One paper of a corpus. `name` is its path below the folder, with `/`; `key` stands for its content, None where it has none.

    `path` is a folder where the paper is LaTeX source in several files.
    """

    path: Path
    name: str
    key: str | None


@dataclass(frozen=True)
class Corpus:
    """The papers of a folder in the order of their names, the copies left out of them, and what could not be looked into."""

    papers: tuple[Paper, ...]
    copies: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def find_papers(folder: Path) -> Corpus:
    """Return the papers below a folder; of files that hold the same, one counts.

    A folder below it that holds the main file of a LaTeX paper is that paper, with all that lies there. In the folder itself,
    each main file is a paper, beside the others.
    """
    problems: list[str] = []
    sources = cache(_sources)
    first: dict[str, Paper] = {}
    papers, copies = [], []
    for path in sorted(_paths(folder, problems)):
        paper = Paper(path, printable(path.relative_to(folder).as_posix()), _key(path, sources))
        if paper.key is not None and first.setdefault(paper.key, paper) is not paper:
            copies.append(paper.name)
        else:
            papers.append(paper)
    return Corpus(tuple(papers), tuple(copies), tuple(problems))


def printable(text: str) -> str:
    """Return text in which bytes of a file's name that are no UTF-8 are written out as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _paths(root: Path, problems: list[str]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        problems.append(printable(f"{error.filename}: {error.strerror}"))

    for name, folders, files in os.walk(root, onerror=note):
        folder = Path(name)
        if RESULTS in files and folder != root:
            folders.clear()
            continue
        folders[:] = [each for each in folders if not each.startswith(".")]
        visible = [folder / each for each in files if not each.startswith(".")]
        mains = [path for path in visible if path.suffix.lower() in SUFFIXES and _has_class(path)]
        if mains and folder != root:
            folders.clear()  # Pictures and the typeset paper are no papers beside the source.
            yield from (folder,) if _one_paper(mains) else mains
        else:
            yield from mains
            yield from (path for path in visible if _is_paper(path))


def _one_paper(mains: list[Path]) -> bool:
    return len(mains) == 1 or any(path.stem.lower() in USUAL_MAINS for path in mains)


def _is_paper(path: Path) -> bool:
    named = path.name.lower().endswith(PAPERS) or ARXIV_NAME.fullmatch(path.name) is not None
    return named and path.stem.lower() not in ABOUT and _is_file(path)


def _is_file(path: Path) -> bool:
    """Whether it is a file, or may be one: what cannot be looked at is told as such when it is read."""
    try:
        return path.is_file()
    except OSError:
        return True


def _has_class(path: Path) -> bool:
    """Whether it is the main file of a LaTeX paper, or may be one."""
    try:
        return path.is_file() and path.stat().st_size <= MAX_BYTES and bool(_CLASS.search(path.read_bytes()))
    except OSError:
        return True


def _key(path: Path, sources: Callable[[Path], str]) -> str | None:
    """What the reading of a file follows from: its bytes, its suffix and, of LaTeX, the sources beside it."""
    try:
        if path.is_dir():
            return sources(path)
        if path.stat().st_size > MAX_BYTES:
            return None
        digest = _digest(path)
        beside = sources(path.parent) if path.suffix.lower() in SUFFIXES else ""
    except OSError:
        return None
    return blake2b(f"{path.suffix.lower()} {digest} {beside}".encode(), digest_size=20).hexdigest()


def _sources(folder: Path) -> str:
    """What stands for the LaTeX sources in a folder and below it."""
    total = blake2b(digest_size=20)
    for name, folders, files in os.walk(folder):
        folders.sort()
        for path in sorted(Path(name, each) for each in files):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                total.update(
                    f"{_digest(path)} {path.relative_to(folder).as_posix()}\n".encode("utf-8", "surrogateescape")
                )
    return total.hexdigest()


def _digest(path: Path) -> str:
    total = blake2b(digest_size=20)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()
