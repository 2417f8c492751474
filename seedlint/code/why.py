"""Says what is believed of one line and why, also where nothing is reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from seedlint.code.apis import Governs
from seedlint.code.calls import speaks_of_seed, text_of
from seedlint.code.cells import joined_line, step_in_cell
from seedlint.code.configs import is_record, settings
from seedlint.code.facts import CONFIG
from seedlint.code.judgement import Judged
from seedlint.code.origins import Kind, Origin
from seedlint.code.outside.batches import Batch
from seedlint.code.outside.invocations import invocations
from seedlint.code.project import Ref
from seedlint.code.sinks import GOVERNING, Sink
from seedlint.code.unittests import is_test
from seedlint.uses import Evidence, SeedUse

SILENT = {
    Kind.LOOP: "a loop gives it several values, and what becomes of their scores is not shown by these files",
    Kind.FRESH: "it is drawn anew in every run",
    Kind.NONE: "it seeds nothing, or nothing is given",
    Kind.SEARCHED: "a search draws it",
    Kind.UNKNOWN: "it comes from outside of these files",
}

ASIDE = {
    Governs.DATA: "it seeds data, not training",
    Governs.ENVIRONMENT: "it seeds an environment, not training",
    Governs.DECODING: "it seeds decoding or sampling, not training",
    Governs.GENERATOR: "it seeds a generator of its own that training does not draw from",
    Governs.ESTIMATOR: 'it seeds an estimator that does not train by gradient; `scope = "all"` looks at these too',
}


@dataclass(frozen=True)
class Belief:
    """One thing believed of a line, in one sentence, with the way that led to it."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    use: SeedUse | None = None


def beliefs(judged: Judged, path: str, line: int, cell: int | None = None) -> list[Belief]:
    """What is believed of a line of a file (or of a notebook's cell), the classified uses first; never empty."""
    found = [Belief(use.subject, use.evidence, use) for use in judged.uses if _stands(use, path, line, cell)]
    found = found or list(_on_the_way(judged, path, line, cell))
    if not found:
        facts = judged.project.file(path)
        joined = joined_line(line, cell, facts.cells) if facts is not None else line
        found = [*_of_sinks(judged, path, joined), *_of_other_seeders(judged, path, joined)]
        found += [*_of_settings(judged, path, joined), *_of_commands(judged, path, joined)]
        found += [belief for batch in judged.outside.batches for belief in _of_batch(batch, path, joined)]
        found = [_located(judged, belief) for belief in dict.fromkeys(found)]
    return found or [Belief("no seed that the tables of frameworks know is used here")]


def _located(judged: Judged, belief: Belief) -> Belief:
    """The belief with its evidence told by cell and line, in notebooks."""
    cells = {facts.path: facts.cells for facts in judged.project.files.values() if facts.cells}
    return replace(belief, evidence=tuple(step_in_cell(step, cells) for step in belief.evidence))


def _of_batch(batch: Batch, path: str, line: int) -> Iterator[Belief]:
    """Several runs whose scores are not seen to go anywhere."""
    if (batch.place.path, batch.place.line) == (path, line):
        yield Belief("several runs, and these files do not show what becomes of their scores", batch.evidence)


def _stands(use: SeedUse, path: str, line: int, cell: int | None) -> bool:
    place = use.place
    return place.path == path and place.cell == cell and place.line <= line <= max(place.end_line, place.line)


def _on_the_way(judged: Judged, path: str, line: int, cell: int | None) -> Iterator[Belief]:
    """The uses that stand elsewhere and whose evidence passes this line."""
    for use in judged.uses:
        passes = any((step.path, step.line, step.cell) == (path, line, cell) for step in use.evidence)
        if passes and not _stands(use, path, line, cell):
            yield Belief(f"on the way to {use.place.path}:{use.place.line}", use.evidence, use)


def _of_sinks(judged: Judged, path: str, line: int) -> Iterator[Belief]:
    for sink in judged.sinks:
        for origin in sink.origins:
            touches = (sink.ref.path, sink.line) == (path, line) or (origin.place.path, origin.place.line) == (
                path,
                line,
            )
            if touches or any((step.path, step.line) == (path, line) for step in origin.trail):
                yield Belief(f"{sink.name}, {origin.subject}: {_why_silent(judged, sink, origin)}", origin.trail)


def _why_silent(judged: Judged, sink: Sink, origin: Origin) -> str:
    if is_test(judged.project.files[sink.ref.path]):
        return "a unit test, no experiment"
    if origin.kind in SILENT:
        return SILENT[origin.kind]
    if not judged.finder.governs_training(sink, origin):
        return "no training is reached with this seed"
    return "another seed replaces it before training, or something else varies it"


def _of_other_seeders(judged: Judged, path: str, line: int) -> Iterator[Belief]:
    """Calls that seed something else than training."""
    facts = judged.project.file(path)
    for scope in facts.scopes if facts is not None and facts.is_python else ():
        for site in scope.calls:
            if site.call.line <= line <= site.call.end_line:
                for seeder in judged.finder.calls.seeders(Ref(path, scope.index), site.call):
                    if seeder.governs not in GOVERNING:
                        yield Belief(
                            f"{text_of(site.call.func)}: {ASIDE.get(seeder.governs, 'it seeds something else')}"
                        )


def _of_settings(judged: Judged, path: str, line: int) -> Iterator[Belief]:
    facts = judged.project.file(path)
    if facts is None or facts.language != CONFIG:
        return
    for setting in settings(facts):
        if setting.line == line and speaks_of_seed(setting.keys[-1]):
            key = ".".join(setting.keys)
            if is_record(path, facts):
                yield Belief(f"{key}: this file records a run, it configures none")
            elif judged.outside.governs(path, setting.keys):
                yield Belief(f"{key}: training takes its seed from here, and it is off, drawn or varied")
            else:
                yield Belief(f"{key}: no code that trains is seen to read this key")


def _of_commands(judged: Judged, path: str, line: int) -> Iterator[Belief]:
    facts = judged.project.file(path)
    for invocation in invocations(facts) if facts is not None else ():
        if not invocation.line <= line <= max(invocation.site.call.end_line, invocation.line):
            continue
        program = ", ".join(invocation.programs)
        seeded = [item for item in judged.outside.commands if item.invocation.site is invocation.site]
        for item in seeded:
            for origin in item.origins:
                why = SILENT.get(origin.kind, "something else varies it")
                yield Belief(f"{item.option.name} of {program}, {origin.subject}: {why}", origin.trail)
        if not seeded and any(speaks_of_seed(option.key) for option in invocation.options):
            yield Belief(f"{program}: it is not seen to train, or to take its training seed from this option")
