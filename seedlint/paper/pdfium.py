"""The plain text of a PDF's pages as pdfium gets it, in a tenth of pdfminer's time: enough to see which pages are worth reading.

It comes with the extra `fast`. pdfium is no Python: what a hostile file does to it, it does to the process.
"""

from __future__ import annotations

from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

LIBRARY = "pypdfium2"


def is_there() -> bool:
    """Whether pdfium is installed."""
    return find_spec(LIBRARY) is not None


def page_texts(path: Path, most: int) -> list[str] | None:
    """Return the text of each page, in the order in which the file draws it; None where pdfium is missing or fails.

    None too of a file with more than `most` pages. OSError is raised where there is no such file.
    """
    if not is_there():
        return None
    import pypdfium2

    try:
        with closing(pypdfium2.PdfDocument(path)) as pdf:
            return [_text(pdf, number) for number in range(len(pdf))] if len(pdf) <= most else None
    except pypdfium2.PdfiumError:
        return None


def _text(pdf: PdfDocument, number: int) -> str:
    with closing(pdf[number]) as page, closing(page.get_textpage()) as text:
        return str(text.get_text_range())
