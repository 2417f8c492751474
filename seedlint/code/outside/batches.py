"""Finds several runs of one program that scripts start with different seeds: in a loop, an array or a multirun, or one by one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seedlint.code.calls import text_of
from seedlint.code.facts import Loop
from seedlint.code.origins import Kind, Origin, RunLoop
from seedlint.code.outside.invocations import Invocation, Option
from seedlint.code.outside.programs import Programs
from seedlint.code.outside.seeded import LISTED, SeededCommand
from seedlint.code.project import Project
from seedlint.code.runs import loop_names, names_a_repeat, run_count
from seedlint.code.syntax import Call, Const, Expr, Group, names_in, tail
from seedlint.code.unittests import is_test_path
from seedlint.code.variation import HYPER, NOT_SYSTEMS
from seedlint.uses import Evidence, Place

OUTPUT = re.compile(
    r"(?<!drop)(?<!drop_)(?<!roll)out|save|log|dir|path|name|tag|run_?id|exp|version|suffix|prefix|group|note|wandb|ckpt|checkpoint|file|port"
    r"|gpu|device|cuda|(^|_)id$",
    re.I,
)
"""Options that name what a run leaves behind or where it runs: they vary nothing."""


@dataclass(frozen=True)
class Batch:
    """Several runs that scripts start with different seeds, or repeat unseeded. `beside` are the other options that vary with
    them; `listed` says that one command lists the seeds for a launcher that runs them all; `constants` are those that this
    makes no fixed seeds; `run` is the loop, where it is one."""

    place: Place
    count: int | None
    beside: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    commands: tuple[Invocation, ...]
    seeded: bool
    listed: bool = False
    constants: frozenset[Place] = frozenset()
    run: RunLoop | None = None

    @property
    def searches(self) -> bool:
        """Whether other hyperparameters vary too: the seed is one dimension of a search."""
        return names_hyperparameter(self.beside)


def names_hyperparameter(names: Iterable[str]) -> bool:
    """Whether there is a hyperparameter among options that vary: not only what names what a run leaves behind."""
    return any(HYPER.search(name) and not OUTPUT.search(name) for name in names)


def varies_beside(project: Project, invocation: Invocation, option: Option) -> tuple[str, ...]:
    """The options of a command, but for one, that vary with the loops around it or list several values."""
    scope = project.scope(invocation.ref)
    return _beside(invocation, option, [scope.loops[index] for index in invocation.site.loops])


def batches(
    project: Project, programs: Programs, commands: list[SeededCommand], invocations: Iterable[Invocation]
) -> list[Batch]:
    """Every batch of runs that the project's scripts start, each once."""
    several = [
        *_looped(project, commands),
        *_listed(commands),
        *_unrolled(commands),
        *_branches(commands),
        *_repeated(project, programs, invocations),
    ]
    found: dict[Place, Batch] = {}
    for batch in several:
        found.setdefault(batch.place, batch)
    return [batch for batch in found.values() if not is_test_path(batch.place.path)]


def _looped(project: Project, commands: Iterable[SeededCommand]) -> Iterator[Batch]:
    """`for seed in 1 2 3; do python train.py --seed $seed; done`, and the same in Python."""
    for item in commands:
        for run in (origin.loop for origin in item.origins if origin.kind is Kind.LOOP):
            if run is None or run.loop is None or run.ref.path != item.invocation.ref.path:
                continue
            loops = project.scope(run.ref).loops
            inner = item.invocation.site.loops if run.ref == item.invocation.ref else ()
            others = [loops[index] for index in dict.fromkeys([*run.loop.parents, *inner]) if index != run.loop.number]
            start = Evidence(run.ref.path, run.line, "one run a turn")
            command = Evidence(item.invocation.ref.path, item.option.line, f"{item.option.name} of a command")
            place = Place(run.ref.path, run.line, run.column + 1)
            count = loop_length(run.loop) or run_count(project, run)
            yield Batch(
                place,
                count,
                _beside(item.invocation, item.option, others),
                (start, command),
                (item.invocation,),
                True,
                run=run,
            )


def loop_length(loop: Loop) -> int | None:
    """The number of values that a loop of a script goes over, where it lists them."""
    return len(loop.iterable.items) if type(loop.iterable) is Group else None


def _beside(invocation: Invocation, seed: Option, loops: Iterable[Loop]) -> tuple[str, ...]:
    """The options that vary with other loops around a command, and those that list several values."""
    changing = {name for loop in loops for name in loop_names(loop)}
    given = [option for option in invocation.options if option is not seed and option.value is not None]
    looped = [option.key for option in given if option.value is not None and names_in(option.value) & changing]
    listed = [option.key for option in given if _is_listed(option)]
    unnamed = changing - {name for option in given if option.value is not None for name in names_in(option.value)}
    return tuple(dict.fromkeys([*looped, *listed, *sorted(unnamed)]))


def _is_listed(option: Option) -> bool:
    value = option.value
    return (
        type(value) is Const
        and isinstance(value.value, str)
        and ("," in value.value or bool(LISTED.match(value.value)))
    )


def _listed(commands: Iterable[SeededCommand]) -> Iterator[Batch]:
    """`python train.py -m seed=1,2,3`."""
    for item in commands:
        if item.multirun:
            value = item.option.value
            assert type(value) is Const
            place = Place(item.invocation.ref.path, item.option.line, value.column, value.end_line, value.end_column)
            text = str(value.value)
            count = len(text.split(",")) if re.match(r"[-\d,\s]+$", text) else None
            evidence = Evidence(place.path, place.line, f"{item.option.name}={text}")
            yield Batch(
                place,
                count,
                _beside(item.invocation, item.option, ()),
                (evidence,),
                (item.invocation,),
                True,
                listed=True,
            )


def _unrolled(commands: Iterable[SeededCommand]) -> Iterator[Batch]:
    """Commands of one script, or of scripts that differ by a number in their names, that differ only by the seed."""
    alike: dict[tuple[str, tuple[str, ...]], list[tuple[SeededCommand, Origin]]] = defaultdict(list)
    for item in commands:
        constants = [origin for origin in item.origins if origin.kind in (Kind.LITERAL, Kind.DEFAULT)]
        if item.trains and not item.varied and len(constants) == 1:
            key = re.sub(r"\d+", "#", item.invocation.ref.path), _without_seed(item)
            alike[key].append((item, constants[0]))
    for pairs in alike.values():
        seeds = dict.fromkeys(origin.value for _, origin in pairs)
        if len(seeds) < 2:
            continue
        first = min((origin.place for _, origin in pairs), key=lambda place: (place.path, place.line))
        evidence = [Evidence(o.place.path, o.place.line, f"the same command with seed {o.value}") for _, o in pairs[:6]]
        places = frozenset(origin.place for _, origin in pairs)
        beside = _beside(pairs[0][0].invocation, pairs[0][0].option, ())
        yield Batch(
            first,
            len(seeds),
            beside,
            tuple(evidence),
            tuple(item.invocation for item, _ in pairs),
            True,
            constants=places,
        )


def _without_seed(item: SeededCommand) -> tuple[str, ...]:
    """What a command runs and gives, but for its seed and for what only names its output."""
    words = [name.rpartition("/")[2] for name in item.invocation.programs]
    for option in item.invocation.options:
        if option is not item.option and option.value is not None and not OUTPUT.search(option.key):
            words.append(f"{option.key}={text_of(option.value)}")
    return tuple(words)


def _branches(commands: Iterable[SeededCommand]) -> Iterator[Batch]:
    """One command whose seed is one of several constants, as the branches of a `case` set it."""
    for item in commands:
        constants = [origin for origin in item.origins if origin.kind is Kind.LITERAL]
        if len({origin.value for origin in constants}) > 1:
            places = frozenset(origin.place for origin in constants)
            evidence = [Evidence(o.place.path, o.place.line, f"seed {o.value} in one branch") for o in constants[:6]]
            yield Batch(
                constants[0].place, len(places), (), tuple(evidence), (item.invocation,), True, constants=places
            )


def _repeated(project: Project, programs: Programs, invocations: Iterable[Invocation]) -> Iterator[Batch]:
    """Loops that run the same training again without giving it a seed."""
    for invocation in invocations:
        scope, path = project.scope(invocation.ref), invocation.ref.path
        for number in reversed(invocation.site.loops):
            loop = scope.loops[number]
            if _only_counts(loop, invocation) and programs.trains(invocation):
                place = Place(path, loop.line, loop.column + 1)
                others = [scope.loops[index] for index in invocation.site.loops if index != number]
                beside = tuple(dict.fromkeys(name for other in others for name in loop_names(other)))
                start = Evidence(path, loop.line, "one run a turn")
                again = Evidence(path, invocation.line, "the same training again")
                run = RunLoop(invocation.ref, loop.line, loop.end_line, loop.column, loop)
                yield Batch(place, loop_length(loop), beside, (start, again), (invocation,), False, run=run)
                break


def _only_counts(loop: Loop, invocation: Invocation) -> bool:
    """Whether a loop repeats a command: by the name of what it counts, or because that only names the output."""
    names = set(loop_names(loop))
    if not names or any(NOT_SYSTEMS.search(name) and not names_a_repeat(loop) for name in names if len(name) > 1):
        return False
    carriers = [
        option.key for option in invocation.options if option.value is not None and names_in(option.value) & names
    ]
    if any(not OUTPUT.search(key) for key in carriers):
        return False
    words = [word for word in invocation.words if names_in(word) & names]
    return names_a_repeat(loop) or (_counts(loop.iterable) and len(words) <= len(carriers))


def _counts(iterable: Expr | None) -> bool:
    """Whether a loop goes over consecutive numbers."""
    if type(iterable) is Call and tail(iterable) == "range":
        return True
    if type(iterable) is not Group or len(iterable.items) < 2:
        return False
    values = [item.value for item in iterable.items if type(item) is Const and isinstance(item.value, int)]
    return len(values) == len(iterable.items) and values == list(range(values[0], values[0] + len(values)))
