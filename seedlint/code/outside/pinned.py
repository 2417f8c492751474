"""Judges seeds that are pinned outside the code: one constant on the command lines or in the configuration files of a project."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.configs import Setting, is_record, settings
from seedlint.code.facts import FileFacts
from seedlint.code.origins import Kind, Origin, Read
from seedlint.code.outside.frameworks import framework_seeds
from seedlint.code.outside.governed import Governed, is_elsewhere
from seedlint.code.outside.seeded import SeededCommand
from seedlint.code.project import Project
from seedlint.code.syntax import Const
from seedlint.code.unittests import is_test_path
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

CONSTANT = (Kind.LITERAL, Kind.DEFAULT)

SHELVED = re.compile(r"(^|/)(archived?|deprecated|attic|obsolete|graveyard|trash)/", re.I)
"""Folders of what nobody runs any more."""


def pinned_by_commands(project: Project, commands: Iterable[SeededCommand], several: frozenset[Place]) -> list[SeedUse]:
    """The constants on command lines that fix what they train, each value once a script; not those of `several` runs."""
    found: dict[tuple[str, object], list[tuple[Origin, SeededCommand]]] = defaultdict(list)
    for item in commands:
        path = item.invocation.ref.path
        if item.varied or not item.trains or SHELVED.search(path):
            continue
        for origin in item.origins:
            if origin.place not in several and _is_pinned(project, origin, item):
                found[origin.place.path, origin.value].append((origin, item))
    return [_command_use(pairs) for pairs in found.values()]


def _is_pinned(project: Project, origin: Origin, item: SeededCommand) -> bool:
    """Whether a constant stands in a script or config, or in the very command that Python code builds; not in a program."""
    if not project.files[origin.place.path].is_python:
        return origin.kind in CONSTANT
    return origin.kind is Kind.LITERAL and origin.place.path == item.invocation.ref.path


def defaults_of_launchers(project: Project, commands: Iterable[SeededCommand]) -> list[SeedUse]:
    """The defaults of Python code that reach a training program only by its command line."""
    found: dict[Place, SeedUse] = {}
    for item in commands:
        if item.varied or not item.trains or not project.files[item.invocation.ref.path].is_python:
            continue
        program = (
            item.invocation.programs[0].rpartition("/")[2] if item.invocation.programs else "the program it starts"
        )
        for origin in item.origins:
            if origin.kind is Kind.DEFAULT:
                use = SeedUse(
                    Use.FIXED_SEED,
                    Circumstance.DEFAULT,
                    origin.place,
                    origin.trail,
                    Confidence.MEDIUM,
                    origin.subject,
                    program,
                )
                found.setdefault(origin.place, use)
    return list(found.values())


def _command_use(pairs: list[tuple[Origin, SeededCommand]]) -> SeedUse:
    origin, item = min(pairs, key=lambda pair: pair[0].place.line)
    programs = dict.fromkeys(name.rpartition("/")[2] for _, other in pairs for name in other.invocation.programs[:1])
    lines = dict.fromkeys((o.place.path, o.place.line) for o, _ in pairs if o.place.line != origin.place.line)
    others = [Evidence(path, line, f"seed {origin.value} again") for path, line in lines]
    confidence = Confidence.HIGH if item.sure else Confidence.MEDIUM
    subject = f"seed {origin.value}"
    return SeedUse(
        Use.FIXED_SEED,
        Circumstance.PINNED,
        origin.place,
        (*origin.trail, *others[:4]),
        confidence,
        subject,
        ", ".join(list(programs)[:3]),
    )


def _files(project: Project) -> Iterator[FileFacts]:
    """The project's files without records of runs, tests and what was shelved."""
    for facts in list(project.files.values()):
        if not is_test_path(facts.path) and not SHELVED.search(facts.path) and not is_record(facts.path, facts):
            yield facts


def config_settings(project: Project) -> Iterator[tuple[FileFacts, Setting]]:
    """The settings of the project's configuration files that by their names are seeds, records and tests aside."""
    for facts in _files(project):
        for setting in settings(facts):
            if speaks_of_seed(setting.keys[-1]):
                yield facts, setting


def pinned_in_configs(
    project: Project, governed: Governed, commands: list[SeededCommand], several: frozenset[Place]
) -> list[SeedUse]:
    """The constants in configuration files from which training takes its seed and that no command replaces; `several` are the
    constants of commands that differ only by them."""
    framed = list(_by_frameworks(project, commands))
    known = {(use.place.path, use.place.line) for use in framed}
    found = []
    for facts, setting in config_settings(project):
        if (facts.path, setting.line) in known:
            continue
        value = setting.value.value if type(setting.value) is Const else None
        if isinstance(value, bool) or not isinstance(value, int) or value < 0 or is_elsewhere(setting.keys[-1:]):
            continue
        reads = governed.config(facts, setting.keys, value)
        if not reads or any(_varies(command, facts.path, reads, governed, several) for command in commands):
            continue
        found.append(_config_use(facts, setting, value, [(read.ref.path, read.line, read.name) for read in reads]))
    read = {use.place.path for use in found}
    return found + [use for use in framed if use.place.path not in read]


def _by_frameworks(project: Project, commands: list[SeededCommand]) -> Iterator[SeedUse]:
    """The constants from which a framework takes its seed, whoever reads the file."""
    for facts in _files(project):
        for setting, framework in framework_seeds(facts):
            if not _given_otherwise(facts.path, commands) and type(setting.value) is Const:
                key, value = ".".join(setting.keys), setting.value.value
                yield SeedUse(
                    Use.FIXED_SEED,
                    Circumstance.PINNED,
                    Place(facts.path, setting.line, setting.column),
                    (Evidence(facts.path, setting.line, f"{key}: {value} is what {framework} seeds training with"),),
                    Confidence.HIGH,
                    f"{key} = {value}",
                    framework,
                )


def _given_otherwise(path: str, commands: list[SeededCommand]) -> bool:
    """Whether a command that names the file gives its program a seed of its own."""
    name = path.rpartition("/")[2]
    return any(
        name in item.invocation.configs or any(name == given.rpartition("/")[2] for given in item.invocation.programs)
        for item in commands
    )


def _varies(item: SeededCommand, path: str, reads: list[Read], governed: Governed, several: frozenset[Place]) -> bool:
    """Whether a command replaces the seed of a configuration file: one that names it, or varies the seed and names none."""
    named = item.invocation.configs
    names_it = path.rpartition("/")[2] in named
    varied = item.varied or any(origin.place in several for origin in item.origins)
    if (named and not names_it) or not (names_it or varied):
        return False
    return any(governed.sets(program, item.option.key, reads) for program in item.programs)


def _config_use(facts: FileFacts, setting: Setting, value: int, reads: list[tuple[str, int, str]]) -> SeedUse:
    place = Place(facts.path, setting.line, setting.column)
    key = ".".join(setting.keys)
    path, line, name = reads[0]
    programs = list(dict.fromkeys(where.rpartition("/")[2] for where, _, _ in reads))
    sink = programs[0] if len(programs) == 1 else "training"
    evidence = (
        Evidence(facts.path, setting.line, f"{key}: {value}"),
        Evidence(path, line, f"training takes its seed from {name} here"),
    )
    confidence = Confidence.LOW if is_elsewhere(setting.keys) else Confidence.HIGH
    return SeedUse(Use.FIXED_SEED, Circumstance.PINNED, place, evidence, confidence, f"{key} = {value}", sink)
