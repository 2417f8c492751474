"""The reading order of a page: where its columns part, and in which order its stretches are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .glyphs import Fragment
from .rows import SAME_ROW, overlap

WIDE = 0.2
"""A fragment at least this share of the page wide tells of columns."""
REACH = 0.1
"""How far, as a share of a column's width, a fragment reaches into both columns that belongs to neither."""


@dataclass
class Region:
    """A stretch of one column, or of the whole width, in which rows are read from top to bottom."""

    column: int
    pieces: list[Fragment] = field(default_factory=list)


def gutter(pages: Iterable[Sequence[Fragment]]) -> float | None:
    """Return where the columns of a two-column paper part (an x in points), or None where it has one column."""
    places: Counter[int] = Counter()
    total = 0
    for page in pages:
        place = _page_gutter(page)
        total += bool(page)
        if place is not None:
            places[round(place / 6)] += 1
    if not places:
        return None
    best = max(places, key=lambda place: sum(places[place + near] for near in (-1, 0, 1)))
    votes = sum(places[best + near] for near in (-1, 0, 1))
    return best * 6.0 if votes >= 0.3 * total else None


def _page_gutter(page: Sequence[Fragment]) -> float | None:
    if not page:
        return None
    left, right = min(piece.x0 for piece in page), max(piece.x1 for piece in page)
    width = right - left
    wide = [piece for piece in page if piece.x1 - piece.x0 > WIDE * width]
    best, place = 0, None
    for share in range(35, 66):
        x = left + width * share / 100
        before = sum(piece.x1 <= x for piece in wide)
        after = sum(piece.x0 >= x for piece in wide)
        across = len(wide) - before - after
        if min(before, after) >= 5 and across <= 0.25 * (before + after) and before + after > best:
            best, place = before + after, x
    if place is None:
        return None
    ends = Counter(round(piece.x1) for piece in wide if piece.x1 <= place)
    starts = Counter(round(piece.x0) for piece in wide if piece.x0 >= place)
    return (ends.most_common(1)[0][0] + starts.most_common(1)[0][0]) / 2


def regions(pieces: Sequence[Fragment], middle: float | None) -> list[Region]:
    """Return the regions of a page in reading order: each full-width stretch parts what stands above it from below."""
    if middle is None or not pieces:
        return [Region(0, list(pieces))]
    left, right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    reach = REACH * max(min(middle - left, right - middle), 1.0)
    across = [piece for piece in pieces if piece.x0 < middle - reach and piece.x1 > middle + reach]
    found: list[Region] = []
    columns: dict[int, Region] = {}
    full: Region | None = None
    for piece in sorted(pieces, key=lambda piece: -(piece.y0 + piece.y1) / 2):
        if any(piece is other for other in across) or _beside(piece, across) or (full and _goes_on(piece, full)):
            found.extend(columns[side] for side in sorted(columns))
            columns = {}
            if full is None:
                full = Region(0)
                found.append(full)
            full.pieces.append(piece)
            continue
        full = None
        side = 1 if (piece.x0 + piece.x1) / 2 < middle else 2
        columns.setdefault(side, Region(side)).pieces.append(piece)
    found.extend(columns[side] for side in sorted(columns))
    return found


def _beside(piece: Fragment, across: Iterable[Fragment]) -> bool:
    return any(overlap(piece, other) > SAME_ROW for other in across)


def _goes_on(piece: Fragment, full: Region) -> bool:
    """Whether a short piece is the last line of the full-width paragraph above it."""
    last = full.pieces[-1]
    first = min(full.pieces, key=lambda other: other.x0)
    gap = min(other.y0 for other in full.pieces) - piece.y1
    return abs(piece.size - last.size) < 0.5 and abs(piece.x0 - first.x0) < 3 and gap < 0.5 * piece.size
