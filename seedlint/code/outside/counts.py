"""Finds what says, outside the code, how many runs a loop makes: `--repeat 3` in a script, `num_runs: 20` in a config."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from seedlint.code.calls import speaks_of_seed
from seedlint.code.collected import expressions
from seedlint.code.configs import Setting, is_record, settings
from seedlint.code.facts import CONFIG, FileFacts
from seedlint.code.modules import Ref
from seedlint.code.origins import Read, RunLoop, Trail
from seedlint.code.outside.batches import names_hyperparameter, varies_beside
from seedlint.code.outside.invocations import Invocation, Option
from seedlint.code.outside.programs import Programs, shared_folders
from seedlint.code.project import Project, names_bound
from seedlint.code.runs import RUN_COUNT
from seedlint.code.syntax import Attr, Const, Expr, Group, Item, Name, Table, access_path, walk
from seedlint.code.trace import At, Tracer
from seedlint.code.unittests import is_test_path
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

START = re.compile(r"(^|_)(start|begin|first|init|initial|base|from|offset|min)(_|$)", re.I)
STOP = re.compile(r"(^|_)(stop|end|last|until)(_|$)", re.I)
"""Names of the bounds of a range of seeds: the first is no count, and the last is none by itself."""


@dataclass(frozen=True)
class Count:
    """A setting that says how many runs the loop of a classified use makes, or lists their seeds."""

    key: str
    read: Read
    use: SeedUse


class Counts:
    """The counts of a project's run loops, by the settings that hold them."""

    def __init__(self, project: Project, tracer: Tracer, programs: Programs) -> None:
        self.project = project
        self.tracer = tracer
        self.programs = programs

    def of(self, runs: Iterable[RunLoop], uses: Iterable[SeedUse]) -> list[Count]:
        """The settings from which the loops of these uses take their number of turns."""
        by_line = {(use.place.path, use.place.line): use for use in uses}
        found = []
        for run in runs:
            use = by_line.get((run.ref.path, run.line))
            if use is None or run.loop is None or run.loop.iterable is None:
                continue
            found += [Count(_last(read.name), read, use) for read in self._reads(run.ref, run.loop.iterable, run.line)]
        return found + list(self._renamed(found))

    def _renamed(self, counts: list[Count]) -> Iterator[Count]:
        """The counts under the names from which tables of settings take them: `{"num_runs": config["num_inits"]}`."""
        by_key = {count.key: count for count in counts}
        for ref, scope in list(self.project.scopes()) if counts else ():
            for table in (node for value in expressions(scope) for node in walk(value) if type(node) is Table):
                for key, value in table.pairs:
                    known = by_key.get(key.value) if type(key) is Const and isinstance(key.value, str) else None
                    path = access_path(value)
                    if known is not None and path is not None and _last(path) not in by_key:
                        yield replace(known, key=_last(path), read=Read(ref, path, table.line, known.read.trail))

    def _reads(self, ref: Ref, iterable: Expr, line: int) -> Iterator[Read]:
        for node in self._counted(ref, iterable, 0):
            trail = Trail()
            self.tracer.trace(ref, node, At(line), trail)
            yield from (read for read in trail.reads if _is_count(_last(read.name)))

    def _counted(self, ref: Ref, expr: Expr, depth: int) -> Iterator[Expr]:
        """What the number of a loop's turns is read from, through the values of the names in its header."""
        for node in walk(expr):
            if type(node) in (Attr, Item) and access_path(node) is not None:
                yield node
            elif type(node) is Name:
                if _is_count(node.id):
                    yield node
                scope = self.project.scope(ref)
                bound = [item.value for item in scope.assigns if node.id in names_bound(item)] if depth < 2 else []
                for value in bound:
                    yield from self._counted(ref, value, depth + 1)

    def uses(self, counts: list[Count], invocations: Iterable[Invocation]) -> list[SeedUse]:
        """The use of a loop, once more for each command and config that says how many runs it makes."""
        if not counts:
            return []
        found = [*self._on_commands(counts, invocations), *self._in_configs(counts)]
        return list({use.place: use for use in found}.values())

    def _on_commands(self, counts: list[Count], invocations: Iterable[Invocation]) -> Iterator[SeedUse]:
        keys = {count.key for count in counts}
        for invocation in invocations:
            for option in invocation.options:
                key = option.key.rpartition(".")[2]
                number = _number(option.value)
                if key not in keys or number is None or number < 2 or option.value is None:
                    continue
                near = {p for path in self.programs.paths(invocation) for p in self.project.connected(path) | {path}}
                count = next((item for item in counts if item.key == key and item.read.ref.path in near), None)
                if count is not None and not self._searches(invocation, option, count):
                    place = _place(invocation.ref.path, option.value)
                    yield _again(count, place, f"{option.name} {number}", number)

    def _searches(self, invocation: Invocation, option: Option, count: Count) -> bool:
        """Whether the command stands in a search of other hyperparameters: then its repeats are no sweep over seeds alone."""
        reported = count.use.use is Use.PERFORMANCE_COMPARISON
        return reported and names_hyperparameter(varies_beside(self.project, invocation, option))

    def _in_configs(self, counts: list[Count]) -> Iterator[SeedUse]:
        keys = {count.key for count in counts}
        for facts in list(self.project.files.values()):
            if facts.language != CONFIG or is_test_path(facts.path) or is_record(facts.path, facts):
                continue
            for key, number, place in _numbers(facts):
                read = [count for count in counts if count.key == key] if key in keys and number > 1 else []
                if read:
                    count = max(read, key=lambda item: shared_folders(facts.path, item.read.ref.path))
                    yield _again(count, place, f"{key}: {number}", number)


def _numbers(facts: FileFacts) -> Iterator[tuple[str, int, Place]]:
    """The numbers in a configuration file by their keys, and how many items its lists have."""
    lists: dict[tuple[str, ...], list[Setting]] = defaultdict(list)
    for setting in settings(facts):
        if setting.keys[-1].isdigit() and len(setting.keys) > 1:
            lists[setting.keys[:-1]].append(setting)
        number = _number(setting.value)
        if number is not None:
            yield setting.keys[-1].replace("-", "_"), number, _place(facts.path, setting.value)
    for keys, items in lists.items():
        yield keys[-1].replace("-", "_"), len(items), Place(facts.path, items[0].line, items[0].column)


def _last(name: str) -> str:
    return name.rpartition(".")[2].lstrip("-").replace("-", "_")


def _is_count(name: str) -> bool:
    if START.search(name):
        return False
    return bool(RUN_COUNT.search(name)) or name.endswith("seeds") or (speaks_of_seed(name) and bool(STOP.search(name)))


def _number(value: Expr | None) -> int | None:
    """How many runs a value asks for: the number itself, or how many seeds it lists."""
    if type(value) is Const and isinstance(value.value, int) and not isinstance(value.value, bool):
        return value.value
    if type(value) is Group:
        return len(value.items)
    return None


def _place(path: str, value: Expr) -> Place:
    if type(value) is Const:
        return Place(path, value.line, value.column, value.end_line, value.end_column)
    return Place(path, value.line)


def _again(count: Count, place: Place, written: str, number: int) -> SeedUse:
    use = count.use
    noun = "seeds" if speaks_of_seed(count.key) or count.key.endswith("seeds") else "repeats"
    circumstance = Circumstance.SWEEP if use.use is Use.PERFORMANCE_COMPARISON else use.circumstance
    bound = STOP.search(count.key)
    subject = f"several {noun}" if bound else f"{number} {noun}"
    start = Evidence(place.path, place.line, f"{written}: {'the last run' if bound else 'so many runs'}")
    loop = Evidence(use.place.path, use.place.line, "the loop over them", use.place.cell)
    evidence = (start, loop, *use.evidence[1:3])
    return SeedUse(use.use, circumstance, place, evidence, Confidence.MEDIUM, subject, use.sink)
