"""Judges what stands outside the Python code, once its sinks are known: the seeds that commands and configurations give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from seedlint.code.calls import speaks_of_seed
from seedlint.code.configs import is_record
from seedlint.code.facts import CONFIG
from seedlint.code.origins import RunLoop
from seedlint.code.outside.batches import batches
from seedlint.code.outside.counts import Counts
from seedlint.code.outside.ensembles import Ensemble, ensembles, named_ensembles
from seedlint.code.outside.governed import Governed
from seedlint.code.outside.invocations import invocations
from seedlint.code.outside.launchers import launched
from seedlint.code.outside.outcomes import Outcomes, collected_bests
from seedlint.code.outside.pinned import pinned_by_commands, pinned_in_configs
from seedlint.code.outside.programs import Programs
from seedlint.code.outside.seeded import seeded_commands
from seedlint.code.outside.siblings import FileLoops, Siblings, siblings
from seedlint.code.project import Project
from seedlint.code.sinks import Sink, Sinks
from seedlint.code.sweep_formats import sweeps_in
from seedlint.code.sweeps import Sweep, sweep_uses
from seedlint.code.unittests import is_test_path
from seedlint.uses import Circumstance, Confidence, SeedUse, Use


class Outside:
    """The commands and configuration files of a project, and what they say of the seeds of its programs."""

    def __init__(
        self, project: Project, finder: Sinks, sinks: Iterable[Sink], reads_name: Callable[[str], bool]
    ) -> None:
        """`reads_name` tells whether the project's code reads a setting of that name."""
        self.project = project
        self._tracer = finder.tracer
        self._programs = Programs(project, finder.training)
        self._governed = Governed(sinks, finder, finder.tracer.declarations)
        written = [item for facts in list(project.files.values()) for item in invocations(facts)]
        self.invocations = [item for item in (*written, *launched(project)) if not is_test_path(item.ref.path)]
        for item in self.invocations:
            for name in item.configs:
                self._governed.layouts.gives(name, self._programs.paths(item))
        self.commands = seeded_commands(self.invocations, finder.tracer, self._programs, self._governed)
        self.batches = batches(project, self._programs, self.commands, self.invocations)
        self._sweeps = [
            sweep
            for facts in list(project.files.values())
            if facts.language == CONFIG and not is_test_path(facts.path) and not is_record(facts.path, facts)
            for sweep in sweeps_in(facts)
            if self._may_train(sweep)
        ]
        self._reads_name = reads_name
        self._several = frozenset(place for batch in self.batches for place in batch.constants)

    def governs(self, path: str, keys: tuple[str, ...]) -> bool:
        """Whether training takes its seed from a key of a configuration file, as far as the project's code shows it."""
        facts = self.project.files[path]
        return bool(self._governed.config(facts, keys, None)) or bool(self._governed.config(facts, keys, 1))

    def _may_train(self, sweep: Sweep) -> bool:
        """Whether a sweep may run a program that trains by gradient."""
        return sweep.program is None or not self._programs.trains_otherwise(sweep.path, sweep.program)

    @property
    def repeats_runs(self) -> bool:
        """Whether scripts start a program with several seeds, or several times without one."""
        return bool(self.batches)

    def varies(self, use: SeedUse) -> bool:
        """Whether a command gives this default several values, or drawn ones."""
        if use.circumstance is not Circumstance.DEFAULT:
            return False
        if any(_sweeps_over(sweep, use) for sweep in self._sweeps):
            return True
        return any(
            command.gives(use.place.path, use.subject, self.project)
            and (command.varied or command.unseeds or any(origin.place in self._several for origin in command.origins))
            for command in self.commands
        )

    def uses(self, runs: Iterable[RunLoop], run_uses: Iterable[SeedUse], gathered: Iterable[SeedUse]) -> list[SeedUse]:
        """Every seed use that stands in a command or in a configuration file, or in a loop that starts commands.

        `run_uses` are those of the run loops of the code, `runs`; `gathered` those of the code that reads results.
        """
        run_uses = list(run_uses)
        known = {(use.place.path, use.place.line) for use in run_uses}
        outcomes = Outcomes(self.project, gathered)
        batches = [batch for batch in self.batches if (batch.place.path, batch.place.line) not in known]
        started = [(batch.run, use) for batch in batches if (use := outcomes.use(batch)) is not None]
        named = [(run, use) for run, use in named_ensembles(self.project) if _where(use) not in known]
        found = [use for _, use in (*started, *named)]
        counts = Counts(self.project, self._tracer, self._programs)
        loops = [*runs, *(run for run, _ in (*started, *named) if run is not None)]
        found += counts.uses(counts.of(loops, [*run_uses, *found]), self.invocations)
        found += collected_bests(self.project, self._programs)
        found += pinned_by_commands(self.project, self.commands, self._several)
        found += self._in_sweeps_and_configs()
        return list({(use.place, use.circumstance): use for use in found}.values())

    def _in_sweeps_and_configs(self) -> list[SeedUse]:
        """What sweeps do with the seed, and what configuration files pin that no sweep speaks of."""
        swept = sweep_uses(self._sweeps, self._reads_name)
        lines = {_where(use) for use in swept}
        tuned = {sweep.path for sweep in self._sweeps if not sweep.guess and _tunes_this_file(sweep)}
        pinned = [use for use in self._in_configs() if _where(use) not in lines and use.place.path not in tuned]
        return swept + pinned

    def _in_configs(self) -> list[SeedUse]:
        pinned = pinned_in_configs(self.project, self._governed, self.commands, self._several)
        groups = siblings(self.project, pinned)
        grouped = {(use.place.path, use.subject.rpartition(" = ")[0]) for group in groups for use in group.uses}
        combined = list(ensembles(self.invocations))
        loops = FileLoops(self.project)
        found = [use for use in pinned if (use.place.path, use.subject.rpartition(" = ")[0]) not in grouped]
        for group in groups:
            uses = _group_uses(group, combined)
            found += uses
            found += [replace(uses[0], place=place) for place in loops.over(group)]
        return found + [item.use() for item in combined]


def _sweeps_over(sweep: Sweep, use: SeedUse) -> bool:
    """Whether a sweep gives several values to the default that a use is about."""
    name = use.place.path.rpartition("/")[2]
    if sweep.program is not None and sweep.program.rpartition("/")[2] != name:
        return False
    subject = use.subject.replace("-", "_")
    return any(
        speaks_of_seed(item.name) and item.several and item.name.rpartition(".")[2].replace("-", "_") in subject
        for item in sweep.dimensions
    )


def _tunes_this_file(sweep: Sweep) -> bool:
    """Whether what else a sweep's file sets is no run's: all but a Hydra configuration that varies its own seed."""
    varied = any(speaks_of_seed(item.name) and item.several for item in sweep.dimensions)
    return varied or not sweep.format.startswith("Hydra")


def _where(use: SeedUse) -> tuple[str, int]:
    return use.place.path, use.place.line


def _group_uses(group: Siblings, combined: Iterable[Ensemble]) -> list[SeedUse]:
    """What files that differ only by their seeds are for: members of an ensemble that a command names, else a comparison."""
    for ensemble in combined:
        named = [use for use in group.uses if any(_stem(use.place.path) in member for member in ensemble.members)]
        if len(named) > 1:
            made = ensemble.use()
            evidence = (*group.evidence[:4], *made.evidence)
            return [replace(made, place=use.place, evidence=evidence, subject=use.subject) for use in named]
    first = group.uses[0]
    words = (f"{group.count} seeds, a file each", first.sink)
    found = SeedUse(
        Use.PERFORMANCE_COMPARISON, Circumstance.SWEEP, first.place, group.evidence, Confidence.MEDIUM, *words
    )
    others = [replace(found, place=use.place, circumstance=Circumstance.SIBLING) for use in group.uses[1:]]
    return [found, *others]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
