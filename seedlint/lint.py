"""From files to a report: analyse, judge, and let the authors' comments speak. The one path of every command."""

from __future__ import annotations

from seedlint.code.analysis import analyse
from seedlint.code.discover import Discovery
from seedlint.judge import Judge, place_order
from seedlint.lines import Lines
from seedlint.rulebook import Rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Report


def lint(
    discovery: Discovery, settings: Settings, rulebook: Rulebook, lines: Lines, *, jobs: int = 0, cache: bool = True
) -> Report:
    """What the rules have to say of the files that were found."""
    judge = Judge(rulebook, settings, lines)
    analysis = analyse(discovery.sources, scope=settings.scope, jobs=jobs, cache=cache)
    unread = {error.path for error in analysis.errors}
    kept, idle = suppress(judge.findings(analysis.uses), analysis.directives - unread, judge, lines)
    findings = sorted([*kept, *judge.findings(idle)], key=place_order)
    errors = sorted([*discovery.errors, *analysis.errors], key=lambda error: error.path)
    return Report(tuple(findings), analysis.uses, tuple(errors), analysis.files)
