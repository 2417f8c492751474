"""HTML as a document: headings, paragraphs, captions and footnotes of papers as arXiv, ACL and publishers show them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

from seedlint.paper.document import Document, Kind
from seedlint.paper.latex import text_of
from seedlint.paper.textblocks import Blocks, clean, without_comments, year_in

SKIPPED = frozenset(
    "script style nav noscript template svg button select textarea iframe object form footer pre annotation".split()
)
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
BREAKING = frozenset(
    "p div section article main aside li ul ol dl dt dd blockquote table thead tbody tr td th figure figcaption caption body header"
    " h1 h2 h3 h4 h5 h6".split()
)
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())

MAX_FORMULA = 2_000
"""Characters of a formula that are read."""

WORDS_OF_PROSE = 12
"""A cell of a table that ends in a stop after more words is a paragraph, of a page that is laid out by tables."""

_SKIPPED_CLASSES = re.compile(
    r"ltx_(?:bibliography|authors|dates|page_header|page_footer|TOC|role_refnum|note_mark|equation|eqn_\w+|listing|ERROR|role_affiliation\w*)"
    r"|references|bibliography|ref-list|toc|sr-only|mw-editsection|navbox|breadcrumb"
)
_FOOTNOTE_CLASSES = re.compile(r"ltx_note_outer|ltx_role_footnote|footnotes?|fn|footnote-\w+")
_CAPTION_CLASSES = re.compile(r"ltx_caption|caption|fig-caption|caption-text")
_PICTURE = re.compile(r"\"data:[^\"]*\"|'data:[^']*'")
_MARKUP = re.compile(
    r"<(?:([A-Za-z/!?](?:[^<>\"']{0,500}(?:\"[^\"]{0,20000}\"|'[^']{0,20000}')){0,60}[^<>\"']{0,500}>))?"
)
_DATES = frozenset(
    ("citation_publication_date", "citation_date", "citation_year", "dc.date", "article:published_time", "date")
)


def read_html(path: str, text: str) -> Document:
    """Read a page; broken markup is read as far as it makes sense, as browsers do."""
    reader = _Reader()
    reader.feed(_harmless(text))
    reader.close()
    reader.finish()
    return reader.blocks.document(path, reader.title or reader.page_title, reader.year)


def _harmless(text: str) -> str:
    """A page without what makes the parser give up, or look at the rest of the page again and again.

    The first are marked sections, the second comments and tags that are never closed; pictures in attributes go as well.
    """
    page = _PICTURE.sub('""', without_comments(text.replace("<![", "&lt;[")))
    return _MARKUP.sub(lambda found: found[0] if found[1] else "&lt;", page)


@dataclass(frozen=True)
class _Tag:
    """An open tag: the kind of text it sets apart, if any, whether it is skipped, and the text that it interrupted."""

    name: str
    kind: Kind | None
    skipped: bool
    names_paper: bool
    interrupted: list[str]


class _Reader(HTMLParser):
    """Gathers the text between the tags that break it. A footnote in a paragraph waits for its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks = Blocks()
        self.title = ""
        self.page_title = ""
        self.year: int | None = None
        self._text: list[str] = []
        self._waiting: list[tuple[Kind, str]] = []
        self._tags: list[_Tag] = []
        self._apart: list[_Tag] = []
        self._count: Counter[str] = Counter()
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag, and leave out what it holds where that is no running text."""
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self._meta((given.get("name") or given.get("property", "")).lower(), given.get("content", ""))
        if tag in VOID:
            self._text.append(" ")
            return
        formula = given.get("alttext", "") if tag == "math" else ""
        if formula and not self._skipped:
            self._text.append(text_of(f"${formula[:MAX_FORMULA]}$"))
        skipped = bool(formula) or _is_skipped(tag, given)
        kind = None if skipped else _kind(tag, given)
        if kind is None and tag in BREAKING and not self._skipped:
            self._end_block()
        self._enter(_Tag(tag, kind, skipped, "ltx_title_document" in given.get("class", ""), self._text))

    def handle_endtag(self, tag: str) -> None:
        """Close a tag and those that were left open in it; an end without a beginning is passed over."""
        while self._count[tag]:
            if self._leave().name == tag:
                break

    def handle_data(self, data: str) -> None:
        """Take in text."""
        if not self._skipped:
            self._text.append(data)

    def finish(self) -> None:
        """Close all tags that are still open, and the last paragraph."""
        while self._tags:
            self._leave()
        self._end_block()

    def _meta(self, name: str, content: str) -> None:
        if name == "citation_title":
            self.title = clean(content)
        elif name in _DATES:
            self.year = self.year or year_in(content[:100])

    def _enter(self, tag: _Tag) -> None:
        self._tags.append(tag)
        self._count[tag.name] += 1
        self._skipped += tag.skipped
        if tag.kind is not None:
            self._apart.append(tag)
            self._text = []

    def _leave(self) -> _Tag:
        tag = self._tags.pop()
        self._count[tag.name] -= 1
        if tag.kind is not None:
            self._end_block()
            self._apart.pop()
            self._text = tag.interrupted
        elif tag.name in BREAKING and not self._skipped:
            self._end_block()
        self._skipped -= tag.skipped
        if not self._apart and not clean("".join(self._text[-5:])):
            self._end_block()
        return tag

    def _end_block(self) -> None:
        """Hand on the text since the last break, and what waited for its end; text set apart in a paragraph waits."""
        text = clean("".join(self._text))
        self._text.clear()
        if self._apart:
            self._set_apart(self._apart[-1], text)
            return
        for kind, waited in [(Kind.BODY, text), *self._waiting]:
            self.blocks.add(kind, waited)
        self._waiting.clear()

    def _set_apart(self, tag: _Tag, text: str) -> None:
        if not text:
            return
        if tag.name == "title":
            self.page_title = self.page_title or text
        elif tag.names_paper:
            self.title = self.title or text
        elif tag.kind is Kind.HEADING:
            self.blocks.heading(text)
        else:
            is_prose = tag.kind is Kind.TABLE and text.count(" ") > WORDS_OF_PROSE and text.endswith((".", "!", "?"))
            self._waiting.append((Kind.BODY if is_prose else tag.kind or Kind.BODY, text))


def _is_skipped(tag: str, given: dict[str, str]) -> bool:
    """Whether what a tag holds is not read: menus, scripts, displayed formulas, references."""
    if tag in SKIPPED or given.get("role") in ("doc-bibliography", "navigation") or "hidden" in given:
        return True
    return any(_SKIPPED_CLASSES.fullmatch(name) for name in given.get("class", "").split())


def _kind(tag: str, given: dict[str, str]) -> Kind | None:
    """The kind of text that a tag sets apart from the text around it, or None."""
    if tag in HEADINGS or tag == "title":
        return Kind.HEADING
    names = given.get("class", "").split()
    if given.get("role") == "doc-footnote" or any(map(_FOOTNOTE_CLASSES.fullmatch, names)):
        return Kind.FOOTNOTE
    if tag in ("figcaption", "caption") or any(map(_CAPTION_CLASSES.fullmatch, names)):
        return Kind.CAPTION
    return Kind.TABLE if tag in ("td", "th") else None
