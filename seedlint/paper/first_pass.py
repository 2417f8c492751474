"""The first pass of a survey: the plain text of a PDF's pages, and which of them it shows to be worth reading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from seedlint.paper.cues import load_cues
from seedlint.paper.document import Block, Document, Kind, Line, Status
from seedlint.paper.wording import wording_of

FEWEST_LETTERS = 200
"""A page with fewer is a picture, or its text is no text to pdfium."""
ODD = 0.05
"""The share of characters without a meaning above which pdfium's text of a page is not trusted."""
COMMON = frozenset("the of and to in a is we for that with on as by are this".split())
FEWEST_COMMON = 0.1
"""The share of these words, in English some three in ten, below which a text is not English or not text."""
EDGE = 0.15
"""What stands in this share of a page's text, at its start or end, may go on on the page before or after."""
MOST_YEARS = 12
"""A page that names more years than this lists references."""

_HYPHEN = re.compile(r"\ufffe|\x02|[-\u00ad\u2010][ \t]*\r?\n")
_NUMBER = re.compile(r"^[ \t]*\d{1,4}[ \t]*\r?$", re.MULTILINE)
_REFERENCES = re.compile(
    r"^[ \t]*(?:[\dIVX]{1,4}\.?[ \t]+)?(?:references|bibliography|literature cited)[ \t.:]*\r?$", re.I | re.M
)
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-4]\d)[a-z]?(?!\d)")


@dataclass(frozen=True)
class Glance:
    """The plain texts of the pages of one paper, as pdfium gives them, and what they show at first sight."""

    texts: tuple[str, ...]

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The texts without ligatures, words broken at a line's end, and line numbers that have a line of their own."""
        return tuple(_plain(text) for text in self.texts)

    @property
    def is_trusted(self) -> bool:
        """Whether this is English text: the phrases say nothing of any other."""
        words = [word for page in self.pages for word in page.lower().split()]
        return sum(word in COMMON for word in words) > FEWEST_COMMON * len(words)

    def chosen(self) -> frozenset[int]:
        """Return the pages to read, from 1: the first, those with a phrase or without trusted text, and what these need."""
        said = [number for number, page in enumerate(self.pages, 1) if speaks(page)]
        beside = [number for said_on in said for number in self._beside(said_on)]
        unclear = [number for number, text in enumerate(self.pages, 1) if not _is_text(text)]
        return frozenset({1, *said, *beside, *unclear, *self._references(said)})

    def _beside(self, number: int) -> Iterator[int]:
        """The pages on which a sentence of this page may begin or end."""
        page = self.pages[number - 1]
        edge = int(EDGE * len(page))
        if number > 1 and speaks(page[:edge]):
            yield number - 1
        if number < len(self.pages) and speaks(page[-edge:]):
            yield number + 1

    def _references(self, said: Sequence[int]) -> Iterator[int]:
        """The pages from the heading of the references to their end, if anything is read after it: they are left out there."""
        first = self.references_from
        if first and max(said, default=0) > first:
            yield from range(first, self._references_to(first) + 1)

    @cached_property
    def references_from(self) -> int:
        """The last page with a heading of references, or 0."""
        return max((number for number, text in enumerate(self.texts, 1) if _REFERENCES.search(text)), default=0)

    def _references_to(self, first: int) -> int:
        """The first page after them that lists none, on which or before which the appendix begins."""
        after = range(first + 1, len(self.pages) + 1)
        return next((number for number in after if len(_YEAR.findall(self.pages[number - 1])) <= MOST_YEARS), first)

    def document(self, path: str) -> Document:
        """Return the texts as a document, a block a page, without the references: for what is said of a whole paper."""
        first = self.references_from
        left_out = range(first + 1, self._references_to(first)) if first else ()
        blocks = [
            Block(_before_references(text) if number == first else page, Kind.BODY, (Line(0, number),))
            for number, (text, page) in enumerate(zip(self.texts, self.pages, strict=True), 1)
            if number not in left_out
        ]
        return Document(path, Status.OK, pages=len(self.texts), blocks=tuple(blocks))


def speaks(page: str) -> bool:
    """Whether a text holds a phrase of the first pass."""
    wording = wording_of(page)
    return any(cue.find(wording) for cue in load_cues("first_pass.toml").values())


def _plain(text: str) -> str:
    joined = _HYPHEN.sub("", _NUMBER.sub("", text))
    return " ".join(unicodedata.normalize("NFKC", joined).split())


def _is_text(text: str) -> bool:
    """Whether a page's text is more than a picture's labels, and its characters have a meaning."""
    letters = sum(map(str.isalpha, text))
    odd = sum(text.count(sign) for sign in set(text) if unicodedata.category(sign) in ("Co", "Cn", "Cc"))
    return letters >= FEWEST_LETTERS and odd <= ODD * len(text)


def _before_references(text: str) -> str:
    found = list(_REFERENCES.finditer(text))
    return _plain(text[: found[-1].start()] if found else text)
