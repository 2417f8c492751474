"""Finds commands that combine the models of several seeds, told by the program's name and by what it is given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seedlint.code.origins import RunLoop
from seedlint.code.outside.invocations import Invocation
from seedlint.code.project import Project, names_bound
from seedlint.code.runs import RUN_COUNT
from seedlint.code.syntax import Attr, Call, Const, Expr, Name, tail, walk
from seedlint.code.unittests import is_test_path
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

COMBINES = re.compile(r"ensembl|vote|voting|soup|average_(checkpoints|models|predictions|logits)", re.I)
"""Names of programs that combine models."""

NUMBERED = re.compile(r"(seed|run|member|model|fold)?[-_=]?\d+", re.I)


@dataclass(frozen=True)
class Ensemble:
    """A command that combines models: where the first of them is named, and the words that name them."""

    path: str
    place: Place
    program: str
    members: tuple[str, ...]

    def use(self) -> SeedUse:
        """The use of the seeds of its members."""
        evidence = Evidence(self.path, self.place.line, f"{self.program} combines {len(self.members)} models")
        subject = f"{len(self.members)} models"
        return SeedUse(
            Use.ENSEMBLE_CREATION,
            Circumstance.COMBINED,
            self.place,
            (evidence,),
            Confidence.MEDIUM,
            subject,
            self.program,
        )


def ensembles(invocations: Iterable[Invocation]) -> Iterator[Ensemble]:
    """The commands that combine models which differ in their names by a seed or a number."""
    for invocation in invocations:
        program = next((name for name in invocation.programs if COMBINES.search(name.rpartition("/")[2])), None)
        if program is None:
            continue
        words = [
            node
            for word in invocation.words[1:]
            for node in walk(word)
            if type(node) is Const and isinstance(node.value, str) and "/" in node.value
        ]
        alike: dict[str, list[Const]] = {}
        for node in words:
            alike.setdefault(NUMBERED.sub("", str(node.value)).replace("_", ""), []).append(node)
        members = max(alike.values(), key=len, default=[])
        if len(members) > 1:
            first, path = members[0], invocation.ref.path
            place = Place(path, first.line, first.column, first.end_line, first.end_column)
            yield Ensemble(path, place, program.rpartition("/")[2], tuple(str(node.value) for node in members))


def named_ensembles(project: Project) -> Iterator[tuple[RunLoop, SeedUse]]:
    """Loops that by their names make the members of an ensemble, several of each: `product(range(repeats), losses)`."""
    for ref, scope in list(project.scopes()):
        for loop in scope.loops:
            if loop.iterable is None or is_test_path(ref.path):
                continue
            named = {node.id for node in walk(loop.iterable) if type(node) is Name and "ensemble" in node.id.lower()}
            bound = [assign.value for assign in scope.assigns if names_bound(assign) & named]
            if any(_repeats(value) for value in bound):
                evidence = Evidence(ref.path, loop.line, "by the names, one member of the ensemble a turn")
                use = SeedUse(
                    Use.ENSEMBLE_CREATION,
                    Circumstance.COMBINED,
                    Place(ref.path, loop.line, loop.column + 1),
                    (evidence,),
                    Confidence.LOW,
                    "several repeats",
                    "the ensemble",
                )
                yield RunLoop(ref, loop.line, loop.end_line, loop.column, loop), use


def _repeats(value: Expr) -> bool:
    """Whether a value counts repeats: `range(repeats)`, `list(range(num_members))`."""
    ranges = [node for node in walk(value) if type(node) is Call and tail(node) == "range"]
    return any(type(arg) in (Name, Attr) and RUN_COUNT.search(tail(arg)) for node in ranges for arg in node.args)
