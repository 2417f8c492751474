"""Turns risky seed uses into findings: the rule of each use's circumstance speaks, if the settings let it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from seedlint.globs import Globs, RootedGlobs, slashed
from seedlint.lines import Lines
from seedlint.rulebook import Rule, Rulebook
from seedlint.settings import Settings, SettingsError
from seedlint.uses import Finding, SeedUse


class Judge:
    """The rules as one run's settings select, ignore and grade them, and the lines that findings quote."""

    def __init__(self, rulebook: Rulebook, settings: Settings, lines: Lines) -> None:
        """Raise SettingsError where the settings name a rule that does not exist."""
        self.rulebook = rulebook
        self._lines = lines
        try:
            chosen = rulebook.select(settings.select) | rulebook.select(settings.extend_select)
            self.selected = frozenset(chosen - rulebook.select(settings.ignore))
            self._severities = {rulebook.find(rule).code: severity for rule, severity in settings.severity}
            self._file_ignores = [
                (RootedGlobs(settings.root, Globs([glob])), rulebook.select(rules))
                for glob, rules in settings.per_file_ignores
            ]
        except ValueError as error:
            raise SettingsError(f"{settings.origin}: {error}" if settings.origin else str(error)) from error

    def findings(self, uses: Iterable[SeedUse]) -> tuple[Finding, ...]:
        """What the rules say of the uses, each finding once, in the order of their places."""
        found: dict[object, Finding] = {}
        for use in uses:
            rule = self.rulebook.for_circumstance(use.circumstance)
            if rule is not None and self.speaks(rule.code, use.place.path):
                found.setdefault((rule.code, use.place), self._finding(rule, use))
        return tuple(sorted(found.values(), key=place_order))

    def codes(self, rule: str) -> frozenset[str]:
        """The codes that a code, a name or a prefix stands for; SettingsError where no rule is so called."""
        try:
            return self.rulebook.select([rule])
        except ValueError as error:
            raise SettingsError(str(error)) from error

    def speaks(self, code: str, path: str) -> bool:
        """Whether the settings let a rule speak of a file."""
        if code not in self.selected:
            return False
        location = slashed(os.path.join(self._lines.root, path))
        return not any(code in codes and globs.covers(location) for globs, codes in self._file_ignores)

    def _finding(self, rule: Rule, use: SeedUse) -> Finding:
        place = use.place
        return Finding(
            code=rule.code,
            name=rule.name,
            use=use.use,
            severity=self._severities.get(rule.code, rule.severity),
            confidence=use.confidence,
            place=place,
            message=rule.message.format(subject=use.subject or "a seed", sink=use.sink or "training"),
            help=rule.help,
            evidence=use.evidence,
            text=(self._lines.read_line(place.path, place.line, place.cell) or "").strip(),
        )


def place_order(finding: Finding) -> tuple[str, int, int, int, str]:
    """The order in which findings are shown."""
    place = finding.place
    return place.path, place.cell or 0, place.line, place.column, finding.code
