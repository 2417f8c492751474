"""What a paper's first page and its metadata say about the paper: its title and its year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, takewhile

from .glyphs import Fragment, fragments
from .hyphens import vocabulary
from .layout import composed
from .pdf_pages import Sheet
from .rows import Row, rows

STAMP = re.compile(r"arXiv:\s?(\d{2})\d{2}\.\d{4,5}|arXiv:\s?[a-z-]+(?:\.[A-Z]{2})?/(\d{2})\d{5}")
VENUE = re.compile(
    r"proceedings|conference|workshop|symposium|journal|copyright|©|preprint|review|submission|association for|"
    r"neurips|nips|icml|iclr|aaai|acl\b|emnlp|naacl|eacl|coling|pmlr|lncs",
    re.IGNORECASE,
)
Box = tuple[float, float, float, float]
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


def paper_title(page: Sequence[Row], box: Box, information: Mapping[str, str]) -> str:
    """Return the title: the metadata's, if the first page shows its words, else the largest text in the page's upper half.

    `page` are the first page's rows from left to right and from the top, `box` is its MediaBox.
    """
    words = {word for row in page for word in _words(row.text)}
    stated = " ".join(information.get("Title", "").split())
    named = _words(stated)
    if len(named) > 1 and sum(word in words for word in named) >= 0.7 * len(named):
        return stated
    return _largest(page, (box[1] + box[3]) / 2)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _largest(page: Sequence[Row], middle: float) -> str:
    upper = [row for row in page if row.y0 > middle and len(re.findall(r"[^\W\d_]", row.text)) >= 4]
    if not upper:
        return ""
    size = max(row.size for row in upper)
    title = [row for row in upper if row.size > size - 0.5]
    together = 1 + sum(1 for _ in takewhile(lambda pair: pair[0].y0 - pair[1].y0 < 1.8 * size, pairwise(title)))
    return composed(title[:together], vocabulary(row.text for row in page))[0]


def paper_year(sheets: Sequence[Sheet], information: Mapping[str, str]) -> int | None:
    """Return the year: of the arXiv stamp, else of a line that names the venue, else of the metadata's date, else None."""
    if not sheets:
        return None
    drawn = {turn: list(fragments(glyphs)) for turn, glyphs in sheets[0].glyphs.items()}
    upright = rows(1, 0, drawn.get(0, ()))
    return _stamped(piece for found in drawn.values() for piece in found) or _venue(upright) or _dated(information)


def _stamped(drawn: Iterable[Fragment]) -> int | None:
    for piece in drawn:
        if stamp := STAMP.match(piece.text):
            short = int(stamp.group(1) or stamp.group(2))
            return 1900 + short if short > 90 else 2000 + short
    return None


def _venue(page: Sequence[Row]) -> int | None:
    """Return the latest year in a line on the first page's edges that names a venue."""
    edges = [*page[:3], *page[-6:]]
    years = [int(year) for row in edges if VENUE.search(row.text) for year in YEAR.findall(row.text)]
    return max(years, default=None)


def _dated(information: Mapping[str, str]) -> int | None:
    date = re.match(r"D:(\d{4})", information.get("CreationDate", ""))
    return int(date.group(1)) if date and int(date.group(1)) > 1990 else None
