"""Puts fragments that stand side by side together into the rows of a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from .glyphs import SAME_SIZE, WORD_GAP, Fragment, is_bold

SAME_ROW = 0.45
"""The share of the lower one's height by which two fragments of a row overlap (index and base do; lines do not)."""
BUCKET = 8.0
"""The height in points of the bands in which rows are looked up."""
CELL_GAP = 1.2
"""A gap in ems that parts the cells of a table rather than words."""


@dataclass(frozen=True)
class Row:
    """A line of a column: its fragments from left to right. `turn` and coordinates are those of its fragments."""

    page: int
    turn: int
    parts: tuple[Fragment, ...]

    @cached_property
    def main(self) -> Fragment:
        """The longest fragment, whose font and height are the row's."""
        return max(self.parts, key=lambda part: len(part.text))

    @cached_property
    def _joined(self) -> tuple[str, tuple[float, ...]]:
        first = self.parts[0]
        text, edges = first.text, list(first.edges)
        for before, part in pairwise(self.parts):
            mark = before is first and len(first.text) <= 2 and first.size < SAME_SIZE * part.size
            if mark or part.x0 - edges[-1] > WORD_GAP * part.size:
                text += " "
                edges.append(max(part.x0, edges[-1]))
            text += part.text
            edges[-1] = max(part.x0, edges[-2])
            edges.extend(max(edge, edges[-1]) for edge in part.edges[1:])
        return text, tuple(edges)

    @property
    def text(self) -> str:
        """The row's text, with a blank between words."""
        return self._joined[0]

    @property
    def edges(self) -> tuple[float, ...]:
        """Left edges of the characters and the right edge of the last: (len(text) + 1,), never falling."""
        return self._joined[1]

    @property
    def x0(self) -> float:
        """The left edge."""
        return self.parts[0].x0

    @property
    def x1(self) -> float:
        """The right edge."""
        return self.edges[-1]

    @property
    def y0(self) -> float:
        """The lower edge of the main fragment."""
        return self.main.y0

    @property
    def y1(self) -> float:
        """The upper edge of the main fragment."""
        return self.main.y1

    @property
    def size(self) -> float:
        """The font size of the main fragment."""
        return self.main.size

    @cached_property
    def bold(self) -> bool:
        """Whether nearly all of its letters are bold."""
        letters = sum(len(part.text) for part in self.parts)
        return sum(len(part.text) for part in self.parts if is_bold(part.font)) > 0.8 * letters

    @cached_property
    def cells(self) -> int:
        """How many stretches wide gaps part it into."""
        gaps = (right.x0 - left.x1 for left, right in pairwise(self.parts))
        return 1 + sum(gap > CELL_GAP * self.size for gap in gaps)


def overlap(a: Fragment, b: Fragment) -> float:
    """Return the share of the lower one's height by which two fragments overlap vertically; negative if they do not."""
    return (min(a.y1, b.y1) - max(a.y0, b.y0)) / max(min(a.y1 - a.y0, b.y1 - b.y0), 0.1)


def rows(page: int, turn: int, pieces: Iterable[Fragment]) -> list[Row]:
    """Return the rows that a column's fragments make, from the top; long fragments attract short ones beside them."""
    groups: list[list[Fragment]] = []
    bands: dict[int, list[int]] = {}
    for piece in sorted(pieces, key=lambda piece: (-len(piece.text), -piece.y1, piece.x0)):
        best = _nearest(piece, groups, bands)
        if best is not None:
            groups[best].append(piece)
            continue
        groups.append([piece])
        for band in range(int(piece.y0 // BUCKET), int(piece.y1 // BUCKET) + 1):
            bands.setdefault(band, []).append(len(groups) - 1)
    found = (Row(page, turn, tuple(sorted(group, key=lambda piece: piece.x0))) for group in groups)
    return sorted(found, key=lambda row: (-(row.y0 + row.y1) / 2, row.x0))


def _nearest(piece: Fragment, groups: Sequence[Sequence[Fragment]], bands: dict[int, list[int]]) -> int | None:
    best, share = None, SAME_ROW
    near = range(int(piece.y0 // BUCKET), int(piece.y1 // BUCKET) + 1)
    for number in sorted({number for band in near for number in bands.get(band, ())}):
        found = overlap(groups[number][0], piece)
        if found > share and not any(_collide(piece, other) for other in groups[number]):
            best, share = number, found
    return best


def _collide(a: Fragment, b: Fragment) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 * max(min(a.x1 - a.x0, b.x1 - b.x0), 0.1)
