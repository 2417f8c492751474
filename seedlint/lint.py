"""From paths to a report: find, analyse, judge, and let the authors' comments speak. The one path of every command."""

from __future__ import annotations

from dataclasses import dataclass

from seedlint.code.analysis import analyse
from seedlint.code.discover import Discovery, Source, discover
from seedlint.globs import Globs, RootedGlobs
from seedlint.judge import Judge, place_order
from seedlint.lines import Lines
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Circumstance, FileError, Report


@dataclass(frozen=True)
class Plan:
    """What one run is to look at, and how. `cwd` is the folder that paths are relative to; `stdin` replaces `paths`."""

    paths: tuple[str, ...]
    cwd: str
    settings: Settings
    jobs: int = 0
    cache: bool = True
    stdin: Source | None = None


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
    discovery = _discovered(plan)
    contents = {source.path: source.content for source in discovery.sources if source.content is not None}
    lines = Lines(plan.cwd, contents)
    judge = Judge(load_rulebook(), plan.settings, lines)
    analysis = analyse(discovery.sources, scope=plan.settings.scope, jobs=plan.jobs, cache=plan.cache)
    unread = {error.path for error in analysis.errors}
    kept, idle = suppress(judge.findings(analysis.uses), analysis.directives - unread, judge, lines)
    findings = sorted([*kept, *judge.findings(idle)], key=place_order)
    errors = sorted([*discovery.errors, *analysis.errors], key=lambda error: error.path)
    uses = tuple(use for use in analysis.uses if use.circumstance is not Circumstance.CLAIM)  # a remark on another use
    report = Report(tuple(findings), uses, tuple(errors), analysis.files)
    looked_at = frozenset(source.path for source in discovery.sources) - unread
    return Outcome(report, looked_at, discovery.notes, judge, lines)


def _discovered(plan: Plan) -> Discovery:
    settings = plan.settings
    excludes = RootedGlobs(settings.root, Globs(settings.exclude + settings.extend_exclude))
    if plan.stdin is None:
        return discover(plan.paths, cwd=plan.cwd, excludes=excludes)
    return Discovery(() if excludes.covers(plan.stdin.location.as_posix()) else (plan.stdin,))
