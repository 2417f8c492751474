"""What was learned in earlier runs, under what it follows from: the files' bytes and seedlint's own source.

It lies in the user's cache folder, never in the analysed tree, so that a cloned repository cannot bring its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from seedlint import __version__
from seedlint.cachedir import cache_folder
from seedlint.code.kinds import kind_of
from seedlint.code.ledger import Ledger
from seedlint.code.pack import KEY_BYTES, Pack
from seedlint.resources import rules_folder

if TYPE_CHECKING:
    from seedlint.code.facts import FileFacts
    from seedlint.uses import FileError, SeedUse

READER = ("notebooks.py", "code/syntax.py", "code/facts.py", "code/kinds.py", "code/encoding.py")
"""The files of the package whose source, with that of the readers, decides what the facts of a file are."""

_REASON = b"!"
"""What the entry of a file begins with that cannot be parsed: the reason follows, where facts would be a pickle."""


def digest_of(content: bytes) -> bytes:
    """What stands for the content of a file."""
    return blake2b(content, digest_size=KEY_BYTES).digest()


class FactsCache:
    """The facts of one tree's files under their bytes, or the reason why there are none."""

    def __init__(self, pack: Pack, stamp: bytes) -> None:
        self._pack = pack
        self._stamp = stamp

    def known(self, path: str, digest: bytes, kind: str) -> FileFacts | str | None:
        """What is kept of the file with this digest that now stands at `path`: its facts, or why it cannot be parsed."""
        from seedlint.code.encoding import decode

        encoded = self._pack.get(self._key(digest, kind))
        if encoded is None:
            return None
        return encoded[1:].decode("utf-8", "replace") if encoded.startswith(_REASON) else decode(path, encoded)

    def facts(self, path: str, content: bytes) -> FileFacts | None:
        """The kept facts of the file with this content that now stands at `path`."""
        known = self.known(path, digest_of(content), kind_of(path, content).name)
        return None if isinstance(known, str) else known

    def keep(self, path: str, content: bytes, encoded: bytes) -> None:
        """Keep the encoded facts of a file."""
        self._pack.put(self._key(digest_of(content), kind_of(path, content).name), encoded)

    def keep_facts(self, content: bytes, facts: FileFacts) -> None:
        """Keep the facts of a file as they are now."""
        from seedlint.code.encoding import encode

        encoded = encode(facts)
        if encoded is not None:
            self.keep(facts.path, content, encoded)

    def keep_reason(self, path: str, content: bytes, reason: str) -> None:
        """Keep the reason why a file cannot be parsed."""
        self.keep(path, content, _REASON + reason.encode("utf-8", "replace"))

    def close(self) -> None:
        """Write what is new."""
        self._pack.close()

    def _key(self, digest: bytes, kind: str) -> bytes:
        return blake2b(digest + kind.encode(), digest_size=KEY_BYTES, key=self._stamp).digest()


class Memory:
    """What is kept of one tree: how its files looked, what was said of them, and, once asked for, their facts."""

    def __init__(self, folder: Path, name: str, stamp: bytes) -> None:
        self._folder = folder
        self._name = name
        self._stamp = stamp
        self._runs = Pack(folder / "runs" / name, eager=True)
        self._ledger_key = self._key(b"ledger")
        self.ledger = Ledger(self._runs.get(self._ledger_key))

    @cached_property
    def facts(self) -> FactsCache | None:
        """The facts of the tree's files; None where the readers' source is not at hand."""
        stamp = reader_stamp()
        return None if stamp is None else FactsCache(Pack(self._folder / "facts" / self._name), stamp)

    def verdict(self, question: bytes) -> tuple[tuple[SeedUse, ...], tuple[FileError, ...]] | None:
        """What was said when the same was asked before."""
        from seedlint.code.encoding import decode_verdict

        encoded = self._runs.get(self._key(question))
        return None if encoded is None else decode_verdict(encoded)

    def keep_verdict(self, question: bytes, uses: tuple[SeedUse, ...], errors: tuple[FileError, ...]) -> None:
        """Keep what was said."""
        from seedlint.code.encoding import encode_verdict

        encoded = encode_verdict(uses, errors)
        if encoded is not None:
            self._runs.put(self._key(question), encoded)

    def close(self) -> None:
        """Write what is new."""
        news = self.ledger.news()
        if news is not None:
            self._runs.put(self._ledger_key, news)
        self._runs.close()
        opened = self.__dict__.get("facts")
        if opened is not None:
            opened.close()

    def _key(self, question: bytes) -> bytes:
        return blake2b(question, digest_size=KEY_BYTES, key=self._stamp).digest()


def open_memory(tree: str) -> Memory | None:
    """What is kept of the files of a folder; None where there is no place for it."""
    folder = cache_folder()
    stamp = code_stamp()
    if stamp is None or not folder.is_absolute():  # A relative folder would lie in whatever is being analysed.
        return None
    name = blake2b(os.fsencode(tree), digest_size=KEY_BYTES).hexdigest()
    return Memory(folder, f"{name}.pack", stamp)


@cache
def reader_stamp() -> bytes | None:
    """A digest of all that facts depend on besides the file read; None where the readers' source is not at hand."""
    package = Path(__file__).parents[1]
    digest = blake2b(f"{__version__} {sys.implementation.cache_tag} ".encode())
    try:
        for path in (*(package / name for name in READER), *sorted((package / "code" / "readers").glob("*.py"))):
            digest.update(b"%s %s " % (path.name.encode(), path.read_bytes()))
    except OSError:
        return None
    return digest.digest()


@cache
def code_stamp() -> bytes | None:
    """A digest of what verdicts depend on besides the files: seedlint's code and its tables, by their files' times as
    Python itself reckons; None where they are not at hand."""
    code = os.path.dirname(__file__)
    package = os.path.dirname(code)
    folders = [package, code, os.fspath(rules_folder() / "apis")]
    try:
        folders += [entry.path for entry in os.scandir(code) if entry.is_dir() and entry.name != "__pycache__"]
        statuses = sorted(status for folder in folders for status in _statuses(folder))
    except OSError:
        return None
    known = "\n".join((__version__, str(sys.implementation.cache_tag), *statuses))
    return blake2b(os.fsencode(known)).digest() if statuses else None


def _statuses(folder: str) -> Iterator[str]:
    for entry in os.scandir(folder):
        if entry.name.endswith((".py", ".toml")):
            status = entry.stat()
            yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
