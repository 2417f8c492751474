"""Whatever the file is, reading it ends in a status, and text that cannot be had is never passed off as a paper without seeds."""

from __future__ import annotations

from pathlib import Path

import pytest
from pdfs import Form, Page, Text, column, pdf

pytest.importorskip("pdfminer")

from seedlint.paper.document import Document, Status
from seedlint.paper.pdf import Limits, read_pdf
from seedlint.paper.pdf_pages import PageReader, Sheet

SENTENCE = "We report the mean over five random seeds."
GOOD = Page((Text(72, 600, SENTENCE),))
SMALL = Limits(pages=500, bytes=1_000_000, decoded=100_000)
BOMB = Page((Text(72, 600, SENTENCE),), raw=b" " * 200_000)


def read(folder: Path, content: bytes, limits: Limits = SMALL) -> Document:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return read_pdf(path, limits)


def test_a_sound_paper_is_read_whole(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD, GOOD]))
    assert (document.status, document.reason, document.pages) == (Status.OK, "", 2)
    assert SENTENCE in document.blocks[0].text


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>not a paper</body></html>", b"%PDF-1.5\n" + bytes(range(256)) * 40, pdf([GOOD])[:300]],
    ids=["empty", "html", "rubbish after a header", "cut short"],
)
def test_what_is_no_pdf_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    document = read(tmp_path, content)
    assert document.status is Status.NOT_A_PDF
    assert document.reason
    assert "\n" not in document.reason
    assert document.blocks == ()


def test_a_table_of_objects_that_points_at_itself_ends_in_a_status(tmp_path: Path) -> None:
    content = pdf([GOOD])
    looping = content.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % content.rindex(b"xref\n0"))
    document = read(tmp_path, looping)
    assert document.status is Status.PARTIAL
    assert SENTENCE in document.blocks[0].text


def test_the_pages_before_the_end_of_a_broken_download_are_read(tmp_path: Path) -> None:
    content = pdf([GOOD, GOOD, GOOD])
    document = read(tmp_path, content[: content.rindex(b"/Type/Page/")])
    assert (document.status, document.pages) == (Status.PARTIAL, 2)
    assert document.reason == "damaged: only the pages that could still be found are read"
    assert [line.page for block in document.blocks for line in block.lines] == [1, 2]


def test_pages_are_found_behind_bytes_that_move_them(tmp_path: Path) -> None:
    content = pdf([GOOD, GOOD])
    document = read(tmp_path, content[:9] + b"%" + b"moved" * 9 + b"\n" + content[9:])
    assert [line.page for block in document.blocks for line in block.lines] == [1, 2]


def test_pages_that_a_damaged_tree_leaves_out_are_found(tmp_path: Path) -> None:
    content = pdf([GOOD, GOOD, GOOD])
    start = content.index(b"/Kids[") + len(b"/Kids[")
    kids = content[start : content.index(b"]", start)]
    document = read(
        tmp_path, content.replace(kids, kids.split(b" R")[0] + b" R" + b" " * (len(kids.split(b" R", 1)[1])))
    )
    assert (document.status, document.pages) == (Status.PARTIAL, 3)


def test_pages_packed_in_streams_are_found_without_the_table_that_names_them(tmp_path: Path) -> None:
    content = pdf([GOOD])
    start = content.rindex(b" 0 obj\n<</Type/Page/")
    start, end = content.rindex(b"\n", 0, start) + 1, content.index(b"endobj", start)
    number, _, page = content[start:end].partition(b" 0 obj\n")
    packed = b"%s 0 %s" % (number, page)
    stream = b"90 0 obj\n<</Type/ObjStm/N 1/First %d/Length %d>>\nstream\n%s\nendstream\n" % (
        len(packed) - len(page),
        len(packed),
        packed,
    )
    document = read(tmp_path, content[:start] + stream + content[end : content.rindex(b"xref\n0")])
    assert document.status is Status.PARTIAL
    assert SENTENCE in document.blocks[0].text


def test_a_locked_file_stays_encrypted_without_its_table(tmp_path: Path) -> None:
    lock = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"00" * 32, b"11" * 32)
    content = pdf([GOOD], trailer=lock)
    assert read(tmp_path, content.replace(b"0000000000 65535 f", b"rubbish")).status is Status.ENCRYPTED


def test_a_scan_has_no_text(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([Page(image=True), Page(image=True)]))
    assert (document.status, document.pages) == (Status.NO_TEXT, 2)
    assert "scan" in document.reason


def test_a_scan_with_a_librarys_stamp_has_no_text_either(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([Page((Text(72, 40, "Library copy"),), image=True)]))
    assert (document.status, document.blocks) == (Status.NO_TEXT, ())


def test_scanned_pages_among_others_are_named(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD, Page(image=True), GOOD]))
    assert document.status is Status.PARTIAL
    assert "page 2" in document.reason
    assert SENTENCE in document.blocks[0].text


def test_a_figure_of_a_whole_page_is_named_and_leaves_the_paper_whole(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD, GOOD, Page(image=True), GOOD]))
    assert (document.status, document.reason) == (Status.OK, "page 3: a picture")


def test_a_page_that_takes_too_much_memory_is_called_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sheet(self: PageReader, number: int, page: object) -> Sheet:
        raise MemoryError

    monkeypatch.setattr(PageReader, "sheet", sheet)
    assert read(tmp_path, pdf([GOOD])).status is Status.MEMORY


def test_a_page_with_a_picture_and_text_is_sound(tmp_path: Path) -> None:
    assert read(tmp_path, pdf([Page(GOOD.items, image=True)])).status is Status.OK


def test_a_stream_that_breaks_off_is_not_passed_over(tmp_path: Path) -> None:
    content = pdf([GOOD, Page(tuple(column(72, 600, [f"Sentence {number} of many." for number in range(40)])))])
    start = content.rindex(b"stream\n", 0, content.rindex(b"endstream")) + len(b"stream\n")
    end = content.rindex(b"\nendstream")
    broken = content[: end - 60] + b"\0" * 60 + content[end:]
    assert start < end - 60
    document = read(tmp_path, broken)
    assert document.status is Status.PARTIAL
    assert "page 2" in document.reason


def test_pages_that_cannot_be_found_are_missed(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD]).replace(b"/Count 1", b"/Count 9"))
    assert document.status is Status.PARTIAL
    assert "1 of 9 pages" in document.reason


def test_a_locked_file_is_encrypted(tmp_path: Path) -> None:
    lock = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"00" * 32, b"11" * 32)
    assert read(tmp_path, pdf([GOOD], trailer=lock)).status is Status.ENCRYPTED


def test_fonts_without_characters_make_a_paper_unreadable(tmp_path: Path) -> None:
    page = Page((Text(72, 600, SENTENCE), Text(72, 500, "nameless", font="nameless")))
    document = read(tmp_path, pdf([page]))
    assert document.status is Status.UNREADABLE_FONTS
    assert document.blocks == ()


def test_text_in_codes_that_nobody_knows_makes_a_paper_unreadable(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([Page((Text(72, 600, SENTENCE, font="unknown"),))]))
    assert (document.status, document.blocks) == (Status.UNREADABLE_FONTS, ())
    mixed = read(tmp_path, pdf([Page((*column(72, 700, [SENTENCE] * 3), Text(72, 600, SENTENCE, font="unknown")))]))
    assert mixed.status is Status.UNREADABLE_FONTS


def test_text_that_is_set_downwards_is_read(tmp_path: Path) -> None:
    lines = tuple(Text(500 - 20 * number, 700, SENTENCE, font="vertical") for number in range(4))
    document = read(tmp_path, pdf([Page(lines)]))
    assert document.status is Status.OK
    assert document.blocks[0].text == " ".join([SENTENCE] * 4)
    assert document.blocks[0].lines[0].y1 <= 701


def test_a_font_whose_program_is_damaged_is_read_without_it(tmp_path: Path) -> None:
    broken = pdf([GOOD]).replace(b"/Flags 33", b"/FontFile 1 0 R/Flags 33")
    document = read(tmp_path, broken[: broken.rindex(b"xref\n0")])
    assert SENTENCE in document.blocks[0].text


def test_a_few_nameless_symbols_do_not(tmp_path: Path) -> None:
    page = Page((*column(72, 700, [SENTENCE] * 3), Text(72, 600, "x", font="nameless")))
    assert read(tmp_path, pdf([page])).status is Status.OK


def test_a_file_beyond_the_limit_is_not_opened(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD]), Limits(bytes=500))
    assert (document.status, document.pages) == (Status.TOO_LARGE, 0)


def test_pages_beyond_the_limit_leave_the_first_ones(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD] * 4), Limits(pages=3))
    assert (document.status, document.pages) == (Status.PARTIAL, 3)
    assert "3 pages" in document.reason


def test_a_page_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path, pdf([BOMB])).status is Status.TOO_LARGE


def test_one_bad_page_leaves_the_others(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([GOOD, BOMB, GOOD]))
    assert document.status is Status.PARTIAL
    assert "page 2" in document.reason
    assert [line.page for block in document.blocks for line in block.lines] == [1, 3]


def test_a_flood_of_saved_states_is_refused(tmp_path: Path) -> None:
    flood = Page((Text(72, 600, SENTENCE),), raw=b"q " * 20_000)
    assert read(tmp_path, pdf([flood])).status is Status.TOO_LARGE


def test_a_page_that_is_one_crowded_line_is_refused(tmp_path: Path) -> None:
    crowd = Page(tuple(Text(72 + number % 400, 600, "seed" * 10, size=4) for number in range(150)))
    document = read(tmp_path, pdf([GOOD, crowd, GOOD]))
    assert document.status is Status.PARTIAL
    assert "page 2" in document.reason


def test_text_inside_a_picture_is_skipped_where_the_page_has_its_own(tmp_path: Path) -> None:
    lines = column(
        72, 700, [f"This is line {number} of the text, which has no end" for number in range(110)], leading=6
    )
    document = read(tmp_path, pdf([Page((*lines, Form((Text(72, 30, "a label of the picture"),))))]))
    assert "label" not in "".join(block.text for block in document.blocks)


def test_a_page_that_is_one_picture_of_text_is_read(tmp_path: Path) -> None:
    document = read(tmp_path, pdf([Page((Form((Text(72, 600, SENTENCE),)),))]))
    assert document.status is Status.OK
    assert SENTENCE in document.blocks[0].text


def test_a_missing_file_is_the_callers_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"absent\.pdf"):
        read_pdf(tmp_path / "absent.pdf")
