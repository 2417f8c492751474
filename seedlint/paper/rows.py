"""Puts fragments that stand side by side together into the rows of a column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from .glyphs import SAME_SIZE, WORD_GAP, Fragment, is_bold, is_italic

SAME_ROW = 0.45
"""The share of the lower one's height by which two fragments of a row overlap (index and base do; lines do not)."""
BUCKET = 8.0
"""The height in points of the bands in which rows are looked up."""
CELL_GAP = 1.2
"""A gap in ems that parts the cells of a table rather than words."""
MARK = re.compile(r"(?:\d{1,3}|[*∗†‡§¶‖])(?:\s?[,–-]\s?(?:\d{1,3}|[*∗†‡§¶‖]))*,?")
MARKED = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?]['\"’”)\]]*|[^\W\d_]['\"’”])$")
"""What a raised mark of a footnote follows: a word or a stop. Raised after anything else is an exponent."""
RAISED = 0.1
"""How far above the text beside it, in ems, the base line of a mark lies at least."""


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
        first, *others = self.parts[1:] if self.noted else self.parts
        text, edges, end = first.text, list(first.edges), first.x1
        for part in others:
            apart = part.x0 - max(end, edges[-1]) > WORD_GAP * part.size
            if not apart and self._is_mark(part) and MARKED.search(text[-4:]):
                end = part.x1
                continue
            mark = part is others[0] and len(first.text) <= 2 and first.size < SAME_SIZE * part.size
            if mark or apart:
                text += " "
                edges.append(max(part.x0, edges[-1]))
            text += part.text
            edges[-1] = max(part.x0, edges[-2])
            edges.extend(max(edge, edges[-1]) for edge in part.edges[1:])
        return text, tuple(edges)

    @cached_property
    def noted(self) -> bool:
        """Whether it begins with the mark of a footnote, which its text leaves out."""
        return len(self.parts) > 1 and self.parts[1].text[:1].isalpha() and self._is_mark(self.parts[0])

    def _is_mark(self, part: Fragment) -> bool:
        """Whether a part is a raised number or sign, smaller than the row."""
        raised = part.base - self.main.base > RAISED * self.main.size
        return raised and part.size < SAME_SIZE * self.main.size and bool(MARK.fullmatch(part.text))

    @property
    def text(self) -> str:
        """The row's text, with a blank between words, without the marks of footnotes."""
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
    def italic(self) -> bool:
        """Whether all of it is italic."""
        return all(is_italic(part.font) for part in self.parts)

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
