"""Follows seeds that a script or a function is handed back to the command that starts it: the runs are that command's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from seedlint.code.facts import CallSite, Loop
from seedlint.code.modules import Ref
from seedlint.code.origins import Kind, Origin, RunLoop, Trail
from seedlint.code.outside.invocations import PROGRAM, Invocation, invocation
from seedlint.code.parameters import MAX_CALLERS
from seedlint.code.project import Project
from seedlint.code.script_runs import ALL_WORDS
from seedlint.code.syntax import Const, Group, Name, command_name, tail
from seedlint.code.trace import At, Tracer

if TYPE_CHECKING:
    from seedlint.code.outside.seeded import SeededCommand


def with_starts(commands: list[SeededCommand], tracer: Tracer) -> list[SeededCommand]:
    """The commands, and once more each whose seed comes from another file: as the command there that starts it."""
    found = []
    for command in commands:
        origins = [other for origin in command.origins for other in _where_listed(origin, tracer)]
        item = replace(command, origins=tuple(origins))
        found += [item, *_starts(item, tracer.project)]
    return found


def _where_listed(origin: Origin, tracer: Tracer) -> list[Origin]:
    """A loop over seeds that commands of other files list: the lists, each as a loop of its own."""
    run = origin.loop
    if run is None or run.loop is None or type(run.loop.iterable) is not Name:
        return [origin]
    trail = Trail(steps=origin.trail, frames=origin.frames, callers=origin.callers)
    lists = tracer.trace(run.ref, run.loop.iterable, At(run.line, run.loop.parents, (), run.column), trail)
    elsewhere = [item for item in lists if item.kind is Kind.SEARCHED and item.place.path != run.ref.path]
    return list(as_loops(elsewhere)) or [origin]


def as_loops(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    """The origins with each list of seeds as the loop that goes over it."""
    return tuple(
        _as_loop(item, item.value) if item.kind is Kind.SEARCHED and isinstance(item.value, int) else item
        for item in origins
    )


def _as_loop(listed: Origin, count: int) -> Origin:
    """A list of seeds as the loop that goes over it."""
    place = listed.place
    seeds = (Const(None, place.line, place.column, place.line, place.column),) * count
    values = Group(seeds, place.line, place.column)
    loop = Loop(-1, "list", None, values, place.line, place.column - 1, place.line, ())
    run = RunLoop(listed.frames[-1], loop.line, loop.end_line, loop.column, loop)
    return replace(listed, kind=Kind.LOOP, value=None, loop=run)


def with_given_programs(command: Invocation, project: Project) -> Invocation:
    """A command with the programs among the words that whoever runs its script or function hands on: `sbatch job.sh "$@"`."""
    if not any(type(word) is Name and word.id == ALL_WORDS for word in command.words):
        return command
    scope = project.scope(command.ref)
    if scope.kind == "function":
        sites = [(caller.ref, caller.site) for caller in project.callers(command.ref)[:MAX_CALLERS]]
    else:
        sites = [(run.ref, run.site) for run in project.script_runs(command.ref.path)[:MAX_CALLERS]]
    given = [
        program
        for ref, site in sites
        for program in invocation(ref, site, command_name(site.call) or tail(site.call.func)).programs
        if PROGRAM.match(program) and program.rpartition("/")[2] != command.ref.path.rpartition("/")[2]
    ]
    return replace(command, programs=tuple(dict.fromkeys([*command.programs, *given])))


def _starts(item: SeededCommand, project: Project) -> Iterator[SeededCommand]:
    for origin in item.origins:
        run = origin.loop
        if run is None or run.loop is None or run.ref.path == item.invocation.ref.path:
            continue
        site = _start(project, origin, run.ref, run.loop)
        if site is not None:
            option = item.option._replace(line=site.call.line)
            name = command_name(site.call) or tail(site.call.func)
            words = (Const(name, site.call.line, 1, site.call.line, 1), *site.call.args)
            made = Invocation(run.ref, site, item.invocation.programs, (option,), words)
            yield replace(item, invocation=made, option=option, origins=(origin,))


def _start(project: Project, origin: Origin, ref: Ref, loop: Loop) -> CallSite | None:
    """The command of a loop over seeds on the way from it to the program."""
    lines = {step.line for step in origin.trail if step.path == ref.path}
    inside = [site for site in project.scope(ref).calls if loop.number in site.loops or loop.number < 0]
    return next((site for site in inside if site.call.line in lines), None)
