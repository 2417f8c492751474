"""Reads files into facts: looked up where they are kept, else read here, or by worker processes where that pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from seedlint.code.collector import collector_at_rest
from seedlint.code.kinds import must_parse
from seedlint.code.looking import Seen, content_of
from seedlint.uses import FileError

if TYPE_CHECKING:
    from seedlint.code.cache import FactsCache
    from seedlint.code.facts import FileFacts

POOL_BYTES = 6_000_000
"""Less than this is read faster by one process than a pool starts."""

Wanted: TypeAlias = list[tuple[str, bytes]]
"""Files to read: the path and the content of each."""

Read: TypeAlias = "dict[str, FileFacts | str]"
"""What became of files: their facts, or the reason why they cannot be parsed."""


def read_all(wanted: Sequence[Seen], jobs: int, cache: FactsCache | None) -> tuple[list[FileFacts], list[FileError]]:
    """The facts of the files in their order, and the errors of those that must have some and have none."""
    read: Read = {}
    unread: Wanted = []
    for seen in wanted:
        known = None if cache is None else cache.known(seen.path, seen.look.digest, seen.look.kind)
        if known is None:
            unread.append((seen.path, _content(seen)))
        else:
            read[seen.path] = known
    read |= _read(unread, jobs, cache)
    facts: list[FileFacts] = []
    errors: list[FileError] = []
    for seen in wanted:
        found = read[seen.path]
        if not isinstance(found, str):
            facts.append(found)
        elif must_parse(seen.look.kind):
            errors.append(FileError(seen.path, found))
    return facts, errors


def _content(seen: Seen) -> bytes:
    """The bytes of a file; none where it is gone since it was looked at."""
    if seen.content is not None:
        return seen.content
    try:
        return content_of(seen.source)
    except OSError:
        return b""


def _read(unread: Wanted, jobs: int, cache: FactsCache | None) -> Read:
    total = sum(len(content) for _, content in unread)
    if jobs == 1 or (jobs == 0 and total < POOL_BYTES) or len(unread) < 2:
        return _read_here(unread, cache)
    return _read_in_pool(unread, total, jobs, cache)


def _read_here(unread: Wanted, cache: FactsCache | None) -> Read:
    from seedlint.code.readers.dispatch import read
    from seedlint.code.readers.unreadable import UnreadableSource

    done: Read = {}
    for path, content in unread:
        try:
            facts = read(path, content)
        except UnreadableSource as error:
            done[path] = str(error)
            if cache is not None:
                cache.keep_reason(path, content, str(error))
            continue
        done[path] = facts
        if cache is not None:
            cache.keep_facts(content, facts)
    return done


def _read_in_pool(unread: Wanted, total: int, jobs: int, cache: FactsCache | None) -> Read:
    import os
    from concurrent.futures import ProcessPoolExecutor

    from seedlint.code.encoding import decode

    workers = jobs or min(os.cpu_count() or 1, 8)
    contents = dict(unread)
    done: Read = {}
    undelivered: Wanted = []
    with ProcessPoolExecutor(workers) as pool:
        for chunk in pool.map(_read_encoded, _chunks(unread, total // (workers * 4) + 1)):
            for path, encoded in chunk:
                found = decode(path, encoded) if isinstance(encoded, bytes) else encoded
                if found is None:
                    undelivered.append((path, contents[path]))
                    continue
                done[path] = found
                if cache is None:
                    continue
                if isinstance(encoded, bytes):
                    cache.keep(path, contents[path], encoded)
                elif encoded is not None:
                    cache.keep_reason(path, contents[path], encoded)
    return done | _read_here(undelivered, None)


def _chunks(unread: Wanted, size: int) -> list[Wanted]:
    """Files in runs of about `size` bytes: one task a file costs more than reading it."""
    chunks: list[Wanted] = [[]]
    filled = 0
    for item in unread:
        if filled >= size:
            chunks.append([])
            filled = 0
        chunks[-1].append(item)
        filled += len(item[1])
    return chunks


@collector_at_rest()
def _read_encoded(unread: Wanted) -> list[tuple[str, bytes | str | None]]:
    """What a worker process sends back: facts as bytes, None where they are nested too deeply to be sent, or a reason."""
    from seedlint.code.encoding import encode

    done = _read_here(unread, None)
    return [(path, found if isinstance(found, str) else encode(found)) for path, found in done.items()]
