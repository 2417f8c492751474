"""Job arrays: `#SBATCH --array=1-5` runs the whole script once for every number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seedlint.code.readers.lowering import MAX_COUNT, literal
from seedlint.code.readers.shell_source import Place, Source
from seedlint.code.syntax import Group

_DIRECTIVES = (
    (re.compile(rb"#SBATCH\s.*?(?:--array[=\s]|-a\s*)\s*\"?([\d,:%-]+)"), "SLURM_ARRAY_TASK_ID"),
    (re.compile(rb"#PBS\s.*?-J\s*([\d,:%-]+)"), "PBS_ARRAY_INDEX"),
    (re.compile(rb"#PBS\s.*?-t\s*([\d,:%-]+)"), "PBS_ARRAYID"),
    (re.compile(rb"#\$\s.*?-t\s*([\d,:%-]+)"), "SGE_TASK_ID"),
    (re.compile(rb"#BSUB\s.*?-J\s*\"?[\w.-]*\[([\d,:%-]+)\]"), "LSB_JOBINDEX"),
)
"""How schedulers write an array, and the variable that tells a job its number."""

_RANGE = re.compile(r"(\d{1,7})(?:-(\d{1,7})(?::(\d{1,7}))?)?")


@dataclass(frozen=True)
class Array:
    """A job array: the variable that holds a job's number, the numbers, and the place of the directive."""

    variable: str
    numbers: Group
    span: tuple[Place, Place]


def array(source: Source) -> Array | None:
    """The array that the directives at the head of a script ask for."""
    position = 0
    for line in source.text.split(b"\n"):
        if line.strip() and not line.lstrip().startswith(b"#"):
            return None
        for pattern, variable in _DIRECTIVES:
            match = pattern.match(line)
            if match:
                end = source.place(position + match.end() - 1)
                span = source.place(position), (end[0], end[1] + 1)
                start = source.place(position + match.start(1))
                values = tuple(literal(str(value), start, span[1]) for value in numbers_of(match.group(1).decode()))
                return Array(variable, Group(values, start[0], start[1] + 1), span)
        position += len(line) + 1
    return None


def numbers_of(text: str) -> list[int]:
    """`0,3,7`, `1-10:2`, `1-5%2`."""
    found: list[int] = []
    for part in text.partition("%")[0].split(","):
        match = _RANGE.fullmatch(part)
        if match:
            first, last, step = match.groups()
            found += range(int(first), int(last or first) + 1, int(step or 1) or 1)[:MAX_COUNT]
    return found[:MAX_COUNT]
