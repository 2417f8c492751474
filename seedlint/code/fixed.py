"""Judges single fixed seeds: a sink that governs training, all of whose origins are one constant that nothing varies."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from seedlint.code.apis import Governs
from seedlint.code.key_cells import is_trained
from seedlint.code.origins import Kind, Origin
from seedlint.code.project import Project
from seedlint.code.reseeding import Reseeding
from seedlint.code.sinks import Sink, Sinks
from seedlint.code.syntax import Op
from seedlint.code.toys import only_makes_data
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

ADJACENT = 3
"""Lines between seeding calls that a reader takes for one decision."""

SPEED = re.compile(
    r"(^|/)(bench|benchmarks?|benchmarking|profiling)/|(^|/)(bench|benchmark|profile)_?[^/]*\.py$|_benchmark\.py$", re.I
)
"""Files that time code: their seed is no result's."""


@dataclass(frozen=True)
class Fixed:
    """One constant and the sinks that it reaches."""

    origin: Origin
    sinks: tuple[Sink, ...]


def fixed_uses(sinks: list[Sink], finder: Sinks) -> list[SeedUse]:
    """The single fixed seeds among sinks; those of loops, searches and fresh draws are left to others."""
    project = finder.project
    by_place: dict[Place, list[tuple[Origin, Sink]]] = defaultdict(list)
    training = finder.training
    reseeding = Reseeding(sinks, project, training)
    for sink in sinks:
        if SPEED.search(sink.ref.path):
            continue
        for origin in constants(sink):
            if not finder.governs_training(sink, origin):
                continue
            if only_makes_data(sink, origin, sinks, project, training):
                continue
            if sink.seeder.governs is Governs.KEY and not is_trained(sink.ref, sink.site.call, project, training):
                continue
            if sink.seeder.governs is not Governs.GLOBAL or not reseeding.replaces(sink, origin):
                by_place[origin.place].append((origin, sink))
    merged = [Fixed(pairs[0][0], tuple(sink for _, sink in pairs)) for pairs in by_place.values()]
    return [_use(item, project) for item in _adjacent(merged)]


def constants(sink: Sink) -> list[Origin]:
    """The origins that fix a sink's seed; none where a loop or a search varies it."""
    loops = [origin for origin in sink.origins if origin.kind is Kind.LOOP]
    searched = any(origin.kind is Kind.SEARCHED for origin in sink.origins)
    found = []
    for origin in sink.origins:
        if origin.kind is Kind.DEFAULT and not loops and not searched:
            found.append(origin)
        elif origin.kind is Kind.LITERAL:
            roots = any(loop.loop is not None and loop.loop.ref in origin.frames for loop in loops)
            if not roots and not searched:
                found.append(origin)
    return found


def _adjacent(items: list[Fixed]) -> list[Fixed]:
    """Seeding calls of one scope that stand together and share a value become one."""
    kept: list[Fixed] = []
    for item in sorted(items, key=lambda fixed: (fixed.origin.place.path, fixed.origin.place.line)):
        last = kept[-1] if kept else None
        if last is not None and _same_decision(last, item):
            kept[-1] = replace(last, sinks=(*last.sinks, *item.sinks))
        else:
            kept.append(item)
    return kept


def _same_decision(first: Fixed, second: Fixed) -> bool:
    a, b = first.origin, second.origin
    last_line = max(
        [
            a.place.line,
            *(sink.line for sink in first.sinks if sink.ref.path == a.place.path and sink.line < b.place.line),
        ]
    )
    if a.place.path == b.place.path and a.value == b.value and a.frames[-1:] == b.frames[-1:] and _offset(second):
        return True  # the same constant again, with a rank added
    return (
        a.place.path == b.place.path
        and a.kind is b.kind
        and a.frames[-1:] == b.frames[-1:]
        and a.value == b.value
        and b.place.line - last_line <= ADJACENT
    )


def _offset(item: Fixed) -> bool:
    """Whether a literal is seeded with something added: `manual_seed(42 + rank)`."""
    return all(type(arg) is Op for sink in item.sinks for arg in sink.site.call.args[:1])


def _use(item: Fixed, project: Project) -> SeedUse:
    origin = item.origin
    circumstance = Circumstance.HARD_CODED if origin.kind is Kind.LITERAL else Circumstance.DEFAULT
    names = list(dict.fromkeys(sink.name for sink in item.sinks))
    steps = origin.trail
    others = [
        Evidence(sink.ref.path, sink.line, f"{sink.name} seeds here")
        for sink in item.sinks[1:]
        if (sink.ref.path, sink.line) not in {(step.path, step.line) for step in steps}
    ]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return SeedUse(
        Use.FIXED_SEED, circumstance, origin.place, (*steps, *others[:4]), Confidence.HIGH, origin.subject, shown
    )
