"""The sentences of a document: its blocks cut where `boundaries` says that a sentence begins.

The words are cut at blanks, so that no character of a block is lost or moved. `spacy_sentences` offers the same cuts to spaCy.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from seedlint.paper.boundaries import sentence_starts, words_of
from seedlint.paper.document import Block, Box, Document, Kind

READ = (Kind.BODY, Kind.CAPTION, Kind.FOOTNOTE)
"""What is cut into sentences. A heading or the row of a table is none."""

LONGEST_PIECE = 20_000
"""Characters that are cut at a time: more than any paragraph, so that only a text without paragraphs is cut in pieces."""

WINDOW = 4_000
"""Characters that are looked at on each side of an offset in a block that is longer than both sides."""


@dataclass(frozen=True)
class Sentence:
    """Characters `start` to `end - 1` of a block.

    `prev` and `next` are the texts of its neighbours: of a body sentence those in the body of the same section, of a caption
    or footnote those in the same caption or footnote; empty strings where there are none.
    """

    text: str
    block: Block
    start: int
    end: int
    prev: str = ""
    next: str = ""

    @property
    def page(self) -> int:
        """The page on which the sentence begins, from 1."""
        return self.block.page_at(self.start)

    @property
    def kind(self) -> Kind:
        """What the text is that the sentence stands in."""
        return self.block.kind

    @property
    def section(self) -> str:
        """The heading above, or an empty string."""
        return self.block.section

    def boxes(self) -> tuple[Box, ...]:
        """Where the sentence stands: a box a line, in reading order; none where the text has no geometry."""
        return self.block.boxes(self.start, self.end)


def sentences(document: Document) -> Iterator[Sentence]:
    """Yield every sentence of a document's body, captions and footnotes in reading order, with its neighbours."""
    for number in range(len(document.blocks)):
        yield from sentences_around(document.blocks, number)


def sentences_around(blocks: Sequence[Block], number: int, offsets: Iterable[int] | None = None) -> list[Sentence]:
    """Return the sentences of block `number` in which the given characters stand, in reading order, with their neighbours.

    Without offsets all of the block. Only the surroundings of the offsets are cut, and of the blocks beside only the ends.
    """
    block = blocks[number]
    if block.kind not in READ:
        return []
    wanted = None if offsets is None else sorted(set(offsets))
    spans = list(sentence_spans(block.text)) if wanted is None else _spans_near(block.text, wanted)
    found = [Sentence(block.text[start:end], block, start, end) for start, end in spans]
    texts = ["", *(sentence.text for sentence in found), ""]
    linked = [replace(s, prev=texts[place], next=texts[place + 2]) for place, s in enumerate(found)]
    if wanted is not None:
        linked = [s for s in linked if _holds(s, wanted)]
    return _joined_to_neighbours(blocks, number, linked)


def _holds(sentence: Sentence, offsets: list[int]) -> bool:
    """Whether one of the sorted offsets stands in the sentence."""
    return bisect_right(offsets, sentence.end - 1) > bisect_right(offsets, sentence.start - 1)


def _joined_to_neighbours(blocks: Sequence[Block], number: int, found: list[Sentence]) -> list[Sentence]:
    """Give the first and last sentence of a paragraph their neighbours in the paragraphs beside it."""
    if not found or blocks[number].kind is not Kind.BODY:
        return found
    if not found[0].prev and (text := _text_beside(blocks, number, -1)):
        last = list(sentence_spans(text[-WINDOW:]))[-1:]
        found[0] = replace(found[0], prev="".join(text[-WINDOW:][start:end] for start, end in last))
    if not found[-1].next and (text := _text_beside(blocks, number, 1)):
        head = list(sentence_spans(text[:WINDOW]))[:1]
        found[-1] = replace(found[-1], next="".join(text[start:end] for start, end in head))
    return found


def _text_beside(blocks: Sequence[Block], number: int, step: int) -> str:
    """The next paragraph of the same section before or after a block, over captions, footnotes and tables; or nothing."""
    beside = number + step
    while 0 <= beside < len(blocks) and blocks[beside].section == blocks[number].section:
        if blocks[beside].kind is Kind.BODY and blocks[beside].text.strip():
            return blocks[beside].text
        if blocks[beside].kind is Kind.HEADING:
            break
        beside += step
    return ""


def _spans_near(text: str, offsets: list[int]) -> list[tuple[int, int]]:
    """The sentences around the sorted offsets: all of a paragraph, of a text without paragraphs a window for each group."""
    if len(text) <= 2 * WINDOW:
        return list(sentence_spans(text)) if offsets else []
    spans: set[tuple[int, int]] = set()
    done = -1
    for offset in offsets:
        if offset >= done:
            low, high = max(0, offset - WINDOW), min(len(text), offset + WINDOW)
            near = [(low + start, low + end) for start, end in sentence_spans(text[low:high])]
            done = near[-2][1] if high < len(text) and len(near) > 2 else high
            spans.update(span for span in near[1 if low and len(near) > 2 else 0 :] if span[1] <= done)
    return sorted(spans)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each sentence of a text, without the blanks between them."""
    for low, high in _pieces(text):
        words = list(words_of(text[low:high]))
        begins = sentence_starts([text[low + start : low + stop] for start, stop in words])
        firsts = [number for number, first in enumerate(begins) if first]
        for first, end in pairwise([*firsts, len(words)]):
            yield low + words[first][0], low + words[end - 1][1]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(start + LONGEST_PIECE, len(text))
        if end < len(text) and (blank := text.rfind(" ", start + LONGEST_PIECE // 2, end)) > 0:
            end = blank + 1
        yield start, end
        start = end
