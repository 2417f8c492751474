"""Names the use of several seeds by what becomes of their scores: comparison, distribution, selection, ensemble, spread."""

from __future__ import annotations

from collections.abc import Iterable

from seedlint.code.facts import Loop
from seedlint.code.fate import Fates
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project
from seedlint.code.roles import Fate, Role
from seedlint.code.runs import loop_names, run_count
from seedlint.code.syntax import tail, walk
from seedlint.code.training import Training
from seedlint.code.variation import Variation
from seedlint.code.vocabulary import names_split
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

SHOWN = {
    Role.MEAN: "the mean over the runs",
    Role.PLOT: "a plot over the runs",
    Role.TEST: "a test over the runs",
    Role.BEST: "the best of the runs",
    Role.COMBINE: "one prediction of all runs",
    Role.SPREAD: "the spread of the runs",
}
"""What a message says of each role."""


class Comparisons:
    """The uses of the run loops of a project."""

    def __init__(self, project: Project, training: Training, fates: Fates) -> None:
        self.project = project
        self.fates = fates
        self.variation = Variation(project, training, fates.calls)

    def uses(self, runs: Iterable[RunLoop], *, gathered: bool = False) -> list[SeedUse]:
        """The use of every run loop whose scores tell one; a `gathered` loop only reads what other programs trained."""
        known = [(run, self.fates.of(run)) for run in runs]
        if gathered:
            known = self._nearest(known)
        found = []
        for run, fate in known:
            others = [other for other, its in known if other != run and other.ref == run.ref and reported(its)]
            use = self._use(run, fate, others, gathered)
            if use is not None and not (gathered and use.use is Use.MODEL_SELECTION):
                found.append(use)
        return outermost(found)

    def _nearest(self, known: list[tuple[RunLoop, Fate]]) -> list[tuple[RunLoop, Fate]]:
        """The loops without those whose values another takes up before they are averaged: loops that sort runs, say, or that
        collect keys. Whether systems are compared is learnt on the whole way."""
        kept = []
        for run, fate in known:
            takers = [its for other, its in known if other != run and _takes_up(run, fate, other, its)]
            if takers and self.variation.several_systems(run, fate):
                takers[-1].by_system = True
            if not takers:
                kept.append((run, fate))
        return kept

    def _use(self, run: RunLoop, fate: Fate, others: list[RunLoop], gathered: bool) -> SeedUse | None:
        roles = fate.roles
        if fate.diverging:
            return self._named(run, fate, Use.SENSITIVITY_ANALYSIS, Circumstance.SPREAD, Role.SPREAD, gathered)
        if Role.TEST not in roles and _combines_first(fate):
            return self._named(run, fate, Use.ENSEMBLE_CREATION, Circumstance.COMBINED, Role.COMBINE, gathered)
        if Role.TEST in roles and self.variation.samples_more(run):
            return None
        if Role.TEST in roles:
            return self._named(run, fate, Use.PERFORMANCE_COMPARISON, Circumstance.COMPARISON, Role.TEST, gathered)
        grid = not gathered and self.variation.searches_more(run)
        if Role.BEST in roles and (grid or not reported(fate)):
            if names_split(fate.chosen_by) == "test":
                return self._named(run, fate, Use.MODEL_SELECTION, Circumstance.TEST_SELECTION, Role.BEST, gathered)
            return self._named(run, fate, Use.MODEL_SELECTION, Circumstance.VALIDATION_SELECTION, Role.BEST, gathered)
        if reported(fate):
            if self.variation.samples_more(run):
                return None
            several = fate.by_system or bool(others) or self.variation.several_systems(run, fate)
            circumstance = Circumstance.COMPARISON if several else Circumstance.DISTRIBUTION
            shown = next(role for role in (Role.MEAN, Role.PLOT) if role in roles)
            return self._named(run, fate, Use.PERFORMANCE_COMPARISON, circumstance, shown, gathered)
        if Role.SPREAD in roles:
            return self._named(run, fate, Use.SENSITIVITY_ANALYSIS, Circumstance.SPREAD, Role.SPREAD, gathered)
        return None

    def _named(
        self, run: RunLoop, fate: Fate, use: Use, circumstance: Circumstance, role: Role, gathered: bool
    ) -> SeedUse:
        place = Place(run.ref.path, run.line, run.column + 1)
        count = run_count(self.project, run)
        subject = f"{count} seeds" if count else "several seeds"
        if run.loop is not None and not _over_seeds(run.loop):
            subject = f"{count} repeats" if count else "repeated runs"
        start = Evidence(
            run.ref.path, run.line, "the results of one run a turn" if gathered else "one training run a turn"
        )
        decisive = [fate.roles[role], *(note for other, note in fate.roles.items() if other != role)]
        return SeedUse(use, circumstance, place, (start, *decisive[:4]), Confidence.HIGH, subject, SHOWN[role])


def reported(fate: Fate) -> bool:
    """Whether the scores over the runs are reported as the result."""
    return Role.MEAN in fate.roles or Role.PLOT in fate.roles


def _takes_up(run: RunLoop, fate: Fate, other: RunLoop, its: Fate) -> bool:
    """Whether the scores of one loop pass another on the way to the line that averages them."""
    if run.loop is None or other.loop is None or not reported(fate) or _decisive(fate) != _decisive(its):
        return False
    through = {(other.ref, number) for number in (other.loop.number, *other.loop.parents)}
    around = {(run.ref, number) for number in (run.loop.number, *run.loop.parents)}
    back = (run.ref, run.loop.number) in its.passed and other.line < run.line
    return bool((through - around) & fate.passed) and not back


def _decisive(fate: Fate) -> tuple[str, int] | None:
    """The place by which scores become a result."""
    shown = fate.roles.get(Role.MEAN) or fate.roles.get(Role.PLOT)
    return (shown.path, shown.line) if shown else None


def _combines_first(fate: Fate) -> bool:
    """Whether predictions are combined before any scores are averaged: what follows serves it."""
    first = next((role for role in fate.roles if role in (Role.COMBINE, Role.MEAN)), None)
    return first is Role.COMBINE


def _over_seeds(loop: Loop) -> bool:
    names = loop_names(loop)
    return any("seed" in name.lower() for name in names) or (
        loop.iterable is not None and any("seed" in tail(node).lower() for node in walk(loop.iterable))
    )


def outermost(uses: list[SeedUse]) -> list[SeedUse]:
    """One use a line: a loop and the comprehension in its header are the same."""
    seen = set()
    kept = []
    for use in uses:
        key = (use.place.path, use.place.line)
        if key not in seen:
            seen.add(key)
            kept.append(use)
    return kept
