"""From the glyphs of a paper's pages to its blocks: reading order, paragraphs, sections, and every character's place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from .columns import gutter, regions
from .document import Block, Kind, Line
from .glyphs import Fragment, fragments
from .hyphens import HYPHENS, Vocabulary, drops_hyphen, vocabulary
from .line_numbers import without_line_numbers
from .paragraphs import ITEM, Paragraph, joined, paragraphs
from .pdf_pages import Sheet, turned
from .rows import Row, rows
from .running_heads import without_running_heads

REFERENCES = re.compile(
    r"(?:[\dIVXA-Z]+\.?\s+)?(?:references|bibliography|references and notes|literature cited)[.:]?", re.IGNORECASE
)
AFTER_REFERENCES = re.compile(
    r"(?:appendi|supplement|limitation|ethic|acknowledg|broader|reproducib|impact)|.*checklist\b|[A-Z](?:\.\d+)*[.:]?\s+[A-Z]",
    re.IGNORECASE,
)
FEWEST_TURNED = 100
"""Fewer characters than this that run in another direction than the page's text are labels of a figure, or a stamp."""
STAMP = re.compile(r"arXiv:\s?\S+")


def page_rows(sheets: Sequence[Sheet]) -> list[list[Row]]:
    """Return the rows of every region of every page in reading order, without line numbers and running heads."""
    upright = [_pieces(sheet, 0) for sheet in sheets]
    cleared = without_running_heads(without_line_numbers(upright), [(sheet.box[1], sheet.box[3]) for sheet in sheets])
    middle = gutter(cleared)
    found: list[list[Row]] = []
    for sheet, pieces in zip(sheets, cleared, strict=True):
        turns = [(0, pieces), *((turn, _pieces(sheet, turn)) for turn in sorted(sheet.glyphs) if turn)]
        for turn, here in sorted(turns, key=lambda pair: -sum(len(piece.text) for piece in pair[1])):
            if turn and not _is_text(here):
                continue
            found.extend(rows(sheet.number, turn, region) for region in regions(here, middle if turn == 0 else None))
    return [region for region in found if region]


def _pieces(sheet: Sheet, turn: int) -> list[Fragment]:
    return list(fragments(sheet.glyphs.get(turn, ())))


def _is_text(pieces: Sequence[Fragment]) -> bool:
    """Whether text in another direction is to be read: more than labels, and not the stamp in the margin."""
    read = [piece for piece in pieces if not STAMP.match(piece.text)]
    return sum(len(piece.text) for piece in read) >= FEWEST_TURNED


def body_size(found: Iterable[Sequence[Row]]) -> float:
    """Return the type size, in points, in which most of the paper is set."""
    sizes: Counter[float] = Counter()
    for row in (row for region in found for row in region):
        sizes[row.size] += len(row.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def blocks(found: Sequence[Sequence[Row]], gaps: Iterable[int] = ()) -> tuple[Block, ...]:
    """Return the blocks that the rows of the regions make, in reading order, references left out.

    `gaps` are the pages before which others were not read: no paragraph and no section goes on there.
    """
    body = body_size(found)
    words = vocabulary(row.text for region in found for row in region)
    parted = [paragraph for number, region in enumerate(found) for paragraph in paragraphs(number, region, body)]
    runs = _runs(_without_references(parted), sorted(gaps))
    return tuple(block for run in runs for block in _sectioned(joined(run), words))


def _runs(found: Iterable[Paragraph], gaps: Sequence[int]) -> Iterator[list[Paragraph]]:
    """The paragraphs between two gaps, by the number of the gaps before their first page."""
    for _, run in groupby(found, lambda paragraph: bisect_right(gaps, paragraph.rows[0].page)):
        yield list(run)


def _without_references(found: Iterable[Paragraph]) -> Iterator[Paragraph]:
    heading: Paragraph | None = None
    for paragraph in found:
        if paragraph.kind is Kind.HEADING:
            if REFERENCES.fullmatch(paragraph.text.strip()):
                heading = paragraph
            elif heading and _ends_references(paragraph, heading):
                heading = None
        if heading is None or paragraph.kind is Kind.CAPTION:
            yield paragraph


def _ends_references(paragraph: Paragraph, heading: Paragraph) -> bool:
    alike = abs(paragraph.size - heading.size) < 0.3 and paragraph.bold == heading.bold
    return alike or bool(AFTER_REFERENCES.match(paragraph.text))


def _sectioned(found: Iterable[Paragraph], words: Vocabulary) -> Iterator[Block]:
    section = ""
    for paragraph in found:
        text, lines = composed(paragraph.rows, words, table=paragraph.kind is Kind.TABLE)
        if paragraph.kind is Kind.HEADING:
            section = text
        elif paragraph.kind in (Kind.BODY, Kind.FOOTNOTE) and (bullet := ITEM.match(text)):
            text, lines = text[bullet.end() :], _cut(lines, bullet.end())
        yield Block(text, paragraph.kind, lines, section)


def composed(found: Sequence[Row], words: Vocabulary, *, table: bool = False) -> tuple[str, tuple[Line, ...]]:
    """Return the text of rows and where its characters stand. Rows are joined by a blank, those of a table by a line end."""
    text = ""
    lines: list[Line] = []
    for number, row in enumerate(found):
        following = found[number + 1].text if number + 1 < len(found) else None
        drops = None if following is None or table else drops_hyphen(row.text, following, words)
        end = len(row.text.rstrip(HYPHENS)) if drops else len(row.text)
        lines.extend(_lines(row, len(text), end))
        text += row.text[:end]
        if following is not None and drops is None:
            text += "\n" if table else " "
    return text, tuple(lines)


def _cut(lines: Iterable[Line], start: int) -> tuple[Line, ...]:
    """Return the lines of a text from character `start` on."""
    ahead = [(line, max(start - line.start, 0)) for line in lines]
    return tuple(
        Line(line.start + cut - start, line.page, line.y0, line.y1, line.edges[cut:])
        for line, cut in ahead
        if cut < len(line.edges) - 1
    )


def _lines(row: Row, start: int, end: int) -> Iterator[Line]:
    if row.turn == 0:
        yield Line(start, row.page, row.y0, row.y1, row.edges[: end + 1])
        return
    # A line's characters share their height, those of turned text do not: each is a line of its own.
    for number in range(end):
        corners = [turned(-row.turn, row.edges[number], row.y0), turned(-row.turn, row.edges[number + 1], row.y1)]
        (x0, x1), (y0, y1) = (sorted(axis) for axis in zip(*corners, strict=True))
        yield Line(start + number, row.page, y0, y1, (x0, x1))
