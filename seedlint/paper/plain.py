"""Plain text as a document: paragraphs between blank lines, numbered headings, captions, hyphens at line ends joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seedlint.paper.document import Document, Kind
from seedlint.paper.hyphens import Vocabulary, drops_hyphen, vocabulary
from seedlint.paper.plain_line_numbers import without_line_numbers
from seedlint.paper.textblocks import Blocks, is_caption, is_references, year_in

LONG_LINE = 200
"""Characters: a longer line is a paragraph of its own, in a text that is not wrapped."""

LONGEST_WORD = 100
"""Characters: a longer one was not broken at the end of a line."""

_NUMBERED = re.compile(r"(?:\d{1,2}|[A-Z]|[IVX]{1,4})(?:\.\d{1,2}){0,3}\.?\s{1,4}[A-Z][^.!?]{1,70}$")
_NAMED = re.compile(
    r"(?:abstract|introduction|related work|background|methods?|methodology|experiments?|experimental (?:setup|results)"
    r"|results|discussion|conclusions?|limitations|acknowledge?ments?|appendix(?: [A-Z])?|supplementary material)\s*:?$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[•◦▪‣●*–-]|\(?\d{1,2}[.)]|\([a-z]\))\s+\S")
_DATED = re.compile(
    r"arxiv|proceedings|conference|published|workshop|copyright|©|preprint|journal"
    r"|(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber",
    re.IGNORECASE,
)


def read_plain(path: str, text: str) -> Document:
    """Read text; form feeds, as PDF converters write them, count pages. A first paragraph in title case is the title."""
    text = without_line_numbers(text)
    lines = text.split("\n")
    words = vocabulary(lines)
    blocks, title = Blocks(), ""
    for number, (page, paragraph) in enumerate(_paragraphs(text)):
        if number == 0 and _is_title(paragraph):
            title = " ".join(paragraph)
            continue
        heading, rest = _heading(paragraph)
        blocks.heading(heading)
        if rest:
            joined = join_lines(rest, words)
            blocks.add(_kind(joined), joined, page)
    pages = text.rstrip("\f\n ").count("\f") + 1 if "\f" in text else 0
    return blocks.document(path, title, _year(lines[:60]), pages)


def join_lines(lines: Iterable[str], words: Vocabulary) -> str:
    """The lines of a paragraph as running text: a hyphen at a line's end goes where the text's own words say so."""
    parts: list[str] = []
    for line in lines:
        last = parts[-1].rsplit(" ", 1)[-1] if parts else ""
        dropped = drops_hyphen(last, line, words) if len(last) < LONGEST_WORD else None
        if dropped:
            parts[-1] = parts[-1][:-1]
        elif dropped is None and parts:
            parts.append(" ")
        parts.append(line)
    return "".join(parts)


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of each paragraph, with its page; one that goes on behind the end of a page is whole."""
    page, start, paragraph = 1, 1, list[str]()
    for raw in text.split("\n"):
        page += raw.count("\f")
        line = raw.replace("\f", "").strip()
        goes_on = "\f" in raw and paragraph and line[:1].islower()
        if paragraph and not goes_on and (not line or "\f" in raw or _begins(line, paragraph)):
            yield start, paragraph
            paragraph = []
        if line:
            start = start if paragraph else page
            paragraph.append(line)
    if paragraph:
        yield start, paragraph


def _begins(line: str, paragraph: list[str]) -> bool:
    """Whether a line begins a paragraph though no blank line stands before it."""
    return bool(_BULLET.match(line)) or len(paragraph[-1]) > LONG_LINE or len(line) > LONG_LINE or is_references(line)


def _heading(paragraph: list[str]) -> tuple[str, list[str]]:
    """The heading at the head of a paragraph, or an empty string, and the lines after it."""
    first, rest = paragraph[0], paragraph[1:]
    alone = not rest
    named = bool(_NAMED.match(first)) or is_references(first)
    if named or (_NUMBERED.match(first) and (alone or len(first) < 0.6 * max(map(len, rest)))):
        return first, rest
    if alone and first.isupper() and 3 < len(first) < 80:
        return first, []
    return "", paragraph


def _is_title(paragraph: list[str]) -> bool:
    """Whether a paragraph is short and in title case, without a stop or the name of a section."""
    words = [word for word in " ".join(paragraph[:4]).split() if len(word) > 3]
    if len(paragraph) > 3 or len(words) < 2 or paragraph[-1].endswith((".", ":", ",")) or is_caption(paragraph[0]):
        return False
    return sum(not word[0].islower() for word in words) > 0.7 * len(words) and not _heading(paragraph)[0]


def _kind(text: str) -> Kind:
    """Caption by its first words, table where most words are numbers, else body."""
    if is_caption(text[:80]):
        return Kind.CAPTION
    words = text.split()
    numbers = sum(any(map(str.isdigit, word)) and not any(map(str.isalpha, word)) for word in words)
    return Kind.TABLE if len(words) > 4 and numbers > 0.5 * len(words) else Kind.BODY


def _year(lines: Iterable[str]) -> int | None:
    """The year of the first line that speaks of a publication or a date."""
    return next((year for line in lines if _DATED.search(line[:500]) and (year := year_in(line[:500]))), None)
