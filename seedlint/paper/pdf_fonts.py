"""The fonts of a PDF: those that pdfminer reads, and what can still be known of one whose embedded program is damaged."""

from __future__ import annotations

from collections.abc import Mapping

from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdftypes import resolve1


class Fonts(PDFResourceManager):
    """Makes and keeps fonts. A font's program only adds to what the PDF itself says of its characters and their widths."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        """Return a font, without its program where that cannot be read; raises as pdfminer does where there is more amiss."""
        try:
            return super().get_font(objid, spec)
        except (Exception, RecursionError):
            descriptor = resolve1(spec.get("FontDescriptor"))
            if not isinstance(descriptor, dict) or not any(key.startswith("FontFile") for key in descriptor):
                raise
        bare = {key: value for key, value in descriptor.items() if not key.startswith("FontFile")}
        return super().get_font(objid, {**spec, "FontDescriptor": bare})


def codes(font: PDFFont, string: bytes) -> tuple[int, ...]:
    """Return the numbers of the characters of a string; -1 for each that the font's unknown table of codes hides."""
    return tuple(font.decode(string)) or (-1,) * (len(string) // 2)
