"""The code wing's one entry: sources in, classified seed uses and unreadable files out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedlint.code.collector import collector_at_rest
from seedlint.code.discover import Source
from seedlint.code.ledger import Ledger
from seedlint.code.looking import Seen, Survey, look_at
from seedlint.uses import FileError, SeedUse

if TYPE_CHECKING:
    from seedlint.code.cache import Memory
    from seedlint.code.judgement import Judged

MANY_FILES = 100
"""Fewer files are looked at in less time than what was kept of them is found; what was said of them is kept all the same."""


@dataclass(frozen=True)
class Analysis:
    """What the code wing says of a set of sources.

    `directives` are the paths whose bytes hold `seedlint:`, the only ones in which a suppression comment can stand.
    """

    uses: tuple[SeedUse, ...]
    errors: tuple[FileError, ...]
    directives: frozenset[str]


@collector_at_rest()
def analyse(sources: Sequence[Source], *, scope: str = "neural", jobs: int = 0, kept_as: str | None = None) -> Analysis:
    """Classify every seed use of a project, never running or importing its code.

    `scope` is "neural" (what trains by gradient) or "all" (other stochastic estimators too); `jobs` is the number of
    worker processes, 0 for as many as pay; `kept_as` is the folder under whose name what is learned is kept between
    runs, None to keep nothing.
    """
    many = len(sources) >= MANY_FILES
    memory = _memory(kept_as) if many else None
    survey = look_at(sources, Ledger() if memory is None else memory.ledger)
    wanted = survey.wanted()
    if wanted and not many:
        memory = _memory(kept_as)
    uses, errors = _said(survey, wanted, scope, jobs, memory) if wanted else ((), ())
    if memory is not None:
        memory.close()
    return Analysis(uses, (*survey.errors, *errors), survey.directives())


@collector_at_rest()
def judged(sources: Sequence[Source], *, scope: str = "neural", jobs: int = 0, kept_as: str | None = None) -> Judged:
    """The project of the sources with all that its uses were judged by, for those who ask why."""
    memory = _memory(kept_as)
    survey = look_at(sources, Ledger() if memory is None else memory.ledger)
    project, _ = _judged(survey, survey.wanted(), scope, jobs, memory)
    if memory is not None:
        memory.close()
    return project


def _said(
    survey: Survey, wanted: Sequence[Seen], scope: str, jobs: int, memory: Memory | None
) -> tuple[tuple[SeedUse, ...], tuple[FileError, ...]]:
    """The uses and the errors of the files that are worth reading: what was said when the same was asked, or anew."""
    question = survey.question(scope) if memory is not None else b""
    known = None if memory is None else memory.verdict(question)
    if known is not None:
        return known
    project, errors = _judged(survey, wanted, scope, jobs, memory)
    if memory is not None and survey.still_holds():
        memory.keep_verdict(question, project.uses, errors)
    return project.uses, errors


def _judged(
    survey: Survey, wanted: Sequence[Seen], scope: str, jobs: int, memory: Memory | None
) -> tuple[Judged, tuple[FileError, ...]]:
    """The project as judged, and the errors of the files that are worth reading."""
    from seedlint.code.apis import load_apis
    from seedlint.code.judgement import Reader, judge_project
    from seedlint.code.reading import read_all

    kept = None if memory is None else memory.facts
    facts, errors = read_all(wanted, jobs, kept)
    reader = Reader({seen.path: seen.source for seen in survey.seen}, kept)
    return judge_project(facts, reader, load_apis(), everything=scope == "all"), tuple(errors)


def _memory(kept_as: str | None) -> Memory | None:
    if kept_as is None:
        return None
    from seedlint.code.cache import open_memory

    return open_memory(kept_as)
