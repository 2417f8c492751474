"""The cutting of content streams: every operator of the text with its operands, whatever stands between them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pdfminer")

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.psparser import LIT
from pdfs import Page, Text, pdf

from seedlint.paper.content import operations
from seedlint.paper.pdf_pages import PageReader

SHOWN = [
    (b"(Seeds) Tj", [b"Seeds"]),
    (b"[(Se) -20 (eds) 3.5]TJ", [[b"Se", -20, b"eds", 3.5]]),
    (b"<53 65 6 >Tj", [b"Se\x60"]),
    (b"(a \\(b\\) \\\\ \\101\\n(c)) Tj", [b"a (b) \\ A\n(c)"]),
    (b"(two\\\nlines) Tj", [b"twolines"]),
    (b"1 .5 -.5 +2 4. --3 Td", [1, 0.5, -0.5, 2, 4.0, -3]),
    (b"/F#31 12 Tf", [LIT("F1"), 12]),
    (b"/ 12 Tf", [LIT(""), 12]),
    (b"% a remark (Tj\n1 0 Td", [1, 0]),
    (b"/Span <</ActualText (x) /MCID 3>> BDC 1 2 Td", [1, 2]),
    (b"0 0 m 10 0 l S 0 0 1 1 re W n\n5 w 1 2 Td", [1, 2]),
    (b"0 0 m\n1 1 l\n2 2 3 3 4 4 c\nh\nf*\n(after) Tj", [b"after"]),
    (b"BI /W 2 /H 1 /IM true ID \x00(\xff Tj EI (after) Tj", [b"after"]),
    (b"ID (no picture) Tj", [b"no picture"]),
    (b")]>} { (kept) Tj", [b"kept"]),
    (b"(never closed", None),
    (b"[(never) (closed) 1 2", None),
    (b"BI /W 2 ID \x00\x01", None),
    (b"", None),
]


@pytest.mark.parametrize(("stream", "operands"), SHOWN)
def test_the_last_operator_has_its_operands(stream: bytes, operands: list[object] | None) -> None:
    found = [(word, list(those)) for word, those in operations(stream) if word[:1] == b"T"]
    assert (found[-1][1] if found else None) == operands


def test_operands_that_no_operator_takes_are_forgotten() -> None:
    ((word, operands),) = operations(b"1 " * 300_000 + b"(end) Tj")
    assert (word, operands[-1]) == (b"Tj", b"end")
    assert len(operands) <= 100_000


def test_a_page_is_drawn_as_pdfminer_draws_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = (
        b"q 1 0 0 1 10 20 cm BT /F1 9 Tf 1 0 0 1 50 300 Tm 12 TL 2 Tr .5 Tc 1 Tw 90 Tz [(A) -300 (B\\)) 20 (C)] TJ T* (D) Tj"
        b" (E) ' 1 2 (F) \" 3 Ts 4 -14 TD <47> Tj ET Q 0 0 m 5 5 l S BT /F9 8 Tf (no such font) Tj 7 Td (H) Tj ET Q Q"
    )
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf([Page((Text(72, 700, "First line"), Text(72, 680, "turned", turn=1)), raw=raw)]))
    ours = drawn(path)
    monkeypatch.delattr("seedlint.paper.pdf_pages._Interpreter.execute")
    assert "seedlint" not in PageReader(1)._interpreter.execute.__func__.__module__
    assert ours == drawn(path)
    assert len(ours[0]) > 10


def drawn(path: Path) -> dict[int, list[object]]:
    with path.open("rb") as file:
        (page,) = PDFPage.create_pages(PDFDocument(PDFParser(file)))
        return dict(PageReader(1_000_000).sheet(1, page).glyphs)


def test_pdfminer_knows_each_operator_that_is_drawn() -> None:
    from seedlint.paper.pdf_pages import DRAWN

    for name, count in DRAWN.values():
        assert getattr(PDFPageInterpreter, name).__code__.co_argcount == count + 1
