"""One source line as a terminal shows it, with carets under a span: tabs, wide characters and long lines included."""

from __future__ import annotations

from itertools import accumulate
from unicodedata import category, east_asian_width

from seedlint.uses import Place

TAB = "    "
CUT = "..."


def snippet(line: str, place: Place | None, room: int) -> tuple[str, str]:
    """The line within `room` columns, and the carets to print under it; no carets without a place."""
    pieces = [TAB if char == "\t" else printable(char) for char in line.rstrip()]
    begin, end = (0, 0) if place is None else span(place, len(pieces))
    first, last = window([width(piece) for piece in pieces], begin, end, room)
    left, right = CUT if first else "", CUT if last < len(pieces) else ""
    shown = left + "".join(pieces[first:last]) + right
    if place is None:
        return shown, ""
    indent = len(left) + width("".join(pieces[first:begin]))
    return shown, " " * indent + "^" * max(width("".join(pieces[begin : min(end, last)])), 1)


def span(place: Place, length: int) -> tuple[int, int]:
    """The place as a range of characters of its first line."""
    begin = min(max(place.column - 1, 0), length)
    if place.end_line > place.line:
        return begin, length
    return begin, min(max(place.end_column - 1, begin), length)


def window(widths: list[int], begin: int, end: int, room: int) -> tuple[int, int]:
    """The range of characters to show: all, or what fits around the span."""
    if sum(widths) <= room:
        return 0, len(widths)
    room -= len(CUT)
    first = 0
    if sum(widths[:end]) > room:
        room -= len(CUT)
        before = list(accumulate(reversed(widths[:begin])))
        first = begin - sum(total <= room // 4 for total in before)
    return first, first + sum(total <= room for total in accumulate(widths[first:]))


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def printable(text: str) -> str:
    """The text without what would move the cursor, change colours or reorder the line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else "?" for char in text)
