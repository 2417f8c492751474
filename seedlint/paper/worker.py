"""Reading papers in processes of their own, so that a hostile file costs itself and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from seedlint.chunks import Backend, Done, Failed, Failure, map_chunks
from seedlint.paper.annotate import AnnotationError, annotate
from seedlint.paper.document import Document, Status
from seedlint.paper.limits import CLOCK, MEMORY, Clock, TimeUp, within
from seedlint.paper.review import Review, review
from seedlint.uses import Circumstance

FILES_PER_WORKER = 20
"""Then a fresh process: what a file leaves behind in memory is gone with the old one."""

GRACE = 10.0
SECONDS = CLOCK.at_most + CLOCK.to_finish + GRACE
"""After these a worker is killed that did not end by itself, as it hangs outside Python."""

J = TypeVar("J")
T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """One file to read: what a worker is sent. With `first_pass`, of a PDF only the pages that may speak of seeds."""

    path: str
    memory: int = MEMORY
    clock: Clock = CLOCK
    first_pass: bool = False


@dataclass(frozen=True)
class Copying:
    """One annotated copy to write: what a worker is sent."""

    review: Review
    target: Path
    risks: Mapping[Circumstance, str]


def review_files(
    paths: Sequence[Path], *, workers: int = 1, memory: int = MEMORY, clock: Clock = CLOCK
) -> Iterator[Review]:
    """Review files, each within `memory` (bytes) and `clock`, and yield in the order of `paths`; every file gets a status.

    Raises RuntimeError where no process comes up.
    """
    readings = [Reading(str(path), memory, clock) for path in paths]
    seconds = clock.at_most + clock.to_finish + GRACE
    for reading, ended in zip(readings, _in_order(review_file, readings, workers, seconds), strict=True):
        yield ended.value if isinstance(ended, Done) else lost(reading.path, ended)


def review_file(reading: Reading) -> Review:
    """Read and review one file. Its process is limited meanwhile."""
    try:
        with within(reading.memory, reading.clock, Path(reading.path)):
            return _reviewed(reading)
    except MemoryError:
        return Review(Document(reading.path, Status.MEMORY, "reading it takes more memory than is allowed"))
    except TimeUp as late:
        return Review(Document(reading.path, Status.TIMEOUT, str(late)))


def _reviewed(reading: Reading) -> Review:
    if reading.first_pass:
        from seedlint.paper.skim import skim

        return skim(Path(reading.path))
    from seedlint.paper.source import read

    return review(read(Path(reading.path)))


def annotate_files(
    copies: Sequence[tuple[Review, Path]], risks: Mapping[Circumstance, str], *, workers: int = 1
) -> Iterator[AnnotationError | None]:
    """Write an annotated copy of each paper to the path beside it; yield in that order why there is none, or None."""
    jobs = [Copying(review, target, dict(risks)) for review, target in copies]
    for job, ended in zip(jobs, _in_order(annotate_file, jobs, workers, SECONDS), strict=True):
        lost = f"{job.review.document.path}: no annotated copy:"
        yield ended.value if isinstance(ended, Done) else AnnotationError(f"{lost} {ended.message}")


def annotate_file(job: Copying) -> AnnotationError | None:
    """Write one annotated copy; return why there is none, or None. Its process is limited meanwhile."""
    path = job.review.document.path
    try:
        with within(MEMORY, CLOCK, Path(path)):
            annotate(job.review, job.target, job.risks)
    except AnnotationError as error:
        return error
    except MemoryError:
        return AnnotationError(f"{path}: no annotated copy: it takes more memory than is allowed")
    except TimeUp as late:
        return AnnotationError(f"{path}: no annotated copy: {late}")
    return None


def _in_order(
    function: Callable[[J], T], jobs: Sequence[J], workers: int, seconds: float
) -> Iterator[Done[T] | Failed]:
    waiting: dict[int, Done[T] | Failed] = {}
    following = 0
    ended = map_chunks(
        function,
        jobs,
        backend=Backend.PROCESSES,
        workers=workers,
        timeout=seconds,
        chunks_per_worker=FILES_PER_WORKER,
    )
    for result in ended:
        waiting[result.index] = result
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def lost(path: str, failed: Failed) -> Review:
    """Return what is said of a file whose worker did not end by itself."""
    status = Status.TIMEOUT if failed.reason is Failure.TIMEOUT else Status.CRASHED
    return Review(Document(path, status, failed.message))
