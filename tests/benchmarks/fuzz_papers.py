#!/usr/bin/env python3
"""Reads broken PDFs, made from the sound ones of a folder, and counts how their reading ends.

    python tests/benchmarks/fuzz_papers.py FOLDER --count 2000 --seed-of-mutations 1

It is no part of the test suite: it takes a second of CPU or more a file. Bytes are changed, cut out, doubled, swapped and
spliced in from other papers, before and behind their packing, and names and numbers of the PDF language are exchanged. The
same folder, count and seed make the same files. Each is read as `seedlint review` reads it, within limits of its own.

It exits with 1 where one file outlives its limits, ends its process, or counts as read though nothing of it was; these files
are kept in --keep.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedlint.chunks import Backend, Done, Failed, map_chunks
from seedlint.paper.document import Status
from seedlint.paper.limits import Clock
from seedlint.paper.worker import Reading, review_file

GRACE = 5.0
"""Seconds a file may end after its limits: a process may be waiting for the machine."""
NUMBERS = (b"0", b"-1", b"1", b"65535", b"2147483648", b"99999999999999999999", b"1e400", b"null", b"[]", b"(x)")
TOKEN = re.compile(rb"(?<![\w/])\d{1,10}(?![\w.])")
NAME = re.compile(rb"/[A-Z][A-Za-z]{2,20}")
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)

Mutation = Callable[[bytes, bytes, random.Random], bytes]


@dataclass(frozen=True)
class Recipe:
    """Which file to make: its number, and the papers it may be made of."""

    number: int
    seed: int
    papers: tuple[Path, ...]
    clock: Clock
    memory: int
    keep: Path


@dataclass(frozen=True)
class Outcome:
    """How the reading of one file ended, after how many seconds, and what is wrong with that, if anything."""

    status: Status
    seconds: float
    fault: str = ""


def flipped(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """Other bytes at a few places."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 10, 100, 1000))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def truncated(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """The beginning alone."""
    return content[: chance.randrange(16, len(content))]


def shortened(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """A stretch is missing."""
    start, end = _stretch(content, chance)
    return content[:start] + content[end:]


def doubled(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """A stretch stands there several times."""
    start, end = _stretch(content, chance)
    return content[:start] + content[start:end] * chance.randrange(2, 6) + content[end:]


def swapped(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """Two stretches have changed places."""
    a, b, c, d = sorted(chance.randrange(len(content)) for _ in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def spliced(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """A stretch of another paper in place of one's own."""
    start, end = _stretch(content, chance)
    first, last = _stretch(other, chance)
    return content[:start] + other[first:last] + content[end:]


def renumbered(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """Other numbers: lengths, references, counts and places."""
    return _exchanged(content, TOKEN, lambda: chance.choice(NUMBERS), chance)


def rereferred(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """Numbers from elsewhere in the file: objects refer to others, or to themselves."""
    own = TOKEN.findall(content[:200_000]) or [b"1"]
    return _exchanged(content, TOKEN, lambda: chance.choice(own), chance)


def renamed(content: bytes, _other: bytes, chance: random.Random) -> bytes:
    """Names from elsewhere in the file."""
    own = NAME.findall(content) or [b"/None"]
    return _exchanged(content, NAME, lambda: chance.choice(own), chance)


def repacked(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """A stream is unpacked, broken in one of the other ways, and packed again."""
    for _ in range(20):
        found = chance.choice(list(STREAM.finditer(content)) or [None])
        if found is None:
            break
        try:
            plain = zlib.decompress(found[1])
        except zlib.error:
            continue
        if len(plain) > 16:
            broken = zlib.compress(chance.choice(MUTATIONS[:-1])(plain, other, chance))
            return content[: found.start(1)] + broken + content[found.end(1) :]
    return flipped(content, other, chance)


MUTATIONS: tuple[Mutation, ...] = (
    flipped,
    truncated,
    shortened,
    doubled,
    swapped,
    spliced,
    renumbered,
    rereferred,
    renamed,
    repacked,
)


def _stretch(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content))
    return start, min(len(content), start + int(10 ** chance.uniform(0, 5)))


def _exchanged(content: bytes, what: re.Pattern[bytes], new: Callable[[], bytes], chance: random.Random) -> bytes:
    places = [found.span() for found in what.finditer(content)]
    chosen = sorted(chance.sample(places, min(len(places), chance.choice((1, 3, 10, 50)))), reverse=True)
    for start, end in chosen:
        content = content[:start] + new() + content[end:]
    return content


def mutated(recipe: Recipe) -> bytes:
    """Return the bytes of one file: a paper to which one to three things have happened."""
    chance = random.Random(f"{recipe.seed}/{recipe.number}")
    content, other = (chance.choice(recipe.papers).read_bytes() for _ in range(2))
    for _ in range(chance.choice((1, 1, 2, 3))):
        if len(content) > 64:
            content = chance.choice(MUTATIONS)(content, other, chance)
    return content


def outcome(recipe: Recipe) -> Outcome:
    """Make one file, and read it within its limits."""
    content = mutated(recipe)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{recipe.number}.pdf"
        path.write_bytes(content)
        started = time.monotonic()
        document = review_file(Reading(str(path), recipe.memory, recipe.clock)).document
        seconds = time.monotonic() - started
    fault = ""
    if document.status in (Status.OK, Status.PARTIAL) and not any(block.text.strip() for block in document.blocks):
        fault = "counts as read, without any text"
    elif document.status is not Status.OK and not document.reason:
        fault = "does not say why it was not read"
    elif "\n" in document.reason:
        fault = "gives its reason in more than a line"
    elif seconds > recipe.clock.at_most + recipe.clock.to_finish + GRACE:
        fault = f"took {seconds:.0f} seconds"
    if fault:
        keep(recipe)
    return Outcome(document.status, seconds, fault)


def keep(recipe: Recipe) -> None:
    """Write a file where it can be looked at."""
    recipe.keep.mkdir(parents=True, exist_ok=True)
    (recipe.keep / f"{recipe.seed}-{recipe.number}.pdf").write_bytes(mutated(recipe))


def outcomes(recipes: Sequence[Recipe], workers: int) -> Iterator[tuple[Recipe, Outcome]]:
    """Read all the files in processes, and yield each as it ends."""
    clock = recipes[0].clock
    ended: Iterator[Done[Outcome] | Failed] = map_chunks(
        outcome,
        recipes,
        backend=Backend.PROCESSES,
        workers=workers,
        timeout=clock.at_most + clock.to_finish + 4 * GRACE,
        chunks_per_worker=50,
    )
    for result in ended:
        recipe = recipes[result.index]
        if isinstance(result, Done):
            yield recipe, result.value
        else:
            keep(recipe)
            yield recipe, Outcome(Status.CRASHED, 0.0, f"ended its process: {result.message}")


def main() -> int:
    """Print how many files ended in each status, and each fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="sound PDFs")
    parser.add_argument("--count", type=int, default=2000, help="how many files are made of them")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--seed-of-mutations", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=12.0, help="for each file")
    parser.add_argument("--memory", type=int, default=1_000_000_000, help="bytes for each file")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "seedlint-fuzz-faults")
    options = parser.parse_args()
    papers = tuple(sorted(options.folder.glob("*.pdf")))
    if not papers:
        parser.error(f"no PDFs in {options.folder}")
    clock = Clock(options.seconds, 0.0, options.seconds, to_finish=options.seconds / 2)
    recipes = [
        Recipe(number, options.seed_of_mutations, papers, clock, options.memory, options.keep)
        for number in range(options.first, options.first + options.count)
    ]
    found: Counter[str] = Counter()
    faults, slowest = 0, (0.0, 0)
    for recipe, ended in outcomes(recipes, options.workers):
        found[ended.status.value] += 1
        slowest = max(slowest, (ended.seconds, recipe.number))
        if ended.fault:
            faults += 1
            print(f"{recipe.number}: {ended.status.value}, {ended.fault}", flush=True)
    digest = hashlib.sha256(b"".join(paper.read_bytes() for paper in papers)).hexdigest()[:12]
    print(f"{sum(found.values())} files of {len(papers)} papers ({digest}), seed {options.seed_of_mutations}:")
    print("  " + ", ".join(f"{count} {status}" for status, count in found.most_common()))
    print(f"  the slowest took {slowest[0]:.1f} s (number {slowest[1]}); {faults} faults, kept in {options.keep}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
