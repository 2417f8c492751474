"""Reviews kept in a file of JSON lines, so that a survey that is run again reads only what is new."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from seedlint import __version__
from seedlint.paper.document import Document, Kind, Status
from seedlint.paper.findings import PaperFinding, SlimReview, document_findings
from seedlint.paper.review import PaperUse, Review
from seedlint.resources import rules_folder
from seedlint.uses import Severity, Use

FORMAT = "seedlint reviews"
READERS = ("pdfminer.six", "pypdfium2")


class ForeignFileError(ValueError):
    """A file in the place of the kept reviews that seedlint did not write, in one line."""


class Kept:
    """Reviews by what stands for the content of their files. The first line of the file says what they follow from.

    A line that cannot be read, as where a run was cut short, is a review that is not kept.
    """

    def __init__(self, path: Path, stamp: str | None = None) -> None:
        """Open or begin the file; raises OSError, and ForeignFileError where something else stands at `path`."""
        stamp = stamp or reader_stamp()
        self._lines = _lines_of(path, stamp)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._lines is None
        self._file: TextIO = path.open("w" if fresh else "a", encoding="utf-8", newline="\n")
        self._write({"format": FORMAT, "stamp": stamp} if fresh else None)
        self._lines = self._lines or {}

    def __enter__(self) -> Kept:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def get(self, key: str | None) -> Review | None:
        """Return the review kept under a key: without the text of the document and the places on its pages."""
        line = self._lines.get(key) if self._lines and key else None
        return None if line is None else _decoded(line)

    def put(self, key: str, review: Review) -> None:
        """Keep a review; it is on the disk when this returns."""
        self._write({"key": key, **_encoded(review)})

    def _write(self, entry: dict[str, Any] | None) -> None:
        self._file.write(f"{json.dumps(entry)}\n" if entry else "\n")  # An empty line ends one that was cut short.
        self._file.flush()


@cache
def reader_stamp() -> str:
    """What a review follows from beside the file: the source of the readers and the classifier, their data and libraries."""
    total = blake2b(f"{__version__} {[_version(name) for name in READERS]}".encode(), digest_size=20)
    for folder in (Path(__file__).parent, rules_folder() / "papers"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def slim(review: Review) -> SlimReview:
    """Return a review without the text of the document and the places on its pages, of which a survey makes no use."""
    uses = tuple(replace(one, boxes=()) for one in review.uses)
    return SlimReview(replace(review.document, blocks=()), uses, document_findings(review))


def _lines_of(path: Path, stamp: str) -> dict[str, str] | None:
    """The kept lines by their keys; None where there are none that follow from `stamp`."""
    try:
        head, *lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return None
    first = _object(head)
    if first.get("format") != FORMAT and head:
        raise ForeignFileError(f"{path}: not written by seedlint; move it away, or choose another folder")
    if first.get("stamp") != stamp:
        return None
    return {key: line for line in lines if isinstance(key := _object(line).get("key"), str)}


def _object(line: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(line)
        if isinstance(found, dict):
            return found
    return {}


def _encoded(review: Review) -> dict[str, Any]:
    kept = slim(review)
    return {
        "document": asdict(replace(kept.document, path="")),
        "uses": [asdict(one) for one in kept.uses],
        "whole": [asdict(one) for one in kept.whole],
    }


def _decoded(line: str) -> Review | None:
    try:
        entry = json.loads(line)
        document = {**entry["document"], "status": Status(entry["document"]["status"]), "blocks": ()}
        uses, whole = (_use(one) for one in entry["uses"]), (_finding(one) for one in entry["whole"])
        return SlimReview(Document(**document), tuple(uses), tuple(whole))
    except (ValueError, KeyError, TypeError):
        return None


def _use(entry: dict[str, Any]) -> PaperUse:
    use = None if entry["use"] is None else Use(entry["use"])
    return PaperUse(**{**entry, "use": use, "kind": Kind(entry["kind"]), "boxes": (), "why": tuple(entry["why"])})


def _finding(entry: dict[str, Any]) -> PaperFinding:
    return PaperFinding(**{**entry, "severity": Severity(entry["severity"]), "boxes": ()})
