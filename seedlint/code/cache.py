"""What was learned of files in earlier runs, under what it follows from: the file's bytes and the reader's own source.

It lies in the user's cache folder, never in the analysed tree, so that a cloned repository cannot bring its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

from seedlint import __version__
from seedlint.cachedir import cache_folder
from seedlint.code.discover import Source
from seedlint.code.encoding import decode, encode
from seedlint.code.facts import FileFacts
from seedlint.code.pack import KEY_BYTES, Pack

READER = ("syntax.py", "facts.py", "encoding.py", "readers/python.py", "readers/unreadable.py")
"""The files of this folder whose source decides what the facts of a file are."""


class FactsCache:
    """The facts of one tree's files under their bytes, and which bytes hold no word that makes a file worth reading."""

    def __init__(self, pack: Pack, stamp: bytes, words: Iterable[bytes]) -> None:
        self._pack = pack
        self._stamp = stamp
        self._wordless_key = self._key(b"\n".join(sorted(words)))
        self._wordless_before = _split(pack.get(self._wordless_key) or b"")
        self._wordless: dict[bytes, None] = {}

    def is_wordless(self, content: bytes) -> bool:
        """Whether this content was searched for the words before, in vain."""
        key = self._key(content)
        known = key in self._wordless_before
        if known:
            self._wordless[key] = None
        return known

    def keep_wordless(self, content: bytes) -> None:
        """Remember that this content holds none of the words."""
        self._wordless[self._key(content)] = None

    def facts(self, path: str, content: bytes) -> FileFacts | None:
        """The kept facts of the file with this content that now stands at `path`."""
        encoded = self._pack.get(self._key(content))
        return None if encoded is None else decode(path, encoded)

    def keep(self, content: bytes, encoded: bytes) -> None:
        """Keep the encoded facts of this content."""
        self._pack.put(self._key(content), encoded)

    def keep_facts(self, content: bytes, facts: FileFacts) -> None:
        """Keep the facts of this content as they are now."""
        encoded = encode(facts)
        if encoded is not None:
            self.keep(content, encoded)

    def close(self) -> None:
        """Write what is new."""
        if not self._wordless.keys() <= self._wordless_before.keys():
            before = [key for key in self._wordless_before if key not in self._wordless]
            keys = [*self._wordless, *before[: len(self._wordless)]]
            self._pack.put(self._wordless_key, b"".join(keys))
        self._pack.close()

    def _key(self, content: bytes) -> bytes:
        return blake2b(content, digest_size=KEY_BYTES, key=self._stamp).digest()


def open_cache(sources: Sequence[Source], words: Iterable[bytes]) -> FactsCache | None:
    """The cache of the tree that holds the sources; None where there is no place for one."""
    folder = cache_folder()
    stamp = reader_stamp()
    if stamp is None or not folder.is_absolute():  # A relative folder would lie in whatever is being analysed.
        return None
    tree = _tree([os.fspath(source.location) for source in sources])
    name = blake2b(os.fsencode(tree), digest_size=KEY_BYTES).hexdigest()
    return FactsCache(Pack(folder / "facts" / f"{name}.pack"), stamp, words)


@cache
def reader_stamp() -> bytes | None:
    """A digest of all that facts depend on besides the file read; None where the reader's source is not at hand."""
    digest = blake2b(f"{__version__} {sys.implementation.cache_tag} ".encode())
    try:
        for name in READER:
            digest.update((Path(__file__).parent / name).read_bytes())
    except OSError:
        return None
    return digest.digest()


def _split(keys: bytes) -> dict[bytes, None]:
    return {keys[start : start + KEY_BYTES]: None for start in range(0, len(keys), KEY_BYTES)}


def _tree(locations: Sequence[str]) -> str:
    """The folder that holds all the files, told by the first and the last of them; empty where drives differ."""
    ends = min(locations), max(locations)
    try:
        return os.path.commonpath([os.path.dirname(os.path.abspath(end)) for end in ends])
    except ValueError:
        return ""
