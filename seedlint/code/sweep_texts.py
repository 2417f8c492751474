"""Sweeps written in one word, as launchers take them on a command line or in a file: how many values they stand for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

OPENING = "([{"
CLOSING = ")]}"
QUOTES = "'\""

MAX_DEPTH = 8
"""Casts and orders of values are not nested deeper."""

FUNCTION = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
GUILD_SERIES = re.compile(r"[a-z]*\[[^\[\],]*:[^\[\]]*\]")


def hydra_values(text: str) -> int | None:
    """How many values an override of Hydra's grammar stands for: 3 for `1,2,3`, 5 for `range(5)`, 1 for `42`; None for an
    interval and for what only a run can tell."""
    return _values(text.strip(), 0)


def _values(text: str, depth: int) -> int | None:
    parts = split_list(text)
    if len(parts) > 1:
        return len(parts)
    call = FUNCTION.fullmatch(text)
    if call is None or depth > MAX_DEPTH:
        return 1
    name, inside = call[1], split_list(call[2])
    match name:
        case "choice":
            return len(inside)
        case "range":
            return _range_length(inside)
        case "interval" | "glob":
            return None
        case "tag" | "shuffle" | "sort" | "int" | "float" | "str":
            return _values(",".join(part for part in inside if not _is_option(part)), depth + 1)
    return 1


def guild_values(text: str) -> int | None:
    """How many values a flag of Guild AI stands for: 3 for `[1,2,3]`; None for a range such as `[1:100]`."""
    word = text.strip()
    if GUILD_SERIES.fullmatch(word):
        return None
    if word.startswith("[") and word.endswith("]"):
        return len(split_list(word[1:-1]))
    return 1


NOTATIONS: Mapping[str, Callable[[str], int | None]] = {"hydra": hydra_values, "guild": guild_values}
"""The notations of sweeps in one word, by name."""


def split_list(text: str) -> list[str]:
    """The parts of a list with commas between them; a comma in brackets or quotes divides nothing."""
    parts, depth, quote, start = [], 0, "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in QUOTES:
            quote = char
        elif char in OPENING:
            depth += 1
        elif char in CLOSING:
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in [*parts, text[start:]]]


def _is_option(part: str) -> bool:
    """Whether an argument says how to list the values, and is none: `reverse=true`, or the name of a tag."""
    return "=" in part or bool(re.fullmatch(r"[a-z_]+", part))


def _range_length(bounds: list[str]) -> int | None:
    try:
        numbers = [float(bound.rpartition("=")[2]) for bound in bounds]
    except ValueError:
        return None
    match numbers:
        case [stop]:
            start, step = 0.0, 1.0
        case [start, stop]:
            step = 1.0
        case [start, stop, step] if step:
            pass
        case _:
            return None
    length = (stop - start) / step
    return max(0, math.ceil(length)) if math.isfinite(length) else None
