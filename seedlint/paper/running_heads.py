"""Takes the running heads, running feet and page numbers off the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .glyphs import Fragment
from .rows import Row, rows

EDGE = 0.12
"""How much of a page's height, at the top and at the bottom, may hold running heads."""
PAGE_NUMBER = re.compile(r"(?:page\s*)?\W?\s*(?:\d{1,5}|[ivxl]{1,6})\s*\W?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)


def without_running_heads(
    pages: Sequence[Sequence[Fragment]], heights: Sequence[tuple[float, float]]
) -> list[list[Fragment]]:
    """Return the fragments of each page but for the rows near its edges that stand on several pages at one place.

    `heights` are the lower and the upper edge of each page, in points.
    """
    edges = [_edge_rows(page, height) for page, height in zip(pages, heights, strict=True)]
    seen = Counter(key for found in edges for key in {_key(row) for row in found})
    dropped = {
        id(piece)
        for page, found in zip(pages, edges, strict=True)
        for row in found
        if _repeated(row, seen) or _is_page_number(row, page)
        for piece in row.parts
    }
    return [[piece for piece in page if id(piece) not in dropped] for page in pages]


def _edge_rows(page: Sequence[Fragment], height: tuple[float, float]) -> list[Row]:
    bottom, top = height
    margin = EDGE * (top - bottom)
    return rows(0, 0, (piece for piece in page if piece.y1 < bottom + margin or piece.y0 > top - margin))


def _key(row: Row) -> tuple[str, int]:
    return re.sub(r"\d+", "#", row.text.lower()), round(row.y0 / 3)


def _repeated(row: Row, seen: Counter[tuple[str, int]]) -> bool:
    text, place = _key(row)
    return sum(seen[(text, near)] for near in (place - 1, place, place + 1)) >= 2


def _is_page_number(row: Row, page: Sequence[Fragment]) -> bool:
    """Whether the row is a number with no text beyond it, above or below."""
    if not PAGE_NUMBER.fullmatch(row.text.strip()):
        return False
    others = [piece for piece in page if not any(piece is part for part in row.parts)]
    return all(piece.y1 > row.y1 for piece in others) or all(piece.y0 < row.y0 for piece in others)
