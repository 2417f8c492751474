"""Takes the line numbers of review versions out of text, as converters of PDFs leave them there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

FEWEST = 8
"""Numbers: as many run on in a review version; fewer may be a list."""
_NUMBERED = re.compile(r"(?P<feed>\f*)[ \t]{0,20}(?P<number>\d{1,4})(?:[ \t]+|$)(?P<text>.*)$")
_UNFINISHED = re.compile(r"[^\s.!?:;]$")


def without_line_numbers(text: str) -> str:
    """Return text without numbers that run on from line to line: before the text of lines, or on lines of their own.

    The former are taken where half of the lines begin with one. Between the latter a sentence goes on that they cut in two.
    """
    lines = text.split("\n")
    found = {place: numbered for place, line in enumerate(lines) if (numbered := _NUMBERED.match(line))}
    leading = _running({place: int(numbered["number"]) for place, numbered in found.items()})
    before_text = sum(bool(found[place]["text"]) for place in leading)
    if 2 * before_text >= sum(bool(line.strip()) for line in lines) - len(leading) + before_text > 0:
        return "\n".join(
            found[place]["feed"] + found[place]["text"] if place in leading else line
            for place, line in enumerate(lines)
        )
    alone = _running({place: int(numbered["number"]) for place, numbered in found.items() if not numbered["text"]})
    return "\n".join(_closed(lines, alone)) if alone else text


def _running(numbers: Mapping[int, int]) -> set[int]:
    """The places of numbers of which the next, or the one before, is one or two more, or less; none where these are few."""
    pairs = [(a, b) for a, b in pairwise(numbers) if 0 < numbers[b] - numbers[a] <= 2]
    places = {place for pair in pairs for place in pair}
    return places if len(places) >= FEWEST else set()


def _closed(lines: Sequence[str], dropped: set[int]) -> Iterator[str]:
    """The lines that are not dropped; the gap that these leave stays where a paragraph may end."""
    last, feeds, gap, numbers = "", "", 0, False
    for place, line in enumerate(lines):
        if place in dropped or not line.strip(" \t\f"):
            feeds += "\f" * line.count("\f")
            gap += place not in dropped
            numbers |= place in dropped
            continue
        if gap and not (numbers and _UNFINISHED.search(last) and line[:1].islower()):
            yield from [""] * gap
        yield feeds + line
        last, feeds, gap, numbers = line, "", 0, False
