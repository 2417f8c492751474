"""Many papers read side by side: each file's review and year, whatever any one of them does to the process that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from seedlint.chunks import Backend, Done, Failed, map_chunks
from seedlint.paper.corpus import Paper
from seedlint.paper.document import Status
from seedlint.paper.findings import rule_of
from seedlint.paper.kept import slim
from seedlint.paper.review import Review
from seedlint.paper.worker import SECONDS, Reading, lost, review_file
from seedlint.paper.years import Years, arxiv_year

READ = (Status.OK, Status.PARTIAL)
CUT_SHORT = (Status.TIMEOUT, Status.MEMORY, Status.CRASHED)
"""How a reading ends that might end otherwise on another machine, or at another time."""

FILES_PER_WORKER = 50


@dataclass(frozen=True)
class Surveyed:
    """A paper of the corpus, its review and its year as far as it is known."""

    name: str
    review: Review
    year: int | None = None

    @property
    def read(self) -> bool:
        """Whether there was text to look at, be it not all of it."""
        return self.review.document.status in READ

    @property
    def risky(self) -> bool:
        """Whether a rule speaks of one of its sentences, acknowledged or not."""
        return any(rule_of(one) for one in self.review.uses)


class Keeping(Protocol):
    """Reviews by what stands for the content of a file."""

    def get(self, key: str | None) -> Review | None:
        """Return what is kept under a key."""

    def put(self, key: str, review: Review) -> None:
        """Keep a review."""


@dataclass(frozen=True)
class Unkept:
    """Keeps nothing."""

    def get(self, key: str | None) -> Review | None:
        """Return None."""
        return None

    def put(self, key: str, review: Review) -> None:
        """Do nothing."""


def survey(
    papers: Sequence[Paper],
    years: Years,
    kept: Keeping,
    *,
    backend: Backend = Backend.PROCESSES,
    workers: int = 1,
    seconds: float = SECONDS,
    retry: bool = False,
    first_pass: bool = False,
) -> Iterator[Surveyed]:
    """Review papers and yield each as it is done: first those that are kept. `retry` reads again what was cut short.

    A file has `seconds` to be read; `first_pass` reads of a PDF only the pages that may speak of seeds. Raises
    ModuleNotFoundError without Ray where it is asked for, and RuntimeError where no worker comes up.
    """
    unread = []
    for paper in papers:
        review = kept.get(paper.key) or (kept.get(_skimmed(paper)) if first_pass else None)
        if review is None or (retry and review.document.status in CUT_SHORT):
            unread.append(paper)
        else:
            yield _dated(paper, review, years)
    for paper, review in _read(unread, backend, workers, seconds, first_pass):
        if key := _skimmed(paper) if first_pass else paper.key:
            kept.put(key, review)
        yield _dated(paper, review, years)


def _skimmed(paper: Paper) -> str | None:
    """The key of a paper's review after a first pass: a survey that reads all of it must not take it for its own."""
    return f"{paper.key} first pass" if paper.key is not None else None


def _read(
    papers: Sequence[Paper], backend: Backend, workers: int, seconds: float, first_pass: bool
) -> Iterator[tuple[Paper, Review]]:
    readings = (Reading(str(paper.path.resolve()), first_pass=first_pass) for paper in papers)
    ended = map_chunks(
        review_slim, readings, backend=backend, workers=workers, timeout=seconds, chunks_per_worker=FILES_PER_WORKER
    )
    again: list[Paper] = []
    for result in ended:
        paper = papers[result.index]
        if isinstance(result, Failed) and first_pass:
            again.append(paper)  # What kills pdfium may do no harm to pdfminer.
        else:
            yield paper, result.value if isinstance(result, Done) else lost("", result)
    if again:
        yield from _read(again, backend, workers, seconds, first_pass=False)


def review_slim(reading: Reading) -> Review:
    """Review one file, and leave behind what a survey makes no use of: it would have to travel from the worker."""
    return slim(review_file(reading))


def _dated(paper: Paper, review: Review, years: Years) -> Surveyed:
    stated = years.of(paper.name)
    year = stated or review.document.year or arxiv_year(paper.name)
    document = replace(review.document, path=paper.name, year=year)
    return Surveyed(paper.name, replace(review, document=document), year)
