"""Captions: how they begin, and how those that stand beside one another are parted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from .rows import CELL_GAP, Row

CAPTION = re.compile(
    r"(?:(?:Supplementary|Extended Data|Appendix)\s+)?(?:Figure|Fig\s?\.|Fig|FIGURE|FIG\.|Table|Tab\.|TABLE|Algorithm|Listing)\s?"
    r"(?:[A-Z]{0,2}[.\-]?\d+(?:[.\-]\d+)*|[IVX]+)\s?[a-z]?\s?(?:[:.|–—]|\)\s?:|$)"
)
SUBCAPTION = re.compile(rf"\([a-z]\)\s?|{CAPTION.pattern}")
NEXT_LINE = 1.6
"""How far below one another, in ems, the lines of a caption stand at most."""


class Stretch(NamedTuple):
    """Rows that are read one after another; `caption`: all of them are one of several captions in a line."""

    rows: Sequence[Row]
    caption: bool = False


def side_by_side(rows: Sequence[Row], *, caption: bool = False) -> list[Stretch]:
    """Part captions and floats that stand beside one another or beside running text; rows without any stay as they are."""
    for number, row in enumerate(rows):
        for place in range(1, len(row.parts)):
            if not _starts_float(row, place):
                continue
            end, x = _alley(rows, number, place)
            left, right = _halves(rows[number:end], x)
            if SUBCAPTION.match(row.text):
                beside = [Stretch(left, caption=True), *side_by_side(right, caption=True)]
                found = [Stretch(rows[:number]), *beside, *side_by_side(rows[end:])]
            else:
                found = [*side_by_side(right), *side_by_side([*rows[:number], *left, *rows[end:]])]
            return [stretch for stretch in found if stretch.rows]
    return [Stretch(rows, caption)]


def _starts_float(row: Row, place: int) -> bool:
    """Whether a part begins a caption or a float: after a gap beside another caption, after a wide one beside anything."""
    gap = (row.parts[place].x0 - row.parts[place - 1].x1) / row.size
    text = row.parts[place].text
    beside = bool(SUBCAPTION.match(row.text))
    if gap > CELL_GAP and (CAPTION.match(text) or _set_apart(row, place)):
        return True
    return gap > 0.8 and beside and bool(SUBCAPTION.match(text))


def _set_apart(row: Row, place: int) -> bool:
    """Whether running text stands before the gap and type of another size after it: a float that the text flows around."""
    left, right = row.parts[:place], row.parts[place:]
    words = [word for part in left for word in part.text.split() if word.isalpha() and len(word) > 1]
    sizes = max(part.size for part in left), max(part.size for part in right)
    return len(words) >= 3 and abs(sizes[0] - sizes[1]) > 0.6


def _alley(rows: Sequence[Row], number: int, place: int) -> tuple[int, float]:
    """Follow the gap before part `place` of a row downwards: the number of the first row without it, and an x inside it."""
    low, high = rows[number].parts[place - 1].x1, rows[number].parts[place].x0
    end = number + 1
    while end < len(rows) and rows[end - 1].y0 - rows[end].y0 < NEXT_LINE * rows[number].size:
        parts = rows[end].parts
        left = [part.x1 for part in parts if part.x1 <= high - 2]
        right = [part.x0 for part in parts if part.x0 >= low + 2]
        narrowed = max([low, *left]), min([high, *right])
        if len(left) + len(right) < len(parts) or narrowed[1] - narrowed[0] < 0.5 * rows[number].size:
            break
        low, high = narrowed
        end += 1
    return end, (low + high) / 2


def _halves(rows: Iterable[Row], x: float) -> tuple[list[Row], list[Row]]:
    left, right = [], []
    for row in rows:
        before, after = (part for part in row.parts if part.x0 < x), (part for part in row.parts if part.x0 >= x)
        left.append(replace(row, parts=tuple(before)))
        right.append(replace(row, parts=tuple(after)))
    return [row for row in left if row.parts], [row for row in right if row.parts]
