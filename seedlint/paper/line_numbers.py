"""Finds the line numbers of review versions, in any margin or between the columns, and takes them out of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .glyphs import Fragment

FEWEST = 8
"""A column of numbers shorter than this shows no ruler by itself."""
STEADY = 0.8
"""The share of steps between neighbours of a ruler that are the usual step."""


@dataclass(frozen=True)
class Ruler:
    """A strip of the page, from x0 to x1, in which the numbers of lines stand, `step` apart."""

    x0: float
    x1: float
    step: int


def without_line_numbers(pages: Sequence[Sequence[Fragment]]) -> list[list[Fragment]]:
    """Return the fragments of each page but for the line numbers, which run on at the same place over the pages."""
    rulers = [ruler for page in pages for ruler in _rulers(page)]
    return [_cleared(page, rulers) for page in pages]


def _cleared(page: Sequence[Fragment], rulers: Sequence[Ruler]) -> list[Fragment]:
    numbers = {id(piece) for ruler in _merged(rulers) for piece in _inside(page, ruler)}
    return [piece for piece in page if id(piece) not in numbers]


def _merged(rulers: Sequence[Ruler]) -> list[Ruler]:
    """Return the different strips, each once."""
    kept: dict[tuple[int, int], Ruler] = {}
    for ruler in rulers:
        key = (round(ruler.x0 / 4), round(ruler.x1 / 4))
        kept.setdefault(key, ruler)
    return list(kept.values())


def _is_number(piece: Fragment) -> bool:
    return len(piece.text) <= 4 and piece.text.isascii() and piece.text.isdigit()


def _inside(page: Sequence[Fragment], ruler: Ruler) -> list[Fragment]:
    """Return the strip's numbers, if they count as a ruler does and nothing but numbers stands in the strip."""
    within = [piece for piece in page if ruler.x0 - 2 <= piece.x0 and piece.x1 <= ruler.x1 + 2 and _is_number(piece)]
    within.sort(key=lambda piece: -piece.y0)
    return within if _counts(within, ruler.step) else []


def _counts(column: Sequence[Fragment], step: int) -> bool:
    steps = [int(low.text) - int(high.text) for high, low in pairwise(column)]
    return not steps or sum(0 < found <= 2 * step for found in steps) >= STEADY * len(steps)


def _rulers(page: Sequence[Fragment]) -> list[Ruler]:
    numbers = [piece for piece in page if _is_number(piece)]
    found = []
    for column in (*_aligned(numbers, right=True), *_aligned(numbers, right=False)):
        step = _step(column)
        if step and _outside(page, column):
            found.append(Ruler(min(piece.x0 for piece in column), max(piece.x1 for piece in column), step))
    return found


def _aligned(numbers: Iterable[Fragment], *, right: bool) -> list[list[Fragment]]:
    """Return the columns of numbers whose right (or left) edges agree, each from the top."""
    columns: list[list[Fragment]] = []
    edge: float | None = None
    for piece in sorted(numbers, key=lambda piece: piece.x1 if right else piece.x0):
        here = piece.x1 if right else piece.x0
        if edge is None or here - edge > 1.5:
            columns.append([])
        columns[-1].append(piece)
        edge = here
    return [sorted(column, key=lambda piece: -piece.y0) for column in columns if len(column) >= FEWEST]


def _step(column: Sequence[Fragment]) -> int:
    """Return by how much the numbers of a ruler grow from line to line, or 0 where they do not grow steadily."""
    steps = Counter(int(low.text) - int(high.text) for high, low in pairwise(column))
    step, count = steps.most_common(1)[0]
    return step if step > 0 and count >= STEADY * sum(steps.values()) else 0


def _outside(page: Sequence[Fragment], column: Sequence[Fragment]) -> bool:
    """Whether a strip stands beside the text, as a ruler does, and not in it, as a list or a column of a table does.

    Hardly any text runs over it beside its numbers; nor above and below them, unless they go along most of the page.
    """
    x0, x1 = min(piece.x0 for piece in column), max(piece.x1 for piece in column)
    top, bottom = column[0].y1, column[-1].y0
    over = [piece for piece in page if piece.x0 < x1 and piece.x1 > x0 and not _is_number(piece)]
    between = sum(bottom <= piece.y0 <= top for piece in over)
    height = max(piece.y1 for piece in page) - min(piece.y0 for piece in page)
    few = 0.1 * len(column)
    return between <= few and (len(over) <= few or top - bottom > 0.5 * height)
