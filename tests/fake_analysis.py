"""A stand-in for the code wing, so that what surrounds it is tested by itself: `seed(42)` is a hard-coded seed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seedlint.code.analysis import Analysis
from seedlint.code.discover import Source
from seedlint.lines import decoded
from seedlint.uses import Circumstance, Evidence, FileError, Place, SeedUse, Use

LINE_END = re.compile(r"\r\n|\r|\n")
SEEDING = re.compile(r"\bseed\((\d+)\)")


def fake_analyse(
    sources: Sequence[Source], *, scope: str = "neural", jobs: int = 0, kept_as: str | None = None
) -> Analysis:
    uses: list[SeedUse] = []
    errors: list[FileError] = []
    directives: set[str] = set()
    for source in sources:
        data = source.location.read_bytes() if source.content is None else source.content
        if b"\0" in data:
            errors.append(FileError(source.path, "not Python"))
            continue
        if b"seedlint:" in data:
            directives.add(source.path)
        if not source.path.endswith(".json"):  # A baseline quotes what it knows.
            uses += uses_in(source.path, decoded(data))
    return Analysis(tuple(uses), tuple(errors), frozenset(directives))


def uses_in(path: str, text: str) -> list[SeedUse]:
    return [
        SeedUse(
            Use.FIXED_SEED,
            Circumstance.HARD_CODED,
            Place(path, number, match.start() + 1, number, match.end() + 1),
            (Evidence(path, number, "seeds here"),),
            subject=f"seed {match[1]}",
            sink="torch.manual_seed",
        )
        for number, line in enumerate(LINE_END.split(text), start=1)
        for match in SEEDING.finditer(line)
    ]
