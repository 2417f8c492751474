"""What the readers of LaTeX, Markdown, HTML and plain text share: they gather blocks in reading order, without the references."""

from __future__ import annotations

import re

from seedlint.paper.document import Block, Document, Kind, Line, Status

_REFERENCES = frozenset(
    (
        "references",
        "reference",
        "bibliography",
        "literature",
        "literature cited",
        "works cited",
        "references cited",
        "cited works",
    )
)
_NUMBERING = re.compile(r"(?:(?:appendix\s+)?(?:\d{1,3}|[A-Z]|[IVX]{1,5})(?:\.\d{1,3}){0,4}[.:)]?\s+)?", re.IGNORECASE)
_LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\u00ad": "",
        "\u200b": "",
        "\ufeff": "",
    }
)
_CAPTION = re.compile(
    r"(?:supplementary\s+)?(?:fig(?:ure|\.)|tab(?:le|\.)|algorithm|listing)\s*[A-Z]?\.?\d{1,3}[a-z]?\s*[.:|–—]",
    re.IGNORECASE,
)


class Blocks:
    """Blocks of text as a reader meets them. After a heading such as "References" nothing is kept until the next heading."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._section = ""
        self._in_references = False

    def heading(self, text: str) -> None:
        """Begin a section; an empty heading begins none."""
        text = clean(text)
        if not text:
            return
        self._in_references = is_references(text)
        self._section = text
        if not self._in_references:
            self._blocks.append(Block(text, Kind.HEADING, (Line(0, 1),), text))

    def add(self, kind: Kind, text: str, page: int = 1) -> None:
        """Add a block of the current section; text without a letter is dropped."""
        text = clean(text)
        if self._in_references or not any(map(str.isalpha, text)):
            return
        self._blocks.append(Block(text, kind, (Line(0, page),), self._section))

    def document(self, path: str, title: str = "", year: int | None = None, pages: int = 0) -> Document:
        """The document that these blocks are, with status no-text where there are none. Most text knows no `pages`."""
        if not any(block.kind is not Kind.HEADING for block in self._blocks):
            return Document(path, Status.NO_TEXT, "no running text was found", clean(title), year, pages)
        return Document(path, Status.OK, "", clean(title), year, pages, tuple(self._blocks))


def clean(text: str) -> str:
    """Text with single blanks, and without ligatures, soft hyphens and blanks of no width."""
    return " ".join(text.translate(_LIGATURES).split())


def without_comments(text: str) -> str:
    """HTML or Markdown without its comments; one that is never closed goes to the end, as in browsers."""
    first, *parts = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in parts)


def is_references(heading: str) -> bool:
    """Whether a heading is that of the list of references, with or without a number."""
    return _NUMBERING.sub("", heading.strip(), count=1).strip(" .:").lower() in _REFERENCES


def is_caption(text: str) -> bool:
    """Whether a paragraph begins as the caption of a figure or table does: "Figure 3:"."""
    return bool(_CAPTION.match(text))


def year_in(text: str) -> int | None:
    """The first year from 1980 to 2099 in a text, or None."""
    found = re.search(r"(?<!\d)(?:19[89]\d|20\d\d)(?!\d)", text)
    return int(found[0]) if found else None
