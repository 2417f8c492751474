"""Draws the pages of a PDF with pdfminer, keeping nothing but the glyphs: figures are skipped, and floods are refused."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pdfminer.pdfcolor import PDFColorSpace
from pdfminer.pdfdevice import PDFTextDevice, PDFTextSeq
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFGraphicState, PDFPageInterpreter, PDFResourceManager, PDFStackT
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, stream_value
from pdfminer.psparser import LIT, literal_name
from pdfminer.utils import Matrix, Point

from .content import operations
from .glyphs import DESCENT, Glyph
from .pdf_fonts import Fonts, codes
from .pdf_streams import TooMuchError, unpacked

# What is odd in a file is said by its status; pdfminer's own words about it would go to the terminal.
logging.getLogger("pdfminer").addHandler(logging.NullHandler())

FORM, IMAGE = LIT("Form"), LIT("Image")
FEWEST_GLYPHS = 20
"""A page with a picture and less text than this, say a library's stamp, is a scan."""
OWN_TEXT = 400
"""A page whose streams show more text than this (8 points a TJ, 4 a Tj) needs no text from its figures."""
MOST_FORMS, MOST_STATES, MOST_GLYPHS = 5_000, 10_000, 300_000
"""What one page may draw: pypdf's cap for forms; saved graphics states (PDF 1.7, Annex C: 28); some sixty pages of text."""
BAND, MOST_CROWDED = 8.0, 20_000_000
"""Finding a page's lines costs the square of the glyphs in each band of it, BAND points high: on real pages 3 million."""
UNKNOWN_WIDTH = 0.5
"""In ems, of a character of which the font knows nothing."""
LARGEST, FARTHEST = 500.0, 20_000.0
"""Type and coordinates, in points, beyond which nothing is drawn to be read (a page measures at most 14,400)."""


DRAWN = {
    b"q": ("do_q", 0), b"Q": ("do_Q", 0), b"cm": ("do_cm", 6), b"Do": ("do_Do", 1), b"BT": ("do_BT", 0), b"ET": ("do_ET", 0),
    b"Tc": ("do_Tc", 1), b"Tw": ("do_Tw", 1), b"Tz": ("do_Tz", 1), b"TL": ("do_TL", 1), b"Tf": ("do_Tf", 2), b"Ts": ("do_Ts", 1),
    b"Td": ("do_Td", 2), b"TD": ("do_TD", 2), b"Tm": ("do_Tm", 6), b"T*": ("do_T_a", 0),
    b"TJ": ("do_TJ", 1), b"Tj": ("do_Tj", 1), b"'": ("do__q", 1), b'"': ("do__w", 3),
}  # fmt: skip
"""The operators on which text and its place depend (ISO 32000-1, Annex A): pdfminer's name, and how many operands they take."""


@dataclass(frozen=True)
class Sheet:
    """One page as drawn. `glyphs` by quarter turns of their text (0: left to right, 1: upwards); `box` is the MediaBox."""

    number: int
    box: tuple[float, float, float, float]
    glyphs: dict[int, list[Glyph]]
    unreadable: int
    """How many glyphs have no character."""
    damaged: bool = False
    """Whether a stream of the page breaks off or does not unpack."""
    scanned: bool = False
    """Whether the page is a picture with hardly any text."""


def turned(turn: int, x: float, y: float) -> tuple[float, float]:
    """Turn a point so that text which runs in direction `turn` (quarter turns, anticlockwise) runs to the right."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turn % 4]


class _Collector(PDFTextDevice):
    """Keeps each glyph with its box, and counts what the page asked for."""

    def __init__(self, manager: PDFResourceManager, decoded: int) -> None:
        super().__init__(manager)
        self.decoded_limit = decoded
        self._fonts: dict[int, tuple[PDFFont, dict[int, tuple[str, float]]]] = {}
        self.start(own_text=False)

    def start(self, *, own_text: bool, decoded: int = 0) -> None:
        """Forget the last page."""
        self.own_text, self.decoded, self.forms, self.images, self.unreadable = own_text, decoded, 0, 0, 0
        self.glyphs: dict[int, list[Glyph]] = {}

    def render_string_horizontal(
        self,
        seq: PDFTextSeq,
        matrix: Matrix,
        pos: Point,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        charspace: float,
        wordspace: float,
        rise: float,
        dxscale: float,
        ncs: PDFColorSpace,
        graphicstate: PDFGraphicState,
    ) -> Point:
        """Keep the glyphs of one string; return where the pen stands after it, in text space."""
        a, b, c, d, e, f = matrix
        x, y = pos
        sign = -1 if fontsize < 0 else 1
        turn = (0 if sign * a >= 0 else 2) if abs(a) >= abs(b) else (1 if sign * b > 0 else 3)
        height, along = math.hypot(c, d) * abs(fontsize), math.hypot(a, b) * abs(fontsize * scaling)
        low = math.hypot(c, d) * rise - DESCENT * height
        shown = 0 < height < LARGEST and along < LARGEST
        kept, characters, name = self.glyphs.setdefault(turn, []), self._characters(font), font.fontname
        spaced = False
        for item in seq:
            if isinstance(item, (int, float)):
                x -= item * dxscale
                spaced = True
                continue
            for cid in codes(font, item) if isinstance(item, bytes) else ():
                if spaced:
                    x += charspace
                text, width = characters.get(cid) or self._character(font, cid)
                u, v = x * a + y * c + e, x * b + y * d + f
                if turn:
                    u, v = turned(turn, u, v)
                if shown and -FARTHEST < u < FARTHEST and -FARTHEST < v < FARTHEST:
                    kept.append(Glyph(text, u, v + low, u + abs(width) * along, v + low + height, name))
                x += width * fontsize * scaling
                if cid == 32:
                    x += wordspace
                self.unreadable += text.startswith("(cid:")
                spaced = True
        if len(kept) > MOST_GLYPHS:
            raise TooMuchError(f"more than {MOST_GLYPHS} characters on one page")
        return x, y

    def render_string_vertical(
        self,
        seq: PDFTextSeq,
        matrix: Matrix,
        pos: Point,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        charspace: float,
        wordspace: float,
        rise: float,
        dxscale: float,
        ncs: PDFColorSpace,
        graphicstate: PDFGraphicState,
    ) -> Point:
        """Keep the glyphs of a string that a font of East Asian type sets downwards; return where the pen stands after it."""
        a, b, c, d, e, f = matrix
        x, y = pos
        down = (-c, -d) if fontsize >= 0 else (c, d)
        turn = (0 if down[0] >= 0 else 2) if abs(c) >= abs(d) else (1 if down[1] > 0 else 3)
        height, along = math.hypot(a, b) * abs(fontsize * scaling), math.hypot(c, d) * abs(fontsize)
        shown = 0 < height < LARGEST and along < LARGEST
        kept, characters, name = self.glyphs.setdefault(turn, []), self._characters(font), font.fontname
        for item in seq:
            if isinstance(item, (int, float)):
                y -= item * dxscale
                continue
            for cid in codes(font, item) if isinstance(item, bytes) else ():
                text, width = characters.get(cid) or self._character(font, cid)
                u, v = x * a + y * c + e, x * b + y * d + f
                if turn:
                    u, v = turned(turn, u, v)
                if shown and -FARTHEST < u < FARTHEST and -FARTHEST < v < FARTHEST:
                    kept.append(Glyph(text, u, v - height / 2, u + abs(width) * along, v + height / 2, name))
                y += width * fontsize + charspace + (wordspace if cid == 32 else 0.0)
                self.unreadable += text.startswith("(cid:")
        if len(kept) > MOST_GLYPHS:
            raise TooMuchError(f"more than {MOST_GLYPHS} characters on one page")
        return x, y

    def _characters(self, font: PDFFont) -> dict[int, tuple[str, float]]:
        """Return what is known of a font's characters: their text, and their width in ems."""
        return self._fonts.setdefault(id(font), (font, {}))[1]

    def _character(self, font: PDFFont, cid: int) -> tuple[str, float]:
        text, width = f"(cid:{cid})", UNKNOWN_WIDTH
        with suppress(PDFUnicodeNotDefined, ValueError):
            width = font.char_width(cid)
            text = str(font.to_unichr(cid))
        found = self._characters(font)[cid] = (text, width)
        return found


class _Interpreter(PDFPageInterpreter):
    """Draws text, and figures only where the page has no text of its own."""

    device: _Collector

    def execute(self, streams: Sequence[object]) -> None:
        """Draw the text of streams, none of which is being drawn already."""
        content = [
            stream for stream in map(stream_value, streams) if stream.objid not in (None, *self.parent_stream_ids)
        ]
        self.stream_ids.clear()
        self.stream_ids.update(stream.objid for stream in content if stream.objid)
        for word, operands in operations(b"\n".join(stream.get_data() for stream in content)):
            if known := DRAWN.get(word):
                name, count = known
                if len(operands) >= count:
                    getattr(self, name)(*operands[len(operands) - count :])

    def do_Do(self, xobjid_arg: PDFStackT) -> None:
        """Draw a form if it can show text that the page needs."""
        try:
            form = stream_value(self.xobjmap[literal_name(xobjid_arg)])
        except KeyError:
            return
        self.device.images += form.get("Subtype") is IMAGE
        if form.get("Subtype") is not FORM or self.device.own_text:
            return
        self.device.forms += 1
        if self.device.forms > MOST_FORMS:
            raise TooMuchError(f"more than {MOST_FORMS} forms drawn on one page")
        if form.data is None:
            self.device.decoded += unpacked(form, self.device.decoded_limit - self.device.decoded)[0]
        data = form.get_data()
        if b"BT" in data or b"Do" in data:
            super().do_Do(xobjid_arg)

    def do_q(self) -> None:
        """Save the graphics state."""
        if len(self.gstack) >= MOST_STATES:
            raise TooMuchError(f"more than {MOST_STATES} graphics states saved on one page")
        super().do_q()


class PageReader:
    """Reads the pages of one document, one after another, with its fonts kept between them.

    `decoded` is the most bytes to which a page's streams may decode.
    """

    def __init__(self, decoded: int) -> None:
        manager = Fonts()
        self._device = _Collector(manager, decoded)
        self._interpreter = _Interpreter(manager, self._device)

    def sheet(self, number: int, page: PDFPage) -> Sheet:
        """Return the glyphs of one page, in the PDF's own coordinates but for the turn; TooMuchError where it floods."""
        streams, decoded, damaged = self._streams(page)
        shown = sum(8 * data.count(b"TJ") + 4 * data.count(b"Tj") for data in (stream.get_data() for stream in streams))
        self._device.start(own_text=shown > OWN_TEXT, decoded=decoded)
        self._interpreter.render_contents(page.resources, page.contents)
        glyphs = self._device.glyphs
        if any(_crowding(drawn) > MOST_CROWDED for drawn in glyphs.values()):
            raise TooMuchError("more characters beside one another than a page has room for")
        scanned = self._device.images > 0 and sum(map(len, glyphs.values())) < FEWEST_GLYPHS
        return Sheet(number, page.mediabox, glyphs, self._device.unreadable, damaged, scanned)

    def is_damaged(self, page: PDFPage) -> bool:
        """Whether a stream of a page breaks off or does not unpack; TooMuchError where they flood. Nothing is drawn."""
        return self._streams(page)[2]

    def _streams(self, page: PDFPage) -> tuple[list[PDFStream], int, bool]:
        """The streams of a page, the bytes to which they unpack, and whether one of them is damaged."""
        streams = [stream_value(content) for content in page.contents]
        decoded, damaged = 0, False
        for stream in streams:
            if stream.data is None:
                size, whole = unpacked(stream, self._device.decoded_limit - decoded)
                decoded, damaged = decoded + size, damaged or not whole
        return streams, decoded, damaged


def _crowding(glyphs: Iterable[Glyph]) -> int:
    return sum(count * count for count in Counter(int(glyph.y0 // BAND) for glyph in glyphs).values())
