"""Reading papers in processes of their own, so that a hostile file costs itself and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seedlint.chunks import Backend, Done, Failed, Failure, map_chunks
from seedlint.paper.document import Document, Status
from seedlint.paper.review import Review, review

MEMORY = 1_500_000_000
SECONDS = 120.0


@dataclass(frozen=True)
class Reading:
    """One file to read: what a worker is sent. `memory` is in bytes, of addresses."""

    path: str
    memory: int = MEMORY


def review_files(paths: Sequence[Path], *, workers: int = 1, seconds: float = SECONDS) -> Iterator[Review]:
    """Review files in processes that are killed after `seconds`, and yield in the order of `paths`; every file gets a status."""
    readings = [Reading(str(path)) for path in paths]
    waiting: dict[int, Review] = {}
    following = 0
    ended = map_chunks(
        review_file, readings, backend=Backend.PROCESSES, workers=workers, timeout=seconds, chunks_per_worker=20
    )
    for result in ended:
        waiting[result.index] = result.value if isinstance(result, Done) else _lost(readings[result.index], result)
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def review_file(reading: Reading) -> Review:
    """Read and review one file within the worker's limits."""
    from seedlint.paper.source import read

    _limit(reading.memory)
    try:
        return review(read(Path(reading.path)))
    except MemoryError:
        return Review(Document(reading.path, Status.MEMORY, "reading it takes more memory than is allowed"))


def _limit(memory: int) -> None:
    """Bound the addresses of this process, where the system can."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))


def _lost(reading: Reading, failed: Failed) -> Review:
    status = Status.TIMEOUT if failed.reason is Failure.TIMEOUT else Status.CRASHED
    return Review(Document(reading.path, status, failed.message))
