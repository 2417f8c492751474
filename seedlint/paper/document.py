"""A paper as it was read: blocks of running text, each character of which knows its page and place."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum


class Status(str, Enum):
    """How the reading of one file ended. Only OK and PARTIAL have text, and only OK has all of it, pictures left out."""

    OK = "ok"
    PARTIAL = "partial"
    NO_TEXT = "no-text"
    UNREADABLE_FONTS = "unreadable-fonts"
    ENCRYPTED = "encrypted"
    NOT_A_PDF = "not-a-pdf"
    TOO_LARGE = "too-large"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"


class Kind(str, Enum):
    """What a block of text is. References are not read."""

    BODY = "body"
    HEADING = "heading"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    TABLE = "table"


@dataclass(frozen=True)
class Box:
    """A rectangle on a page (from 1), in points of the PDF's own coordinates: origin at the lower left, before any rotation."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Line:
    """Characters `start` to `start + len(edges) - 1` of a block's text, on one line of a page.

    `edges` are the left edges of the characters and the right edge of the last: (characters + 1,). Text without geometry, from
    LaTeX or Markdown, has no edges, and stands on page 1.
    """

    start: int
    page: int
    y0: float = 0.0
    y1: float = 0.0
    edges: tuple[float, ...] = ()


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, caption or footnote: text in reading order, hyphens at line ends joined, without line numbers.

    A paragraph that goes on in the next column or page is one block. `lines` are in the order of their starts.
    """

    text: str
    kind: Kind
    lines: tuple[Line, ...]
    section: str = ""
    """The heading above, or an empty string."""

    def page_at(self, offset: int) -> int:
        """Return the page of a character."""
        return self._line_at(offset).page

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """Return where characters start to end - 1 stand: a box a line, in reading order; none where there is no geometry."""
        found = []
        for line in self.lines:
            first, last = max(start - line.start, 0), min(end - line.start, len(line.edges) - 1)
            if first < last:
                found.append(Box(line.page, line.edges[first], line.y0, line.edges[last], line.y1))
        return tuple(found)

    def _line_at(self, offset: int) -> Line:
        number = bisect_right(self.lines, offset, key=lambda line: line.start) - 1
        return self.lines[max(number, 0)]


@dataclass(frozen=True)
class Document:
    """One file as far as it could be read. `reason` says in one line why it could not be, or what was left out."""

    path: str
    status: Status
    reason: str = ""
    title: str = ""
    year: int | None = None
    pages: int = 0
    blocks: tuple[Block, ...] = ()
