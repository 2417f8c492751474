"""Markdown as a document: headings, paragraphs, list items, captions and footnotes, without code, displayed formulas and markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.paper.document import Document, Kind
from seedlint.paper.latex import text_of
from seedlint.paper.textblocks import Blocks, is_caption, without_comments, year_in

_FENCE = re.compile(r"[ \t]{0,12}(`{3,}|~{3,})")
_ATX = re.compile(r"[ ]{0,3}(#{1,6})(?:[ \t]+|$)(.*)")
_RULE = re.compile(r"[ ]{0,3}(?:=+|-{2,}|(?:[*_-][ \t]*){3,})[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[*+-]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_NOTE = re.compile(r"[ ]{0,3}\[\^([^\]\s]{1,80})\]:[ \t]*")
_DEFINITION = re.compile(r"[ ]{0,3}\[[^\]^][^\]\n]{0,300}\]:[ \t]*\S")
_QUOTE = re.compile(r"(?:[ ]{0,3}>[ ]?){1,9}")
_FRONT = re.compile(r"(title|date|year)[ \t]*:[ \t]*(.+)", re.IGNORECASE)
_INLINE = re.compile(
    r"(?P<code>(?P<ticks>`{1,3})(?P<coded>[^`\n]{1,500})(?P=ticks))"
    r"|(?P<math>\$[^$\s](?:[^$\n]{0,400}[^$\s\\])?\$(?!\d))"
    r"|!\[[^\[\]\n]{0,1000}\](?:\([^()\n]{0,1000}\)|\[[^\[\]\n]{0,200}\])"
    r"|(?P<note>\[\^[^\]\s]{1,80}\])"
    r"|\[(?P<link>[^\[\]\n]{1,1000})\](?:\((?:[^()\n]|\([^()\n]{0,200}\)){0,1000}\)|\[[^\[\]\n]{0,200}\])"
    r"|(?P<cite>\[-?@[^\]\n]{1,500}\])"
    r"|</?[A-Za-z][^<>\n]{0,500}>"
    r"|\\(?P<escaped>[^\w\s])"
    r"|(?P<mark>\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|~~)"
)
_IMAGE = re.compile(r"!\[([^\[\]\n]{20,1000})\]\(")


def read_markdown(path: str, text: str) -> Document:
    """Read Markdown with the usual extensions: front matter, tables, footnotes, formulas between dollar signs."""
    front, lines = _front_matter(without_comments(text).split("\n"))
    blocks, title = Blocks(), inline(front.get("title", ""))
    for kind, paragraph in _paragraphs(lines):
        joined = inline(" ".join(paragraph))
        if kind is Kind.HEADING:
            title = title or joined
            blocks.heading(joined)
        else:
            blocks.add(Kind.CAPTION if kind is Kind.BODY and is_caption(joined[:80]) else kind, joined)
        for found in _IMAGE.finditer(" ".join(paragraph)):
            blocks.add(Kind.CAPTION, inline(found[1]))
    return blocks.document(path, title, year_in(front.get("year", "") or front.get("date", "")))


def inline(text: str) -> str:
    """Text without marks of emphasis, links' targets, images and tags; formulas in short, citations as [1]."""
    return _INLINE.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    if found["coded"]:
        return found["coded"]
    if found["math"]:
        return text_of(found["math"])
    if found["link"]:
        return _INLINE.sub(lambda inner: inner["coded"] or inner["escaped"] or "", found["link"])
    return "[1]" if found["cite"] else found["escaped"] or ""


def _front_matter(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The title and date between two lines of dashes at the head, and the lines after them."""
    if lines[0].strip() not in ("---", "+++"):
        return {}, lines
    end = next((number for number, line in enumerate(lines[1:200], 1) if line.strip() == lines[0].strip()), None)
    if end is None:
        return {}, lines
    pairs = (found for line in lines[1:end] if (found := _FRONT.match(line.replace(" = ", ": "))))
    return {found[1].lower(): found[2].strip().strip("\"'") for found in pairs}, lines[end + 1 :]


def _paragraphs(lines: list[str]) -> Iterator[tuple[Kind, list[str]]]:
    """The blocks of a text as lines without their marks, in order."""
    kind, paragraph = Kind.BODY, list[str]()
    for line in _without_code(lines):
        bare = _QUOTE.sub("", line, count=1)
        atx, item, note = _ATX.match(bare), _ITEM.match(bare), _NOTE.match(bare)
        if _RULE.match(bare):
            if paragraph and kind is Kind.BODY and len(paragraph) < 3:
                kind = Kind.HEADING
            bare = ""
        starts = bool(atx or item or note or not bare.strip() or bare.lstrip().startswith("|"))
        if starts and paragraph:
            yield kind, paragraph
        if starts:
            kind, paragraph = _kind(bare), []
        if atx:
            yield Kind.HEADING, [atx[2].rstrip("# \t")]
        elif bare.strip() and not _DEFINITION.match(bare):
            marked = note or item
            paragraph.append(bare[marked.end() :] if marked else bare.strip())
    if paragraph:
        yield kind, paragraph


def _kind(line: str) -> Kind:
    if line.lstrip().startswith("|"):
        return Kind.TABLE
    return Kind.FOOTNOTE if _NOTE.match(line) else Kind.BODY


def _without_code(lines: list[str]) -> Iterator[str]:
    """Lines outside code and displayed formulas; each of those leaves nothing, for a sentence may go on after it."""
    fence, formula, blank = "", False, True
    for line in lines:
        opened = _FENCE.match(line)
        if fence:
            fence = "" if opened and opened[1].startswith(fence) else fence
        elif opened:
            fence = opened[1]
            yield ""
        elif formula or line.strip().startswith("$$"):
            formula = (line.count("$$") % 2 == 1) != formula
        elif not (blank and re.match(r"(?: {4}|\t)\s*[^\s*+\-\d]", line)):
            yield line
        blank = not line.strip() or (blank and line.startswith(("    ", "\t")))
