"""From paths to a report: find, analyse, judge, and let the authors' comments speak. The one path of every command."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedlint.code.analysis import analyse
from seedlint.code.discover import Discovery, Source, TooManyEntries, discover
from seedlint.context import MAX_ENTRIES
from seedlint.globs import Globs, RootedGlobs
from seedlint.judge import Judge, place_order
from seedlint.lines import Lines
from seedlint.rooted import Rooted
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Circumstance, FileError, Place, Report

if TYPE_CHECKING:
    from seedlint.code.why import Belief


@dataclass(frozen=True)
class Plan:
    """What one run is to look at, and how. `cwd` is the folder that paths are relative to; `stdin` replaces `paths`.

    The analysis sees paths from the folder `project`, and what it learns is kept under that folder's name, or that of
    `kept_as`. With `context` the other files of the project are known to it, and nothing is reported of them.
    """

    paths: tuple[str, ...]
    cwd: str
    settings: Settings
    jobs: int = 0
    cache: bool = True
    stdin: Source | None = None
    project: str | None = None
    context: bool = False
    kept_as: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the report, the files read, words on what was left out, and the judge and lines it used."""

    report: Report
    looked_at: frozenset[str]
    notes: tuple[FileError, ...]
    judge: Judge
    lines: Lines


def lint(plan: Plan) -> Outcome:
    """What the rules have to say of the files that the plan names; SettingsError where it names an unknown rule."""
    excludes = RootedGlobs(plan.settings.root, Globs(plan.settings.exclude + plan.settings.extend_exclude))
    named = _named(plan, excludes)
    around, notes = _around(plan, named.sources, excludes)
    contents = {source.path: source.content for source in named.sources if source.content is not None}
    lines = Lines(plan.cwd, contents)
    judge = Judge(load_rulebook(), plan.settings, lines)
    rooted = Rooted((*named.sources, *around), plan.project)
    kept_as = kept_under(plan) if plan.cache else None
    analysis = rooted.shown(analyse(rooted.sources, scope=plan.settings.scope, jobs=plan.jobs, kept_as=kept_as))
    asked = frozenset(source.path for source in named.sources)
    looked_at = asked - {error.path for error in analysis.errors}
    uses = tuple(use for use in analysis.uses if use.place.path in asked)
    kept, idle = suppress(judge.findings(uses), analysis.directives & looked_at, judge, lines)
    findings = sorted([*kept, *judge.findings(idle)], key=place_order)
    errors = [*named.errors, *(error for error in analysis.errors if error.path in asked)]
    report = Report(
        tuple(findings),
        tuple(use for use in uses if use.circumstance is not Circumstance.CLAIM),  # a remark on another use
        tuple(sorted(errors, key=lambda error: error.path)),
        len(asked),
    )
    return Outcome(report, looked_at, named.notes + notes, judge, lines)


def why(plan: Plan, place: Place) -> list[Belief] | None:
    """What is believed of the line of a place and why; None where the file is not one of those that the plan leads to."""
    from seedlint.code.analysis import judged
    from seedlint.code.why import beliefs

    excludes = RootedGlobs(plan.settings.root, Globs(plan.settings.exclude + plan.settings.extend_exclude))
    named = _named(plan, excludes)
    if place.path not in {source.path for source in named.sources}:
        return None
    around, _ = _around(plan, named.sources, excludes)
    rooted = Rooted((*named.sources, *around), plan.project)
    kept_as = kept_under(plan) if plan.cache else None
    project = judged(rooted.sources, scope=plan.settings.scope, jobs=plan.jobs, kept_as=kept_as)
    found = beliefs(project, rooted.inner(place.path), place.line, place.cell)
    return [
        replace(item, evidence=rooted.steps(item.evidence), use=item.use and rooted.use(item.use)) for item in found
    ]


def kept_under(plan: Plan) -> str:
    """The folder under whose name what the run learns is kept."""
    return plan.kept_as or plan.project or plan.cwd


def _named(plan: Plan, excludes: RootedGlobs) -> Discovery:
    """What the run is about."""
    if plan.stdin is None:
        return discover(plan.paths, cwd=plan.cwd, excludes=excludes)
    return Discovery(() if excludes.covers(plan.stdin.location.as_posix()) else (plan.stdin,))


def _around(plan: Plan, named: Sequence[Source], excludes: RootedGlobs) -> tuple[list[Source], tuple[FileError, ...]]:
    """The other files of the project, and a word where they are too many to be one."""
    if plan.project is None or not plan.context or not named:
        return [], ()
    try:
        found = discover((plan.project,), cwd=plan.cwd, excludes=excludes, max_entries=MAX_ENTRIES)
    except TooManyEntries:
        message = f"holds more than {MAX_ENTRIES:,} files and folders; what is named in it is judged by itself"
        return [], (FileError(plan.project, message),)
    known = {os.path.realpath(source.location) for source in named} | {os.fspath(source.location) for source in named}
    return [source for source in found.sources if os.fspath(source.location) not in known], ()
