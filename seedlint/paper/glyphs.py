"""Glyphs as a PDF draws them, and the fragments of text that they make: runs that follow one another on one line."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

JOINED_GAP = 0.8
"""The widest gap inside a fragment, in ems; wider ones part columns, line numbers and cells."""
DESCENT = 0.22
"""The share of a glyph's height below the base line; fonts' own figures tear symbols from the words beside them."""
SAME_SIZE = 0.85
"""Type smaller than this share of its neighbour's is an index or a mark."""
STRAY = 0.05
"""Characters of a larger size that make up less than this share of a fragment, a digit say, are not its size."""
WORD_GAP = 0.1
"""The narrowest gap between words, in ems (pdfminer's `word_margin`)."""
COMBINING = {
    "´": "\u0301",
    "`": "\u0300",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "¸": "\u0327",
    "ˇ": "\u030c",
    "˚": "\u030a",
}


class Glyph(NamedTuple):
    """One drawn character and its box in points, turned so that its text runs from left to right."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    font: str

    @property
    def size(self) -> float:
        """The font's size on the page."""
        return self.y1 - self.y0

    @property
    def base(self) -> float:
        """Where its base line lies."""
        return self.y0 + DESCENT * (self.y1 - self.y0)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Characters that follow one another on one line. `edges`: left edges and the last right edge, (len(text) + 1,)."""

    text: str
    edges: tuple[float, ...]
    y0: float
    y1: float
    size: float
    font: str

    @property
    def base(self) -> float:
        """Where its base line lies."""
        return self.y0 + DESCENT * (self.y1 - self.y0)

    @property
    def x0(self) -> float:
        """The left edge."""
        return self.edges[0]

    @property
    def x1(self) -> float:
        """The right edge."""
        return self.edges[-1]


@lru_cache(maxsize=1024)
def is_bold(font: str) -> bool:
    """Whether a font's name says that it is bold: Times-Bold, CMBX10, NimbusRomNo9L-Medi, AdvOT17d99a6a.B."""
    name = font.rpartition("+")[2].lower()
    marks = ("bold", "cmbx", "-medi", "black", "heavy", "demi", "sfbx", "lmbx")
    return name.endswith((".b", ".bi")) or any(mark in name for mark in marks)


@lru_cache(maxsize=1024)
def is_italic(font: str) -> bool:
    """Whether a font's name says that it is italic: Times-Italic, CMTI10, NimbusRomNo9L-ReguItal, AdvOT8608a8d1.I."""
    name = font.rpartition("+")[2].lower()
    marks = ("ital", "obliq", "slant", "cmti", "cmsl", "sfti", "lmri")
    return name.endswith((".i", ".bi", "-it")) or any(mark in name for mark in marks)


def fragments(glyphs: Iterable[Glyph]) -> Iterator[Fragment]:
    """Group glyphs, in the order in which they are drawn, into fragments; blank ones only say where a word ends."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and not _follows(run[-1], glyph):
            yield from _fragment(run)
            run = []
        if run or not glyph.text.isspace():
            run.append(glyph)
    yield from _fragment(run)


def _follows(last: Glyph, glyph: Glyph) -> bool:
    if last.y0 == glyph.y0 and last.y1 == glyph.y1:  # As nearly all do; what is asked below then needs no more.
        em = glyph.y1 - glyph.y0
        return -em < glyph.x0 - last.x1 < JOINED_GAP * em and glyph.x1 > last.x0
    lower, upper = max(last.y0, glyph.y0), min(last.y1, glyph.y1)
    height = min(last.y1 - last.y0, glyph.y1 - glyph.y0)
    em = max(last.y1 - last.y0, glyph.y1 - glyph.y0)
    index = height < SAME_SIZE * em and abs(last.base - glyph.base) > 0.05 * em
    if upper - lower < 0.5 * height or index:
        return False
    return -em < glyph.x0 - last.x1 < JOINED_GAP * em and glyph.x1 > last.x0


def _fragment(run: Sequence[Glyph]) -> Iterator[Fragment]:
    while run and run[-1].text.isspace():
        run = run[:-1]
    if not run:
        return
    text: list[str] = []
    edges: list[float] = []
    end, spaced, last = run[0].x0, False, run[0]
    for glyph in run:
        if glyph.text.isspace():
            spaced = True
            continue
        if edges and glyph.text == last.text and abs(glyph.x0 - last.x0) < 0.1 * last.size:
            continue  # drawn twice to look bold
        mark = COMBINING.get(last.text) if edges and glyph.x0 < last.x1 - 0.1 * last.size else None
        if mark and len(accented := unicodedata.normalize("NFC", glyph.text + mark)) == 1:
            text[-1], end, last = accented, max(end, glyph.x1), glyph
            continue
        wide = WORD_GAP * max(glyph.x1 - glyph.x0, glyph.y1 - glyph.y0)
        if edges and (spaced or glyph.x0 - end > wide):
            text.append(" ")
            edges.append(end)
        characters = normal_characters(glyph.text)
        left, width = max(glyph.x0, end) if edges else glyph.x0, glyph.x1 - glyph.x0
        if len(characters) == 1:
            text.append(characters)
            edges.append(left)
        else:
            for number, character in enumerate(characters):
                text.append(character)
                edges.append(max(left, glyph.x0 + width * number / len(characters)))
        end, spaced, last = max(end, glyph.x1), False, glyph
    if text:
        font = Counter([glyph.font for glyph in run]).most_common(1)[0][0]
        usual = _of_usual_size(run)
        yield Fragment("".join(text), (*edges, max(end, edges[-1])), usual.y0, usual.y1, round(usual.size, 1), font)


def _of_usual_size(run: Sequence[Glyph]) -> Glyph:
    """The tallest glyph but for strays: small capitals share a base line with the capital before them, whose size is theirs."""
    letters = [glyph for glyph in run if glyph.text.isalnum()] or run[:1]
    if len({(glyph.y0, glyph.y1) for glyph in letters}) == 1:
        return letters[0]
    sizes = Counter(round(glyph.size, 1) for glyph in letters)
    tallest = max(size for size, count in sizes.items() if count >= STRAY * len(letters))
    return next(glyph for glyph in letters if round(glyph.size, 1) == tallest)


@lru_cache(maxsize=4096)
def normal_characters(text: str) -> str:
    """Write a glyph's text in plain characters: ligatures as their letters (NFKC), control characters as nothing."""
    if text.startswith("(cid:"):
        return "\ufffd"
    if text in COMBINING:
        return text
    normal = unicodedata.normalize("NFKC", text)
    return "".join(character for character in normal if unicodedata.category(character) not in ("Cc", "Cs", "Co"))
