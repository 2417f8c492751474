"""The code wing's one entry: sources in, classified seed uses and unreadable files out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from seedlint.code.apis import ApiTable, load_apis
from seedlint.code.collector import collector_at_rest
from seedlint.code.discover import Source
from seedlint.code.facts import FileFacts
from seedlint.code.kinds import PYTHON_KIND, Kind, kind_named, kind_of
from seedlint.code.prefilter import Worth, worth
from seedlint.uses import FileError, SeedUse

if TYPE_CHECKING:
    from seedlint.code.cache import FactsCache

CACHED_FILES = 100
"""Fewer files are read in less time than what was kept of them is found; then nothing is read or written."""

POOL_BYTES = 6_000_000
"""Less than this is read faster by one process than a pool starts."""

Wanted: TypeAlias = list[tuple[str, bytes]]
"""Files to read: the path and the content of each."""


@dataclass(frozen=True)
class Analysis:
    """What the code wing says of a set of sources.

    `directives` are the paths whose bytes hold `seedlint:`, the only ones in which a suppression comment can stand.
    """

    uses: tuple[SeedUse, ...]
    errors: tuple[FileError, ...]
    directives: frozenset[str]


@collector_at_rest()
def analyse(sources: Sequence[Source], *, scope: str = "neural", jobs: int = 0, cache: bool = True) -> Analysis:
    """Classify every seed use of a project, never running or importing its code.

    `scope` is "neural" (what trains by gradient) or "all" (other stochastic estimators too); `jobs` is the number of
    worker processes, 0 for as many as pay; `cache` is whether facts may be kept between runs.
    """
    apis = load_apis()
    kept = _cache_of(sources, apis) if cache else None
    found = _worth_reading(sources, apis, kept)
    uses: list[SeedUse] = []
    errors = found.errors
    if found.wanted:
        from seedlint.code.judgement import Reader, classify

        facts, unread = _read_all(found.wanted, jobs, kept)
        errors += unread
        by_path = {source.path: source for source in sources}
        uses = classify(facts, Reader(by_path, kept), apis, everything=scope == "all")
    if kept is not None:
        kept.close()
    return Analysis(tuple(uses), tuple(errors), frozenset(found.directives))


@dataclass
class _Found:
    """What a first look at the sources found: files to read, files that cannot be read, files with directives."""

    wanted: Wanted = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)
    directives: set[str] = field(default_factory=set)


def _worth_reading(sources: Sequence[Source], apis: ApiTable, cache: FactsCache | None) -> _Found:
    """The files that are worth reading. What only starts programs is, beside a file that is worth it by itself."""
    found = _Found()
    alone = True
    for source in sources:
        content = _content(source, found.errors)
        if content is None:
            continue
        if b"seedlint:" in content:
            found.directives.add(source.path)
        worth = _worth(kind_of(source.path, content), content, apis, cache)
        if worth is not Worth.NOT:
            found.wanted.append((source.path, content))
            alone = alone and worth is Worth.BESIDE
    if alone:
        found.wanted.clear()
    return found


def _content(source: Source, errors: list[FileError]) -> bytes | None:
    """The bytes of a file; None where there are none to read, or too many, which is an error where it matters."""
    if source.content is not None:
        return source.content
    kind = kind_named(source.path.rpartition("/")[2]) or PYTHON_KIND
    try:
        with open(source.location, "rb") as handle:
            content = handle.read(kind.max_bytes + 1)
    except OSError as error:
        errors.append(FileError(source.path, f"cannot be read: {error.strerror or error}"))
        return None
    if len(content) > kind.max_bytes:
        if kind.must_fit:
            errors.append(FileError(source.path, f"larger than {kind.max_bytes // 1_000_000} MB, not read"))
        return None
    return content


def _worth(kind: Kind, content: bytes, apis: ApiTable, cache: FactsCache | None) -> Worth:
    """Whether a file is worth reading, as far as it holds no word that was looked for in vain before."""
    if cache is not None and cache.is_wordless(content):
        return Worth.NOT
    verdict = worth(kind, content, apis)
    if cache is not None and verdict is Worth.NOT:
        cache.keep_wordless(content)
    return verdict


def _cache_of(sources: Sequence[Source], apis: ApiTable) -> FactsCache | None:
    if len(sources) < CACHED_FILES:
        return None
    from seedlint.code.cache import open_cache

    return open_cache(sources, (*apis.words, *apis.run_words, *apis.report_words))


def _read_all(wanted: Wanted, jobs: int, cache: FactsCache | None) -> tuple[list[FileFacts], list[FileError]]:
    """The facts of the files in their order: kept, or read by worker processes where much is to read, or here."""
    facts = {} if cache is None else {path: kept for path, content in wanted if (kept := cache.facts(path, content))}
    unread = [item for item in wanted if item[0] not in facts]
    total = sum(len(content) for _, content in unread)
    if jobs == 1 or (jobs == 0 and total < POOL_BYTES) or len(unread) < 2:
        read, errors = _read_here(unread, cache)
    else:
        read, errors = _read_in_pool(unread, total, jobs, cache)
    facts |= read
    return [facts[path] for path, _ in wanted if path in facts], errors


def _read_here(wanted: Wanted, cache: FactsCache | None) -> tuple[dict[str, FileFacts], list[FileError]]:
    from seedlint.code.readers.dispatch import read
    from seedlint.code.readers.unreadable import UnreadableSource

    facts: dict[str, FileFacts] = {}
    errors: list[FileError] = []
    for path, content in wanted:
        try:
            facts[path] = read(path, content)
        except UnreadableSource as error:
            if kind_of(path, content).must_parse:
                errors.append(FileError(path, str(error)))
            continue
        if cache is not None:
            cache.keep_facts(content, facts[path])
    return facts, errors


def _read_in_pool(
    wanted: Wanted, total: int, jobs: int, cache: FactsCache | None
) -> tuple[dict[str, FileFacts], list[FileError]]:
    import os
    from concurrent.futures import ProcessPoolExecutor

    from seedlint.code.encoding import decode

    workers = jobs or min(os.cpu_count() or 1, 8)
    contents = dict(wanted)
    facts: dict[str, FileFacts] = {}
    errors: list[FileError] = []
    undelivered: Wanted = []
    with ProcessPoolExecutor(workers) as pool:
        for encoded_facts, unread in pool.map(_read_encoded, _chunks(wanted, total // (workers * 4) + 1)):
            errors += unread
            for path, encoded in encoded_facts:
                decoded = None if encoded is None else decode(path, encoded)
                if encoded is None or decoded is None:
                    undelivered.append((path, contents[path]))
                    continue
                facts[path] = decoded
                if cache is not None:
                    cache.keep(contents[path], encoded)
    read, unread = _read_here(undelivered, None)
    return facts | read, errors + unread


def _chunks(wanted: Wanted, size: int) -> list[Wanted]:
    """Files in runs of about `size` bytes: one task a file costs more than reading it."""
    chunks: list[Wanted] = [[]]
    filled = 0
    for item in wanted:
        if filled >= size:
            chunks.append([])
            filled = 0
        chunks[-1].append(item)
        filled += len(item[1])
    return chunks


@collector_at_rest()
def _read_encoded(wanted: Wanted) -> tuple[list[tuple[str, bytes | None]], list[FileError]]:
    """What a worker process sends back: facts as bytes, None where they are nested too deeply to be sent."""
    from seedlint.code.encoding import encode

    facts, errors = _read_here(wanted, None)
    return [(path, encode(some)) for path, some in facts.items()], errors
