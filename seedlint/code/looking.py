"""The first look at the files: which are worth reading, told by their bytes, or by what the last run saw of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from seedlint.code.discover import Source
from seedlint.code.kinds import PYTHON_KIND, Kind, kind_named, kind_of
from seedlint.code.ledger import Ledger, Look, Status, status_of
from seedlint.code.prefilter import Worth, worth
from seedlint.uses import FileError


class Seen(NamedTuple):
    """A file that can be read, what it looks like, and its content where that was needed to tell and will be again."""

    source: Source
    look: Look
    content: bytes | None
    status: Status | None

    @property
    def path(self) -> str:
        """The path under which the file is reported."""
        return self.source.path


@dataclass
class Survey:
    """The files of a run that can be read, and the errors of those that cannot."""

    seen: list[Seen] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)

    def wanted(self) -> list[Seen]:
        """The files to read: those worth it, and beside them those that only start programs."""
        if not any(seen.look.worth == Worth.ITSELF.value for seen in self.seen):
            return []
        return [seen for seen in self.seen if seen.look.worth != Worth.NOT.value]

    def directives(self) -> frozenset[str]:
        """The paths whose bytes hold `seedlint:`."""
        return frozenset(seen.path for seen in self.seen if seen.look.directives)

    def question(self, scope: str) -> bytes:
        """What is asked of the analysis: every file's path and content, and the scope."""
        parts = [scope.encode()]
        for seen in self.seen:
            parts += os.fsencode(seen.path), seen.look.digest
        return b"\0".join(parts)

    def still_holds(self) -> bool:
        """Whether no file has changed since it was looked at."""
        return all(seen.status is None or seen.status == _status(seen.source) for seen in self.seen)


def look_at(sources: Iterable[Source], ledger: Ledger) -> Survey:
    """Look at each file, at its bytes only where the ledger does not know them."""
    survey = Survey()
    for source in sources:
        try:
            seen = _look_at_bytes(source, source.content, None) if source.content is not None else _look(source, ledger)
        except OSError as error:
            survey.errors.append(FileError(source.path, f"cannot be read: {error.strerror or error}"))
            continue
        if isinstance(seen, FileError):
            survey.errors.append(seen)
        elif seen is not None:
            survey.seen.append(seen)
    return survey


def content_of(source: Source) -> bytes:
    """The bytes of a file, as many as its kind may have and one more."""
    if source.content is not None:
        return source.content
    with open(source.location, "rb") as file:
        return file.read(_kind(source).max_bytes + 1)


def _look(source: Source, ledger: Ledger) -> Seen | FileError | None:
    """What a file on the disk looks like; None where it is data."""
    location = os.fspath(source.location)
    status = status_of(os.stat(location))
    known = ledger.look(location, status)
    if known is not None:
        return Seen(source, known, None, status)
    limit = _kind(source).max_bytes
    with open(location, "rb") as file:
        status = status_of(os.fstat(file.fileno()))
        content = file.read(limit + 1)
    if len(content) > limit:
        too_large = FileError(source.path, f"larger than {limit // 1_000_000} MB, not read")
        return too_large if _kind(source).program else None
    seen = _look_at_bytes(source, content, status)
    ledger.note(location, status, seen.look)
    return seen


def _look_at_bytes(source: Source, content: bytes, status: Status | None) -> Seen:
    from seedlint.code.apis import load_apis
    from seedlint.code.cache import digest_of

    kind = kind_of(source.path, content)
    verdict = Worth.NOT if _is_record(kind, source.path) else worth(kind, content, load_apis())
    look = Look(digest_of(content), kind.name, verdict.value, b"seedlint:" in content)
    return Seen(source, look, None if verdict is Worth.NOT else content, status)


def _is_record(kind: Kind, path: str) -> bool:
    """Whether the path of a config says that it records what a run did."""
    if kind.program or kind.must_parse:
        return False
    from seedlint.code.configs import is_record_path

    return is_record_path(path)


def _kind(source: Source) -> Kind:
    return kind_named(source.path.rpartition("/")[2]) or PYTHON_KIND


def _status(source: Source) -> Status | None:
    try:
        return status_of(os.stat(source.location))
    except OSError:
        return None
