"""The reading order of a page: where its columns part, and in which order its stretches are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from .glyphs import JOINED_GAP, Fragment
from .rows import Row, rows

WIDE = 0.2
"""A fragment at least this share of the page wide tells of columns."""
REACH = 0.1
"""How far, as a share of a column's width, a fragment reaches into both columns that belongs to neither."""
ABSTRACT = re.compile(r"abstract", re.IGNORECASE)
"""What stands above this heading, title and authors, belongs to neither column."""


Region = list[Fragment]
"""What stands in a stretch of one column, or of the whole width; its rows are read from top to bottom."""


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
        return [list(pieces)]
    left, right = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    reach = REACH * max(min(middle - left, right - middle), 1.0)
    found: list[Region] = []
    columns: dict[int, Region] = {}
    full: Region | None = None
    for row in rows(0, 0, pieces):
        chains = _chains(row)
        if any(_across(chain, middle, reach) for chain in chains) or (full and _goes_on(row, full)):
            found.extend(columns[side] for side in sorted(columns))
            columns = {}
            if full is None:
                full = []
                found.append(full)
            full.extend(row.parts)
            continue
        full = None
        if ABSTRACT.fullmatch(chains[0][0].text):
            found.extend(columns[side] for side in sorted(columns))
            columns = {}
        for chain in chains:
            side = 1 if (chain[0].x0 + chain[-1].x1) / 2 < middle else 2
            columns.setdefault(side, []).extend(chain)
    found.extend(columns[side] for side in sorted(columns))
    return found


def _chains(row: Row) -> list[list[Fragment]]:
    """Part a row where a gap is wider than one between words."""
    chains = [[row.parts[0]]]
    for last, piece in pairwise(row.parts):
        if piece.x0 - last.x1 > JOINED_GAP * max(piece.size, last.size):
            chains.append([])
        chains[-1].append(piece)
    return chains


def _across(chain: Sequence[Fragment], middle: float, reach: float) -> bool:
    return chain[0].x0 < middle - reach and chain[-1].x1 > middle + reach


def _goes_on(row: Row, full: Region) -> bool:
    """Whether a short row is the last line of the full-width paragraph above it."""
    first, lowest = min(full, key=lambda piece: piece.x0), min(full, key=lambda piece: piece.y0)
    near = lowest.y0 - row.y1 < 0.5 * row.size
    return near and len(_chains(row)) == 1 and abs(row.size - lowest.size) < 0.5 and abs(row.x0 - first.x0) < 3
