"""Parts the rows of a column into paragraphs, and says of each what it is: body, heading, caption, footnote or table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .captions import CAPTION, side_by_side
from .document import Kind
from .rows import Row

SMALLER = 0.75
"""How many points smaller than the body's type that of footnotes and floats is."""
LARGER = 0.9
"""How many points larger than the body's type that of headings is."""
SMALL_HEADING = 0.7
"""The share of the body's type that the heading of a small section, say of acknowledgements, has at least."""
NUMBERED = re.compile(r"(?:(?:\d{1,2}(?:\.\d{1,2})*|[A-Z](?:\.\d{1,2})+|[A-Z]|[IVX]+)[.:]?\s+|Appendix\s)[A-Z“\"]")
SECTIONS = frozenset(
    "abstract/introduction/background/related work/preliminaries/methods/methodology/materials and methods/experiments"
    "/experimental setup/experimental settings/experimental results/results/results and discussion/discussion/analysis"
    "/conclusion/conclusions/limitations/acknowledgement/acknowledgements/acknowledgment/acknowledgments/references"
    "/bibliography/appendix/appendices/supplementary material/supplementary materials".split("/")
)
"""What many papers call their sections: a heading wherever it is a line of its own."""
SUBHEADING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})+\.?|[A-H]\.)\s+[A-Z][a-z]{2}")
CAPITALS = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,4}\.|[A-H]\.)\s+[A-Z]{3}")
LABELLED = re.compile(r"(?:Figure|Fig\.?|FIGURE|FIG\.?|Table|TABLE|Scheme)\s?(?:[A-Z]?\d{1,2}|[IVX]+)\s+[A-Z(“]")
"""How a caption begins whose label no punctuation ends; smaller type tells it from a sentence."""
BULLET = re.compile(r"[•‣▪●◦∙■–—*]\s|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s|\[\w{1,3}\]\s")
ITEM = re.compile(
    r"(?:[•‣▪●◦∙■⋄◆–—*]|\((?:\d{1,2}|[a-z]|[ivx]{1,4})\)|(?:\d{1,2}|[a-z]|[ivx]{1,4})\)|\d{1,2}\.(?=\s+[A-Z]))\s+(?=\S)"
)
"""What stands before an item of a list and is no part of its sentence."""
FINISHED = re.compile(r"(?:(?<!\d)[.!?:;]['\"”’)\]]*\d{0,2}|[.!?:;]['\"”’)\]]*)$")
ABBREVIATED = re.compile(r"\b(?:al|e\.g|i\.e|cf|vs|resp|Figs?|Tabs?|Eqs?|Secs?|App|approx)\.$")
REMEMBERED = 10
"""How many paragraphs back an unfinished one is looked for: floats may hold body-sized text of their own."""
ENDED = re.compile(r"(?:(?<!\d)[.!?]['\"”’)\]]*\d{0,2}|[.!?]['\"”’)\]]*)$")


@dataclass(frozen=True)
class Column:
    """What the rows of one region have in common: its number in reading order, its edges and its line spacing in points."""

    number: int
    left: float
    right: float
    leading: float


@dataclass(frozen=True)
class Paragraph:
    """Rows that belong together, in reading order; `column` is where they begin and `last` where they end."""

    rows: tuple[Row, ...]
    column: Column
    last: Column
    kind: Kind = Kind.BODY

    @property
    def size(self) -> float:
        """The type size of most of its characters."""
        sizes: Counter[float] = Counter()
        for row in self.rows:
            sizes[row.size] += len(row.text)
        return sizes.most_common(1)[0][0]

    @property
    def bold(self) -> bool:
        """Whether all of its rows are bold."""
        return all(row.bold for row in self.rows)

    @property
    def italic(self) -> bool:
        """Whether all of its rows are italic."""
        return all(row.italic for row in self.rows)

    @property
    def text(self) -> str:
        """Its rows joined by blanks, hyphens as they stand."""
        return " ".join(row.text for row in self.rows)

    @property
    def prose(self) -> bool:
        """Whether it reads as running text: words, most of them of letters."""
        words = self.text.split()
        plain = sum(word.strip(".,;:()[]“”\"'’").replace("-", "").isalpha() and len(word) > 1 for word in words)
        return plain >= 4 and plain >= 0.5 * len(words)


def column(number: int, rows: Sequence[Row]) -> Column:
    """Measure a region: its usual left edge, its right edge and its usual line spacing."""
    lefts = Counter(round(row.x0) for row in rows)
    spaces = Counter(round(high.y0 - low.y0, 0) for high, low in pairwise(rows) if 5 < high.y0 - low.y0 < 30)
    leading = spaces.most_common(1)[0][0] if spaces else 1.25 * rows[0].size
    return Column(number, lefts.most_common(1)[0][0], max(row.x1 for row in rows), leading)


def paragraphs(number: int, rows: Sequence[Row], body: float) -> list[Paragraph]:
    """Return the paragraphs of a region whose rows are given from the top; `body` is the size of the paper's running text."""
    found: list[Paragraph] = []
    for stretch in side_by_side(rows):
        here = _column_paragraphs(number, stretch.rows, body)
        found.extend(replace(paragraph, kind=Kind.CAPTION) if stretch.caption else paragraph for paragraph in here)
    return found


def _column_paragraphs(number: int, rows: Sequence[Row], body: float) -> list[Paragraph]:
    if not rows:
        return []
    place = column(number, rows)
    groups: list[list[Row]] = [[rows[0]]]
    for last, row in pairwise(rows):
        noted = row.noted and row.size < body - SMALLER
        if (
            noted
            or below_subheading(groups[-1][0], row)
            or parts(last, row, place, caption=begins_caption(groups[-1][0], body))
        ):
            groups.append([])
        groups[-1].append(row)
    found = [Paragraph(tuple(group), place, place) for group in groups]
    return _footnotes([replace(paragraph, kind=kind(paragraph, body)) for paragraph in found], body)


def parts(last: Row, row: Row, place: Column, *, caption: bool = False) -> bool:
    """Whether a new paragraph begins between two rows of a region."""
    step = last.y0 - row.y0
    spacing = min(place.leading, 1.6 * max(row.size, last.size))
    if step > 1.35 * max(spacing, 1.1 * min(row.size, last.size)) or abs(row.size - last.size) > SMALLER + 0.1:
        return True
    if names_section(row.text) or names_section(last.text):
        return True
    if is_table_row(row) or is_table_row(last):
        return is_table_row(row) != is_table_row(last)
    ended = bool(ENDED.search(last.text))
    short = last.x1 < place.right - 2 * row.size
    loose = step > 1.12 * spacing
    if CAPTION.match(row.text) and (ended or loose or short or abs(row.size - last.size) > 0.4):
        return True
    if caption and loose and short and row.text[0].isupper() and not CAPTION.fullmatch(last.text):
        return True
    if row.bold != last.bold and (ended or loose or short):
        return not caption
    if (BULLET.match(row.text) or is_subheading(row)) and (ended or short):
        return True
    indented = row.x0 > place.left + 0.6 * row.size and last.x0 < row.x0 - 0.6 * row.size
    return ended and (indented or short) and not caption


def names_section(text: str) -> bool:
    """Whether a line is the name of a section, numbered or not, and nothing else."""
    name = re.sub(r"^(?:\d{1,2}|[IVX]{1,4})\.?\s+", "", text.strip()).rstrip(".:")
    return name[:1].isupper() and name.lower() in SECTIONS


def is_subheading(row: Row) -> bool:
    """Whether a row is numbered and all italic, or in capitals, as headings are that are no larger than the body."""
    if len(row.text.split()) > 14 or row.text[-1] == ".":
        return False
    capitals = row.text.isupper() and bool(CAPITALS.match(row.text))
    return capitals or (row.italic and bool(SUBHEADING.match(row.text)))


def below_subheading(first: Row, row: Row) -> bool:
    """Whether a row is text below the heading whose first row is given, and not more of it."""
    return is_subheading(first) and not (row.italic if first.italic else row.text.isupper())


def begins_caption(row: Row, body: float) -> bool:
    """Whether a row is the first of a caption: by its punctuation, or by its type, smaller than that of the body."""
    return bool(CAPTION.match(row.text) or (row.size < body - SMALLER and LABELLED.match(row.text)))


def is_table_row(row: Row) -> bool:
    """Whether a row is of cells: several wide gaps, or one between numbers."""
    if row.cells >= 3:
        return True
    numbers = sum(any(character.isdigit() for character in word) for word in row.text.split())
    return row.cells == 2 and 2 * numbers >= len(row.text.split()) and not re.search(r"\(\d+\)$", row.text)


def kind(paragraph: Paragraph, body: float) -> Kind:
    """Say what a paragraph is; footnotes are told by their place, which comes later."""
    if begins_caption(paragraph.rows[0], body):
        return Kind.CAPTION
    if is_heading(paragraph, body):
        return Kind.HEADING
    if paragraph.rows[0].noted and paragraph.size < body - SMALLER:
        return Kind.FOOTNOTE
    cells = sum(is_table_row(row) for row in paragraph.rows)
    if 2 * cells > len(paragraph.rows) or (paragraph.size < body - SMALLER and not paragraph.prose):
        return Kind.TABLE
    return Kind.BODY


def is_heading(paragraph: Paragraph, body: float) -> bool:
    """Whether a paragraph is a heading: a few words, larger or bolder than the body, or numbered and in capitals."""
    text = paragraph.text.strip()
    if names_section(text) and paragraph.size > SMALL_HEADING * body:
        return True
    if len(paragraph.rows) > 3 or len(text.split()) > 18 or not re.search(r"[^\W\d_]{3}", text) or text[0].islower():
        return False
    if text.endswith((".", ",", ";", ":")) and not paragraph.bold:
        return False
    capitals = text.upper() == text and (
        bool(NUMBERED.match(text)) or (len(paragraph.rows) < 3 and len(text.split()) > 1)
    )
    if paragraph.size < body - SMALLER or re.match(r"[•‣▪●◦∙■*]|\d+:", text):
        return False
    if any(row.cells > 1 + bool(NUMBERED.match(row.text)) for row in paragraph.rows):
        return False
    subheading = paragraph.italic and is_subheading(paragraph.rows[0])
    return paragraph.size > body + LARGER or paragraph.bold or capitals or subheading


def _footnotes(found: Sequence[Paragraph], body: float) -> list[Paragraph]:
    """Call small prose at the foot of a region that has running text above it a footnote."""
    sized = [number for number, paragraph in enumerate(found) if paragraph.size > body - SMALLER]
    last = sized[-1] if sized else len(found)
    return [
        replace(paragraph, kind=Kind.FOOTNOTE) if number > last and paragraph.kind is Kind.BODY else paragraph
        for number, paragraph in enumerate(found)
    ]


def joined(found: Iterable[Paragraph]) -> list[Paragraph]:
    """Put together what columns, pages, floats and footnotes part: the halves of one paragraph of running text."""
    whole: list[Paragraph] = []
    recent: list[int] = []
    for paragraph in found:
        if paragraph.kind is not Kind.BODY:
            whole.append(paragraph)
            continue
        nearest = recent[-1:]
        for number in reversed(recent):
            if continues(whole[number], paragraph, nearest=[number] == nearest):
                first = whole[number]
                whole[number] = replace(first, rows=first.rows + paragraph.rows, last=paragraph.last)
                break
        else:
            whole.append(paragraph)
            recent = [*recent[1 - REMEMBERED :], len(whole) - 1]
    return whole


def continues(first: Paragraph, second: Paragraph, *, nearest: bool = True) -> bool:
    """Whether the second paragraph goes on with the first one's last sentence; `nearest`: none of the body lies between."""
    end, start = first.rows[-1].text, second.rows[0].text
    if abs(first.size - second.size) > SMALLER or BULLET.match(start):
        return False
    unfinished = not FINISHED.search(end) or bool(ABBREVIATED.search(end))
    lower = start[:1].islower()
    if first.last.number == second.column.number:
        return nearest and unfinished and lower
    full = first.rows[-1].x1 > first.last.right - 2 * first.size
    return unfinished and (lower or (full and nearest and second.prose)) and first.prose
