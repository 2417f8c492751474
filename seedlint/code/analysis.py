"""The code wing's one entry: sources in, classified seed uses and unreadable files out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seedlint.code.apis import load_apis
from seedlint.code.discover import Source
from seedlint.code.facts import FileFacts
from seedlint.uses import FileError, SeedUse

MAX_BYTES = 4_000_000
"""Larger files are data or generated code; they are named, not read."""

POOL_BYTES = 6_000_000
"""Less than this is read faster by one process than a pool starts."""


@dataclass(frozen=True)
class Analysis:
    """What the code wing says of a set of sources.

    `directives` are the paths whose bytes hold `seedlint:`, the only ones in which a suppression comment can stand.
    """

    uses: tuple[SeedUse, ...]
    errors: tuple[FileError, ...]
    directives: frozenset[str]
    files: int


def analyse(sources: Sequence[Source], *, scope: str = "neural", jobs: int = 0, cache: bool = True) -> Analysis:
    """Classify every seed use of a project, never running or importing its code.

    `scope` is "neural" (what trains by gradient) or "all" (other stochastic estimators too); `jobs` is the number of
    worker processes, 0 for as many as pay.
    """
    apis = load_apis()
    errors: list[FileError] = []
    directives: set[str] = set()
    wanted: list[tuple[str, bytes]] = []
    for source in sources:
        content = _content(source, errors)
        if content is None:
            continue
        if b"seedlint:" in content:
            directives.add(source.path)
        if _mentions(content.lower(), apis.words):
            wanted.append((source.path, content))
    if not wanted:
        return Analysis((), tuple(errors), frozenset(directives), len(sources))
    from seedlint.code.judgement import Reader, classify

    facts, unread = _read_all(wanted, jobs)
    errors += unread
    by_path = {source.path: source for source in sources}
    uses = classify(facts, Reader(by_path), apis, everything=scope == "all")
    return Analysis(tuple(uses), tuple(errors), frozenset(directives), len(sources))


def _content(source: Source, errors: list[FileError]) -> bytes | None:
    if source.content is not None:
        return source.content
    try:
        with open(source.location, "rb") as handle:
            content = handle.read(MAX_BYTES + 1)
    except OSError as error:
        errors.append(FileError(source.path, f"cannot be read: {error.strerror or error}"))
        return None
    if len(content) > MAX_BYTES:
        errors.append(FileError(source.path, f"larger than {MAX_BYTES // 1_000_000} MB, not read"))
        return None
    return content


def _mentions(lowered: bytes, words: Iterable[bytes]) -> bool:
    return any(word in lowered for word in words)


def _read_all(wanted: list[tuple[str, bytes]], jobs: int) -> tuple[list[FileFacts], list[FileError]]:
    total = sum(len(content) for _, content in wanted)
    if jobs == 1 or (jobs == 0 and total < POOL_BYTES) or len(wanted) < 2:
        return _read_chunk(wanted)
    import os
    from concurrent.futures import ProcessPoolExecutor

    workers = jobs or min(os.cpu_count() or 1, 8)
    facts: list[FileFacts] = []
    errors: list[FileError] = []
    with ProcessPoolExecutor(workers) as pool:
        for some, unread in pool.map(_read_chunk, _chunks(wanted, total // (workers * 4) + 1)):
            facts += some
            errors += unread
    return facts, errors


def _chunks(wanted: list[tuple[str, bytes]], size: int) -> list[list[tuple[str, bytes]]]:
    """Files in runs of about `size` bytes: one task a file costs more than reading it."""
    chunks: list[list[tuple[str, bytes]]] = [[]]
    filled = 0
    for item in wanted:
        if filled >= size:
            chunks.append([])
            filled = 0
        chunks[-1].append(item)
        filled += len(item[1])
    return chunks


def _read_chunk(wanted: list[tuple[str, bytes]]) -> tuple[list[FileFacts], list[FileError]]:
    from seedlint.code.python import UnreadableSource, read_python

    facts: list[FileFacts] = []
    errors: list[FileError] = []
    for path, content in wanted:
        try:
            facts.append(read_python(path, content))
        except UnreadableSource as error:
            errors.append(FileError(path, str(error)))
    return facts, errors


