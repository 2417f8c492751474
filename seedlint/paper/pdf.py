"""Reads a PDF into a document: whatever the file is, what comes back is its text or one line that says why there is none."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from textwrap import shorten
from typing import Any, BinaryIO

from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import dict_value, int_value, resolve1
from pdfminer.utils import decode_text

from seedlint.chunks import one_line

from .document import Block, Document, Status
from .front_matter import paper_title, paper_year
from .layout import blocks, page_rows
from .limits import TimeUp
from .pdf_pages import PageReader, Sheet
from .pdf_repair import RepairedDocument
from .pdf_streams import TooMuchError
from .rows import Row

MEGABYTE = 1_000_000
UNREADABLE = 0.05
"""The share of characters without a meaning above which a paper's fonts count as unreadable."""

PICTURES = 0.25
"""Up to this share of a paper's pages may be pictures, as figures of a whole page are; above it, text is missing."""


@dataclass(frozen=True)
class Limits:
    """The largest file that is read: its pages, its bytes, and the bytes to which the streams of one page decode."""

    pages: int = 500
    bytes: int = 100 * MEGABYTE
    decoded: int = 50 * MEGABYTE


@dataclass
class _Reading:
    """What has been read of a file so far, and what went wrong."""

    sheets: list[Sheet] = field(default_factory=list)
    information: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    problems: list[str] = field(default_factory=list)
    flooded: bool = False
    starved: bool = False
    late: bool = False


def read_pdf(path: Path, limits: Limits = Limits(), only: Container[int] | None = None) -> Document:
    """Read one PDF. Every outcome is a status; a page that cannot be read leaves the others (PARTIAL), and so does TimeUp.

    Of the pages that are not among `only` (from 1) no more is seen than whether they can be unpacked. OSError is raised where
    the file itself cannot be opened, TimeUp where the time is up before a page was read.
    """
    name = path.as_posix()
    if path.stat().st_size > limits.bytes:
        return Document(name, Status.TOO_LARGE, f"larger than {limits.bytes // MEGABYTE} MB")
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            return Document(name, Status.NOT_A_PDF, "no PDF header in its first 1,024 bytes")
        reading = _Reading()
        try:
            _read(file, limits, only, reading)
        except (PDFPasswordIncorrect, PDFEncryptionError):
            return Document(name, Status.ENCRYPTED, "needs a password")
        except MemoryError:
            if not reading.sheets:
                return Document(name, Status.MEMORY, "more memory needed than there is")
            reading.starved = True
            reading.problems.append(f"after page {reading.pages}: more memory needed than there is")
        except TimeUp as late:
            if not reading.sheets:
                raise
            reading.late = True
            reading.problems.insert(0, f"page {reading.pages} and those after it: {late}")
        except (Exception, RecursionError) as error:
            if not reading.pages:
                return Document(name, Status.NOT_A_PDF, _damage(error))
            reading.problems.append(f"after page {reading.pages}: {_damage(error)}")
    return _document(name, reading)


def _read(file: BinaryIO, limits: Limits, only: Container[int] | None, reading: _Reading) -> None:
    pdf, pages = _opened(file, limits.pages, reading)
    reading.information = _information(pdf)
    reader = PageReader(limits.decoded)
    for number, page in enumerate(pages, 1):
        if number > limits.pages:
            reading.problems.append(f"only the first {limits.pages} pages are read")
            reading.flooded = True
            return
        reading.pages = number
        try:
            if only is None or number in only:
                sheet = reader.sheet(number, page)
                reading.sheets.append(sheet)
                damaged = sheet.damaged
            else:
                damaged = reader.is_damaged(page)
            if damaged:
                reading.problems.append(f"page {number}: damaged, not all of it can be unpacked")
        except (Exception, RecursionError, MemoryError) as error:
            reading.flooded |= isinstance(error, TooMuchError)
            reading.starved |= isinstance(error, MemoryError)
            reading.problems.append(f"page {number}: {_damage(error)}")
    stated = stated_pages(pdf)
    if reading.pages < stated:
        reading.problems.append(f"{reading.pages} of {stated} pages can be found")


def _opened(file: BinaryIO, most: int, reading: _Reading) -> tuple[PDFDocument, Sequence[PDFPage]]:
    """Open a file and find its first pages, one more than `most`: if need be without its own table of objects and tree of pages."""
    pdf: PDFDocument | None = None
    failure: BaseException | None = None
    pages: list[PDFPage] = []
    try:
        pdf = PDFDocument(PDFParser(file))
        pages.extend(islice(PDFPage.create_pages(pdf), most + 1))
        if pages and len(pages) >= min(stated_pages(pdf), most + 1):
            return pdf, pages
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise
    except (Exception, RecursionError) as error:
        failure = error
    repaired = RepairedDocument(PDFParser(file))
    found = list(islice(repaired.pages(), most + 1))
    if len(found) > len(pages):
        reading.problems.append("damaged: only the pages that could still be found are read")
        return repaired, found
    if failure and not pages:
        raise failure
    if failure:
        reading.problems.append(f"after page {len(pages)}: {_damage(failure)}")
    return pdf or repaired, pages


def _damage(error: BaseException) -> str:
    """Say in one short line what is wrong: our own words, or those of the parser."""
    if isinstance(error, TooMuchError):
        return str(error)
    if isinstance(error, MemoryError):
        return "more memory needed than there is"
    return f"damaged ({shorten(one_line(error), 100, placeholder=' ...')})"


def stated_pages(pdf: PDFDocument) -> int:
    """Return how many pages a PDF says it has; 0 where it says nothing."""
    return int_value(dict_value(pdf.catalog.get("Pages", {})).get("Count", 0))


def _document(name: str, reading: _Reading) -> Document:
    found: tuple[Block, ...] = ()
    problems = list(reading.problems)
    title, year = "", None
    try:
        regions, found = _laid_out(reading, problems)
        year = paper_year(reading.sheets, reading.information)
        if reading.sheets:
            first = [
                row for region in regions for row in region if row.page == reading.sheets[0].number and not row.turn
            ]
            title = paper_title(first, reading.sheets[0].box, reading.information)
    except (Exception, RecursionError, MemoryError) as error:
        problems.append(f"layout: {one_line(error)}")
    status, reason = _status(reading, problems, bool(found))
    kept = found if status in (Status.OK, Status.PARTIAL) else ()
    return Document(name, status, reason, title, year, reading.pages, kept)


def _laid_out(reading: _Reading, problems: list[str]) -> tuple[list[list[Row]], tuple[Block, ...]]:
    """Lay out the pages; where memory does not hold all of them, the first half, and so on."""
    while True:
        try:
            regions = page_rows(reading.sheets)
            return regions, blocks(regions, _gaps([sheet.number for sheet in reading.sheets]))
        except MemoryError:
            if len(reading.sheets) < 2:
                raise
        reading.starved = True
        del reading.sheets[len(reading.sheets) // 2 :]
        problems[:] = [f"page {reading.sheets[-1].number + 1} and those after it: no memory", *reading.problems]


def _gaps(numbers: list[int]) -> list[int]:
    """The pages before which at least one was not read."""
    return [page for before, page in pairwise([0, *numbers]) if page > before + 1]


def _status(reading: _Reading, problems: list[str], has_text: bool) -> tuple[Status, str]:
    glyphs = sum(len(drawn) for sheet in reading.sheets for drawn in sheet.glyphs.values())
    unreadable = sum(sheet.unreadable for sheet in reading.sheets)
    if glyphs and unreadable > UNREADABLE * glyphs:
        return Status.UNREADABLE_FONTS, f"{unreadable} of {glyphs} characters have no meaning in the file's fonts"
    scanned = [sheet.number for sheet in reading.sheets if sheet.scanned]
    if scanned and len(scanned) == len(reading.sheets):
        return Status.NO_TEXT, "scanned: its pages are pictures"
    pictures = _pictures(scanned)
    if len(scanned) > PICTURES * len(reading.sheets):
        problems = [*problems, *pictures]
    if problems and has_text:
        return Status.PARTIAL, "; ".join(problems[:3])
    if problems:
        lost = Status.TIMEOUT if reading.late else Status.MEMORY if reading.starved else Status.NOT_A_PDF
        return (Status.TOO_LARGE if reading.flooded else lost), "; ".join(problems[:3])
    if not reading.pages:
        return Status.NOT_A_PDF, "no pages found"
    if not has_text:
        return Status.NO_TEXT, "no text on any page"
    return Status.OK, "; ".join(pictures)


def _pictures(scanned: list[int]) -> list[str]:
    if not scanned:
        return []
    return [f"page {scanned[0]} and others: pictures" if scanned[1:] else f"page {scanned[0]}: a picture"]


def _information(pdf: PDFDocument) -> dict[str, str]:
    return dict(_entries(pdf))


def _entries(pdf: PDFDocument) -> Iterator[tuple[str, str]]:
    for entry in pdf.info:
        for key, value in entry.items():
            plain: Any = resolve1(value)
            if isinstance(plain, bytes):
                yield str(key), decode_text(plain)
