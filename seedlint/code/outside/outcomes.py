"""Judges what becomes of several runs that scripts start: by the pipelines beside them, and by the code that reads results."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from seedlint.code.facts import SHELL, FileFacts
from seedlint.code.outside.batches import Batch
from seedlint.code.outside.ensembles import COMBINES
from seedlint.code.outside.invocations import invocations
from seedlint.code.outside.programs import Programs, shared_folders
from seedlint.code.project import Project
from seedlint.code.runs import names_a_repeat
from seedlint.code.syntax import Call, Const, command_name, walk
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

REPORTING = frozenset({Use.PERFORMANCE_COMPARISON, Use.ENSEMBLE_CREATION, Use.SENSITIVITY_ANALYSIS})


class Outcomes:
    """What a project does with the results of runs: `gathered` are the uses found in the code that reads them."""

    def __init__(self, project: Project, gathered: Iterable[SeedUse]) -> None:
        self.project = project
        self._gathered = [use for use in gathered if use.use in REPORTING]
        self._best: dict[str, list[Evidence]] = defaultdict(list)
        for facts in list(project.files.values()):
            for line in _best_lines(facts)[:1]:
                step = Evidence(facts.path, line, "the best of the results is kept")
                self._best[facts.path.rpartition("/")[0]].append(step)

    def use(self, batch: Batch) -> SeedUse | None:
        """The use of a batch of runs; None where the files do not show what becomes of its scores."""
        best = self._keeps_best(batch)
        if best is not None or batch.searches:
            note = best or Evidence(batch.place.path, batch.place.line, f"{', '.join(batch.beside)} vary too")
            circumstance = Circumstance.VALIDATION_SELECTION if best else Circumstance.SEARCHED
            return _use(batch, Use.MODEL_SELECTION, circumstance, note)
        combined = self._combines(batch)
        if combined is not None:
            return _use(batch, Use.ENSEMBLE_CREATION, Circumstance.COMBINED, combined)
        near = self._near(batch)
        for wanted in (Use.ENSEMBLE_CREATION, Use.SENSITIVITY_ANALYSIS):
            found = [use for use in near if use.use is wanted]
            if found and len(found) == len(near):
                circumstance = Circumstance.COMBINED if wanted is Use.ENSEMBLE_CREATION else Circumstance.SPREAD
                return _use(batch, wanted, circumstance, _shown(found[0]))
        reported = [use for use in near if use.use is Use.PERFORMANCE_COMPARISON]
        if reported:
            return _use(batch, Use.PERFORMANCE_COMPARISON, Circumstance.SWEEP, _shown(reported[0]))
        if batch.listed:
            note = Evidence(batch.place.path, batch.place.line, "every other option has one value")
            return _use(batch, Use.PERFORMANCE_COMPARISON, Circumstance.SWEEP, note)
        return None

    def _near(self, batch: Batch) -> list[SeedUse]:
        """The uses of results in the code that stands nearest to the script."""
        path = batch.place.path
        best = max((shared_folders(path, use.place.path) for use in self._gathered), default=0)
        return [use for use in self._gathered if shared_folders(path, use.place.path) == best]

    def _combines(self, batch: Batch) -> Evidence | None:
        """A program that the same script runs later and that by its name combines models."""
        facts = self.project.files[batch.place.path]
        for item in invocations(facts) if not facts.is_python else ():
            program = next((name for name in item.programs if COMBINES.search(name.rpartition("/")[2])), None)
            if program is not None and item.line > batch.place.line:
                return Evidence(facts.path, item.line, f"{program.rpartition('/')[2]} combines the models of the runs")
        return None

    def _keeps_best(self, batch: Batch) -> Evidence | None:
        """A pipeline in the script, or in a script beside it, that keeps the best of sorted results: `sort | tail -n 1`."""
        path = batch.place.path
        beside = self._best.get(path.rpartition("/")[0], [])
        return next((step for step in beside if step.path == path), beside[0] if beside else None)


def _best_lines(facts: FileFacts) -> list[int]:
    return [site.call.line for scope in facts.scopes for site in scope.calls if _picks_best(site.call)]


def _picks_best(call: Call) -> bool:
    """Whether a pipeline sorts and takes the first or the last."""
    if command_name(call) != "|":
        return False
    stages = [arg for arg in call.args if type(arg) is Call]
    names = [command_name(stage) or "" for stage in stages]
    by_value = any(name == "sort" and _sorts_numbers(stage) for name, stage in zip(names, stages, strict=True))
    if not by_value:
        return False
    return any(name in ("head", "tail") and _takes_one(stage) for name, stage in zip(names, stages, strict=True))


def _sorts_numbers(stage: Call) -> bool:
    """Whether `sort` is told to compare numbers or a column, as scores are, rather than names."""
    return any(type(arg) is Const and re.match(r"-\w*[ngkr]", str(arg.value)) for arg in stage.args)


def _takes_one(stage: Call) -> bool:
    texts = [str(node.value) for arg in stage.args for node in walk(arg) if type(node) is Const]
    return re.fullmatch(r"-n?1|-n 1|-1", " ".join(texts)) is not None


BEST = re.compile(r"(^|[^a-z])(best|argmax|argmin|select\w*)([^a-z]|$)", re.I)
"""Names of programs that keep the best of what they are given."""


def collected_bests(project: Project, programs: Programs) -> list[SeedUse]:
    """Loops of scripts over seeds that train nothing but gather what runs have left, from which a program keeps the best."""
    found = []
    for facts in list(project.files.values()):
        if facts.language != SHELL:
            continue
        picks = [item for item in invocations(facts) if BEST.search(" ".join(item.programs))]
        for scope in facts.scopes if picks else ():
            for loop in scope.loops:
                inner = [
                    item
                    for item in invocations(facts)
                    if item.ref.scope == scope.index and loop.number in item.site.loops
                ]
                if not names_a_repeat(loop) or not inner or any(programs.trains(item) for item in inner):
                    continue
                later = next((item for item in picks if item.ref.scope == scope.index and item.line > loop.line), None)
                if later is not None:
                    start = Evidence(facts.path, loop.line, "the results of one run a turn")
                    best = Evidence(facts.path, later.line, "the best of them is kept")
                    place = Place(facts.path, loop.line, loop.column + 1)
                    found.append(
                        SeedUse(
                            Use.MODEL_SELECTION,
                            Circumstance.VALIDATION_SELECTION,
                            place,
                            (start, best),
                            Confidence.LOW,
                            "several seeds",
                            later.programs[0].rpartition("/")[2],
                        )
                    )
    return found


def _shown(use: SeedUse) -> Evidence:
    what = {
        Use.PERFORMANCE_COMPARISON: "the scores of the runs are reported here",
        Use.ENSEMBLE_CREATION: "the models of the runs are combined here",
    }.get(use.use, "the spread of the runs is shown here")
    return Evidence(use.place.path, use.place.line, what, use.place.cell)


def _use(batch: Batch, use: Use, circumstance: Circumstance, note: Evidence) -> SeedUse:
    noun = "seeds" if batch.seeded else "repeats"
    subject = f"{batch.count} {noun}" if batch.count else ("several seeds" if batch.seeded else "repeated runs")
    programs = dict.fromkeys(name.rpartition("/")[2] for item in batch.commands for name in item.programs[:1])
    evidence = (*batch.evidence[:4], note)
    return SeedUse(use, circumstance, batch.place, evidence, Confidence.MEDIUM, subject, ", ".join(list(programs)[:3]))
