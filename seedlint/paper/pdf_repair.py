"""Finds the pages of a PDF whose own table of objects is damaged, as where a download broke off: by looking through its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

from pdfminer.pdfdocument import PDFBaseXRef, PDFDocument, PDFXRef
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser, PDFStreamParser
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psexceptions import PSException
from pdfminer.psparser import LIT

OBJECT = re.compile(rb"(?<!\d)(\d{1,9})[ \t\r\n]{1,9}(\d{1,5})[ \t\r\n]{1,9}obj\b")
TRAILER = re.compile(rb"trailer\s{0,9}(?=<<)")
MOST_OBJECTS, MOST_PARENTS = 500_000, 20
HEAD = 2_000
"""The first bytes of an object, in which its type is named."""
PAGE, OBJECTS, TABLE = LIT("Page"), LIT("ObjStm"), LIT("XRef")


class RepairedDocument(PDFDocument):
    """A PDF without its table of objects, as they are found in its bytes. It has no catalogue: ask `pages` for its pages."""

    likely: list[int]
    """The numbers of the objects that may be pages, or hold some."""

    def find_xref(self, parser: PDFParser) -> int:
        """Look for no table."""
        return 0

    def read_xref_from(self, parser: PDFParser, start: int, xrefs: list[PDFBaseXRef]) -> None:
        """Make a table of what the bytes hold."""
        parser.fallback = True
        parser.fp.seek(0)
        content = parser.fp.read()
        table = PDFXRef()
        found = [place for _, place in zip(range(MOST_OBJECTS), OBJECT.finditer(content), strict=False)]
        ends = [*(place.start() for place in found), len(content)]
        self.likely = []
        lists = []
        for place, (begin, end) in zip(found, pairwise(ends), strict=True):
            number = int(place[1])
            table.offsets[number] = (None, begin, int(place[2]))
            head = content[begin : min(end, begin + HEAD)]
            if b"/Page" in head or b"/ObjStm" in head:
                self.likely.append(number)
            if b"/XRef" in head:
                lists.append(place.end())
        for begin in (*lists, *(place.end() for place in TRAILER.finditer(content))):
            table.trailer.update(_locks(parser, begin))
        table.trailer["Root"] = {}
        xrefs.append(table)

    def pages(self) -> Iterator[PDFPage]:
        """Yield the pages in the order in which the file holds them."""
        numbers = list(dict.fromkeys(self.likely))
        for number in numbers:
            try:
                found = self.getobj(number)
                if isinstance(found, PDFStream) and found.get("Type") is OBJECTS:
                    numbers.extend(self._unpacked(number, found))
                if not isinstance(found, dict) or found.get("Type") is not PAGE:
                    continue
                page = PDFPage(self, number, _inherited(found), None)
            except (Exception, RecursionError):
                continue
            yield page

    def _unpacked(self, number: int, stream: PDFStream) -> list[int]:
        """Enter the objects that a stream holds in the table, and return their numbers; those of the table itself stay."""
        table, inner = self.xrefs[0], []
        count = stream.get("N", 0)
        if not isinstance(table, PDFXRef) or not isinstance(count, int):
            return []
        parser, head = PDFStreamParser(stream.get_data()), list[Any]()
        with suppress(PSException):
            while len(head) < 2 * min(count, MOST_OBJECTS):
                head.append(parser.nextobject()[1])
        for index, held in enumerate(head[::2]):
            if isinstance(held, int) and held not in table.offsets:
                table.offsets[held] = (number, index, 0)
                inner.append(held)
        return inner


def _locks(parser: PDFParser, begin: int) -> dict[str, Any]:
    """What a trailer, or the stream in its place, says of encryption."""
    try:
        parser.seek(begin)
        _, found = parser.nextobject()
    except (Exception, RecursionError):
        return {}
    entries = found.attrs if isinstance(found, PDFStream) else found
    return {key: entries[key] for key in ("Encrypt", "ID") if key in entries} if isinstance(entries, dict) else {}


def _inherited(page: dict[str, Any]) -> dict[str, Any]:
    """A page with what it has from the nodes above it."""
    own, above = dict(page), resolve1(page.get("Parent"))
    for _ in range(MOST_PARENTS):
        if not isinstance(above, dict):
            break
        for name in PDFPage.INHERITABLE_ATTRS & above.keys() - own.keys():
            own[name] = above[name]
        above = resolve1(above.get("Parent"))
    return own
