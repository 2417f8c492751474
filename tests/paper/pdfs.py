"""A small writer of PDFs: every fixture of the paper tests is made here, from text that the tests themselves hold.

All fonts are monospaced: a character is 0.6 of its size wide, so a test can say where each one stands.
"""

from __future__ import annotations

import textwrap
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 0.6
FONTS = {
    "regular": b"/Fixture",
    "bold": b"/Fixture-Bold",
    "italic": b"/Fixture-Italic",
    "nameless": b"/Fixture-Nameless",
}
ENCODED = {"vertical": b"Identity-V", "unknown": b"Nowhere-Known-H"}
"""Fonts whose characters have two bytes each, with the names of their tables of codes."""
LIGATURES = {"ﬀ": 1, "ﬁ": 2, "ﬂ": 3, "ﬃ": 4, "ﬄ": 5}
LIGATURE_NAMES = b"1/ff/fi/fl/ffi/ffl"
TURNS = ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0))


@dataclass(frozen=True)
class Text:
    """One line of text: the left end of its base line in points, and the quarter turns (anticlockwise) it is rotated by."""

    x: float
    y: float
    text: str
    size: float = 10.0
    font: str = "regular"
    turn: int = 0

    @property
    def end(self) -> float:
        return self.x + WIDTH * self.size * len(self.text)


@dataclass(frozen=True)
class Form:
    """A picture (a Form XObject) with text of its own."""

    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Page:
    """`raw` is appended to the content stream as it is; `image` draws a picture without text."""

    items: tuple[Text | Form, ...] = ()
    box: tuple[int, int, int, int] = (0, 0, 612, 792)
    rotate: int = 0
    raw: bytes = b""
    image: bool = False


def column(
    x: float, top: float, lines: Iterable[str], size: float = 10.0, leading: float = 12.0, font: str = "regular"
) -> list[Text]:
    """Set lines under one another; an empty string leaves a line free."""
    return [Text(x, top - leading * number, line, size, font) for number, line in enumerate(lines) if line]


def wrapped(text: str, characters: int) -> list[str]:
    """Break text into lines of at most so many characters, never inside a word."""
    return textwrap.wrap(text, characters, break_long_words=False, break_on_hyphens=False)


def pdf(pages: Sequence[Page], information: dict[str, str] | None = None, trailer: bytes = b"") -> bytes:
    """Return the bytes of a PDF with these pages."""
    objects: list[bytes] = [b"", b"", *(_font(name) for name in FONTS), *map(_encoded_font, ENCODED.values())]
    kids = []
    for page in pages:
        forms = []
        for item in page.items:
            if isinstance(item, Form):
                objects.append(
                    _stream(
                        _drawn(item.texts), b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<<%s>>" % _fonts()
                    )
                )
                forms.append(len(objects))
        if page.image:
            objects.append(
                _stream(
                    b"\0" * 64, b"/Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8"
                )
            )
            forms.append(len(objects))
        content = _drawn(item for item in page.items if isinstance(item, Text))
        content += b"".join(b"q /X%d Do Q\n" % number for number in forms) + page.raw
        objects.append(_stream(content))
        pictures = b"".join(b"/X%d %d 0 R" % (number, number) for number in forms)
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[%d %d %d %d]/Rotate %d/Contents %d 0 R/Resources<<%s/XObject<<%s>>>>>>"
            % (*page.box, page.rotate, len(objects), _fonts(), pictures)
        )
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    if information:
        objects.append(
            b"<<%s>>" % b"".join(b"/%s(%s)" % (key.encode(), value.encode()) for key, value in information.items())
        )
        trailer += b"/Info %d 0 R" % len(objects)
    return _file(objects, trailer)


def _file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    body, places = b"%PDF-1.5\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % place for place in places
    )
    return (
        body
        + table
        + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(body))
    )


def _stream(content: bytes, attributes: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<</Length %d/Filter/FlateDecode%s>>\nstream\n%s\nendstream" % (len(packed), attributes, packed)


def _font(name: str) -> bytes:
    base = FONTS[name]
    encoding = (
        b"" if name == "nameless" else b"/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[%s]>>" % LIGATURE_NAMES
    )
    return (
        b"<</Type/Font/Subtype/Type1/BaseFont%s/FirstChar 0/LastChar 255/Widths[%s]"
        b"%s/FontDescriptor<</Type/FontDescriptor/FontName%s/Flags 33/FontBBox[0 -220 600 780]/Ascent 780/Descent -220>>>>"
        % (base, b" ".join([b"600"] * 256), encoding, base)
    )


def _encoded_font(table: bytes) -> bytes:
    return (
        b"<</Type/Font/Subtype/Type0/BaseFont/Fixture-Encoded/Encoding/%s/ToUnicode/Identity-H/DescendantFonts"
        b"[<</Type/Font/Subtype/CIDFontType2/BaseFont/Fixture-Encoded/DW 600"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/Fixture-Encoded/Flags 33/FontBBox[0 -220 600 780]>>>>]>>"
        % table
    )


def _fonts() -> bytes:
    return b"/Font<<%s>>" % b"".join(
        b"/%s %d 0 R" % (name.encode(), number) for number, name in enumerate((*FONTS, *ENCODED), 3)
    )


def _drawn(texts: Iterable[Text]) -> bytes:
    return b"".join(map(_line, texts))


def _line(text: Text) -> bytes:
    if text.font == "nameless":
        codes = b"\x81" * len(text.text)  # a code to which no encoding gives a character
    elif text.font in ENCODED:
        codes = text.text.encode("utf-16-be")
    else:
        codes = bytes(LIGATURES.get(character) or character.encode("cp1252")[0] for character in text.text)
    matrix = b"%d %d %d %d" % TURNS[text.turn]
    return b"BT /%s %g Tf %s %g %g Tm <%s> Tj ET\n" % (
        text.font.encode(),
        text.size,
        matrix,
        text.x,
        text.y,
        codes.hex().encode(),
    )
