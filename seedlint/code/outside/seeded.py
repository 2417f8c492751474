"""The seeds on the command lines of a project: which command gives which program a seed, and where its value comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from seedlint.code.calls import speaks_of_seed
from seedlint.code.facts import PYTHON
from seedlint.code.origins import Kind, Origin, Trail
from seedlint.code.outside.environment import Environment
from seedlint.code.outside.frameworks import known_program, overrides
from seedlint.code.outside.governed import Governed, speaks_of_training_seed
from seedlint.code.outside.invocations import Invocation, Option
from seedlint.code.outside.lone import settled
from seedlint.code.outside.programs import Programs
from seedlint.code.outside.started import as_loops, with_given_programs, with_starts
from seedlint.code.project import Project
from seedlint.code.syntax import Const, Name
from seedlint.code.trace import At, Tracer

VARYING = (Kind.LOOP, Kind.SEARCHED, Kind.FRESH)
"""Origins that give another value in every run."""

LISTED = re.compile(r"-?\d+(\s*,\s*-?\d+)+$|range\(|choice\(|interval\(|shuffle\(|glob\(", re.I)
"""A value that stands for several in a Hydra multirun."""


@dataclass(frozen=True)
class SeededCommand:
    """A command that gives a program a seed by one of its options, where that governs what the program trains.

    `programs` are the project's files that it runs; `sure` is whether their code shows that the option governs training;
    `trains` is false where nothing shows which program code starts with the seeds that it goes over.
    """

    invocation: Invocation
    option: Option
    origins: tuple[Origin, ...]
    programs: tuple[str, ...]
    sure: bool
    trains: bool = True

    @property
    def varied(self) -> bool:
        """Whether a loop, an array, a multirun or a draw gives every run another value."""
        return any(origin.kind in VARYING for origin in self.origins) or self.multirun

    @property
    def unseeds(self) -> bool:
        """Whether the command gives the value that stands for no seed."""
        return bool(self.origins) and all(origin.kind is Kind.NONE for origin in self.origins)

    @property
    def multirun(self) -> bool:
        """Whether the option lists several values for one command that runs them all."""
        value = self.option.value
        return type(value) is Const and isinstance(value.value, str) and bool(LISTED.match(value.value))

    def gives(self, path: str, subject: str, project: Project) -> bool:
        """Whether the command gives another value to the default that stands under this name in a file that its program uses."""
        same = self.option.key.rpartition(".")[2] in subject.replace("-", "_")
        return same and any(path in project.needed(name) for name in self.programs)


def seeded_commands(
    commands: Iterable[Invocation], tracer: Tracer, programs: Programs, governed: Governed
) -> list[SeededCommand]:
    """Every command that gives a training program a seed, or in Python code a program that nothing shows."""
    commands = list(commands)
    files = tracer.project.files
    environment = Environment(tracer.project, governed)
    tracer.project.launches((item.ref, item.site) for item in commands if files[item.ref.path].language == PYTHON)
    commands = [with_given_programs(item, tracer.project) for item in commands]
    return with_starts(
        [found for item in commands for found in _seeded(item, tracer, programs, governed, environment)], tracer
    )


def _seeded(
    invocation: Invocation, tracer: Tracer, programs: Programs, governed: Governed, environment: Environment
) -> Iterator[SeededCommand]:
    known = known_program(invocation)
    paths = programs.paths(invocation)
    exported = list(environment.options(invocation, paths))
    given = [*invocation.options, *(overrides(known, invocation) if known is not None else ()), *exported]
    options = [option for option in given if option.value is not None and speaks_of_seed(option.key)]
    trains = bool(options) and programs.trains(invocation)
    shown_by_code = tracer.project.files[invocation.ref.path].is_python and not paths
    for option in options if trains or shown_by_code else ():
        shown = [governed.option(path, option.key, _constant(option)) for path in paths]
        if (known is not None and option.key in known.seeds) or option in exported:
            shown.append(True)
        if False in shown and True not in shown:
            if any(governed.option(path, option.key) for path in paths):
                unseeded = tuple(replace(origin, kind=Kind.NONE) for origin in _origins(invocation, option, tracer))
                yield SeededCommand(invocation, option, unseeded, paths, True, trains)
            continue
        if True not in shown and not speaks_of_training_seed(option.key.rpartition(".")[2]):
            continue
        yield SeededCommand(invocation, option, _origins(invocation, option, tracer), paths, True in shown, trains)
    for option in () if options else _bare(invocation):
        item = SeededCommand(invocation, option, as_loops(_origins(invocation, option, tracer)), paths, False)
        if item.varied and programs.trains(invocation):
            yield item


def _bare(invocation: Invocation) -> Iterator[Option]:
    """Seeds among the plain words of a command, which their variables name: `./submit.sh "$seeds" train.py`."""
    values = {id(option.value) for option in invocation.options}
    for word in invocation.words:
        if type(word) is Name and speaks_of_training_seed(word.id) and id(word) not in values:
            yield Option("seed", word, word.line)


def _constant(option: Option) -> object:
    return option.value.value if type(option.value) is Const else None


def _origins(invocation: Invocation, option: Option, tracer: Tracer) -> tuple[Origin, ...]:
    assert option.value is not None
    site, ref = invocation.site, invocation.ref
    program = invocation.programs[0] if invocation.programs else "the command"
    note = f"{option.name} given to {program.rpartition('/')[2]}"
    trail = Trail().called_from(ref).step(ref.path, option.line, note)
    at = At(site.call.line, site.loops, site.guards, site.call.column - 1)
    return settled(tracer.project, tuple(dict.fromkeys(tracer.trace(ref, option.value, at, trail))))
