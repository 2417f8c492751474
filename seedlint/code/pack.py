"""A pack: many small byte strings under 16-byte keys in one file, of which a run reads only what it asks for.

The file is a head (a magic text, the number of entries, the checksum of the index), the index (key, checksum and length
of each entry) and the entries one after the other.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zlib import crc32

from seedlint.files import write_file

KEY_BYTES = 16

WORTH_WRITING = 50
"""A pack is written anew once more than a fiftieth of it is new: fewer are sooner made again than all copied."""

MAX_FOLDER = 512_000_000
"""Bytes that the packs of a folder may take; those written longest ago go first."""

_MAGIC = b"seedlint pack 1\n"
_HEAD = struct.Struct("<16sII")
_ENTRY = struct.Struct(f"<{KEY_BYTES}sII")


class _Slot(NamedTuple):
    """Where an entry stands in the file."""

    offset: int
    checksum: int
    length: int


class Pack:
    """One pack during one run. A file that is missing, damaged or unwritable is the same as an empty one.

    An eager pack is small, and written whenever something in it is new.
    """

    def __init__(self, path: Path, *, eager: bool = False) -> None:
        self.path = path
        self._eager = eager
        self._file: BinaryIO | None = None
        self._slots: dict[bytes, _Slot] = {}
        self._used: set[bytes] = set()
        self._fresh: dict[bytes, bytes] = {}
        with suppress(OSError):
            self._file = open(path, "rb")  # noqa: SIM115 - read from until `close`
            self._slots = _read_index(self._file)

    def get(self, key: bytes) -> bytes | None:
        """The entry under a key; None where there is none or it is damaged."""
        if key in self._fresh:
            return self._fresh[key]
        data = self._read(key)
        if data is not None:
            self._used.add(key)
        return data

    def put(self, key: bytes, data: bytes) -> None:
        """Add or replace an entry."""
        self._fresh[key] = data

    def close(self) -> None:
        """Write the pack anew if enough of it is, and close it."""
        entries = self._entries_to_keep() if self._worth_writing() else {}
        if self._file is not None:
            self._file.close()
        if entries:
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_file(os.fspath(self.path), _packed(entries))
                _shrink(self.path.parent)

    def _read(self, key: bytes) -> bytes | None:
        slot = self._slots.get(key)
        if slot is None or self._file is None:
            return None
        try:
            self._file.seek(slot.offset)
            data = self._file.read(slot.length)
        except OSError:
            return None
        return data if crc32(data) == slot.checksum else None

    def _worth_writing(self) -> bool:
        if self._eager and self._fresh:
            return True
        fresh = sum(map(len, self._fresh.values()))
        return fresh * WORTH_WRITING > sum(slot.length for slot in self._slots.values())

    def _entries_to_keep(self) -> dict[bytes, bytes]:
        """What this run used, and of the rest the latest used as far as it takes no more room than that.

        The rest is of use when somebody goes back to another branch.
        """
        entries = dict(self._fresh)
        for key in self._slots:
            if key in self._used and key not in entries and (data := self._read(key)) is not None:
                entries[key] = data
        room = sum(map(len, entries.values()))
        for key, slot in self._slots.items():
            if key in entries:
                continue
            room -= slot.length
            if room < 0:
                break
            if (data := self._read(key)) is not None:
                entries[key] = data
        return entries


def _read_index(file: BinaryIO) -> dict[bytes, _Slot]:
    size = os.fstat(file.fileno()).st_size
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return {}
    magic, count, checksum = _HEAD.unpack(head)
    start = _HEAD.size + count * _ENTRY.size
    if magic != _MAGIC or start > size:
        return {}
    index = file.read(count * _ENTRY.size)
    if crc32(index) != checksum:
        return {}
    slots = {}
    for key, entry_checksum, length in _ENTRY.iter_unpack(index):
        if start + length > size:
            break
        slots[key] = _Slot(start, entry_checksum, length)
        start += length
    return slots


def _packed(entries: dict[bytes, bytes]) -> bytes:
    index = b"".join(_ENTRY.pack(key, crc32(data), len(data)) for key, data in entries.items())
    return b"".join((_HEAD.pack(_MAGIC, len(entries), crc32(index)), index, *entries.values()))


def _shrink(folder: Path) -> None:
    """Remove the packs written longest ago while the folder holds too much."""
    files = [(entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in os.scandir(folder)]
    total = 0
    for _, size, path in sorted(files, reverse=True):
        total += size
        if total > MAX_FOLDER:
            os.unlink(path)
