"""What the last run saw of each file: while a file's status is the same, its bytes need not be read, as git reckons."""

from __future__ import annotations

import io
import os
import pickle
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn, TypeAlias

SLACK = 2_000_000_000
"""Nanoseconds that must lie between a file's last change and its reading: within one tick of a file system's clock (two
seconds at most) a second change would leave the status as it is."""

Status: TypeAlias = tuple[int, int, int, int]
"""Size, times of the last change of the content and of anything, and number of a file."""


class Look(NamedTuple):
    """What the bytes of a file are at first sight: their digest, the kind of file, whether they are worth reading, and
    whether they hold `seedlint:`."""

    digest: bytes
    kind: str
    worth: str
    directives: bool


def status_of(found: os.stat_result) -> Status:
    """What tells that a file is as it was."""
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


class Ledger:
    """The looks that were kept, by the place of the file, and those of this run."""

    def __init__(self, encoded: bytes | None = None) -> None:
        self._before: Mapping[str, tuple[Any, ...]] = {} if encoded is None else _decoded(encoded)
        self._now: dict[str, tuple[Any, ...]] = {}

    def look(self, location: str, status: Status) -> Look | None:
        """What is known of the file that has this status; None where it may be another by now."""
        entry = self._before.get(location)
        if entry is None or entry[:4] != status:
            return None
        self._now[location] = entry
        return Look(*entry[4:])

    def note(self, location: str, status: Status, look: Look) -> None:
        """Keep what was seen of a file that had this status when it was opened, unless it is too new to be sure."""
        if max(status[1], status[2]) + SLACK < time.time_ns():
            self._now[location] = (*status, *look)

    def news(self) -> bytes | None:
        """What to keep now; None where nothing was noted that was not known before.

        Files that this run did not ask about are kept in mind too, unless they are the most.
        """
        if self._now.items() <= self._before.items():
            return None
        kept = {**self._before, **self._now} if len(self._before) <= 2 * len(self._now) else self._now
        return pickle.dumps(kept, protocol=5)


class _Plain(pickle.Unpickler):
    """Makes numbers, texts and what holds them only."""

    def find_class(self, module: str, name: str) -> NoReturn:
        """Refuse every class and function."""
        raise pickle.UnpicklingError(f"{module}.{name} in a ledger")


def _decoded(encoded: bytes) -> Mapping[str, tuple[Any, ...]]:
    try:
        entries = _Plain(io.BytesIO(encoded)).load()
    except Exception:  # Bytes that are no ledger can make pickle raise almost anything.
        return {}
    size = 4 + len(Look._fields)
    whole = isinstance(entries, dict) and all(type(entry) is tuple and len(entry) == size for entry in entries.values())
    return entries if whole else {}
