"""Plain text, and files of any kind: what they are read as, and what is said of those that are no papers."""

from __future__ import annotations

from pathlib import Path

import pytest
from zips import zipped

from seedlint.paper import source
from seedlint.paper.document import Kind, Status
from seedlint.paper.plain import read_plain
from seedlint.paper.source import read, read_text


def blocks(text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, block.text) for block in read_plain("a.txt", text).blocks]


def test_paragraphs_stand_between_blank_lines() -> None:
    assert blocks("One goes\non here.\n\nTwo.") == [(Kind.BODY, "One goes on here."), (Kind.BODY, "Two.")]


def test_hyphens_at_line_ends_go_where_the_text_says_so() -> None:
    text = "The initialisation is well-known here. The initial-\nisation is well-\nknown."
    assert blocks(text) == [(Kind.BODY, "The initialisation is well-known here. The initialisation is well-known.")]


def test_endings_and_words_of_two_words_are_no_compounds() -> None:
    text = "Report it in ing form, in a dependent way, from the seed level. We are report-\ning in-\ndependent seed-\nlevel means."
    assert blocks(text)[0][1].endswith("We are reporting independent seed-level means.")


def test_headings_captions_bullets_and_tables_are_told_apart() -> None:
    text = (
        "1 Introduction\n\nOne goes on here.\n\nTable 1: Mean of runs.\n\n0.1 0.2 seed 0.3 0.4\n\n• one\n• two\n\n"
        "ABSTRACT\n\nTwo."
    )
    assert blocks(text) == [
        (Kind.HEADING, "1 Introduction"),
        (Kind.BODY, "One goes on here."),
        (Kind.CAPTION, "Table 1: Mean of runs."),
        (Kind.TABLE, "0.1 0.2 seed 0.3 0.4"),
        (Kind.BODY, "• one"),
        (Kind.BODY, "• two"),
        (Kind.HEADING, "ABSTRACT"),
        (Kind.BODY, "Two."),
    ]


def test_a_heading_right_above_its_text_is_one() -> None:
    found = read_plain(
        "a.txt", "2.1 Random seeds\nWe train each model with five seeds and report the mean\nof them."
    ).blocks
    assert [(b.section, b.text) for b in found if b.kind is Kind.BODY] == [
        ("2.1 Random seeds", "We train each model with five seeds and report the mean of them.")
    ]


REVIEWED = """We train each model
with five seeds and
report the mean.

Their spread is
shown in a figure
of the appendix
and in no other
place of this text."""
UNNUMBERED = [
    (Kind.BODY, "We train each model with five seeds and report the mean."),
    (Kind.BODY, "Their spread is shown in a figure of the appendix and in no other place of this text."),
]


def test_the_line_numbers_of_a_review_version_are_taken_off_the_lines() -> None:
    numbered = [f"{number:03}   {line}".rstrip() for number, line in enumerate(REVIEWED.split("\n"), 12)]
    assert blocks("\n".join(numbered)) == UNNUMBERED
    assert read_plain("a.txt", "\f".join(["\n".join(numbered)] * 2)).pages == 2


def test_line_numbers_between_the_lines_cut_no_sentence() -> None:
    first, second, *rest = REVIEWED.split("\n")
    ruler = "\n".join(f"{number:03}" for number in range(9))
    assert blocks("\n".join([first, "", ruler, "", second, *rest])) == UNNUMBERED
    assert blocks(f"One is here.\n\n{ruler}\n\nTwo.") == [(Kind.BODY, "One is here."), (Kind.BODY, "Two.")]


def test_numbers_that_do_not_run_on_stay() -> None:
    years = "\n".join(f"{number} seeds are used in the year {number + 2000}" for number in (3, 9, 4, 1, 8, 2, 6, 9, 3))
    assert blocks(years) == [(Kind.BODY, years.replace("\n", " "))]


def test_references_are_cut_and_the_appendix_is_read() -> None:
    assert blocks("One.\nReferences\nSeed, A. 2000.\n\nLee, B. Seeds.\n\nAppendix A\n\nTwo.") == [
        (Kind.BODY, "One."),
        (Kind.HEADING, "Appendix A"),
        (Kind.BODY, "Two."),
    ]


def test_form_feeds_count_pages_and_do_not_cut_a_sentence() -> None:
    found = read_plain("a.txt", "One goes\n\fon here.\n\n\fTwo.\n\f")
    assert found.pages == 3
    assert [(block.text, block.page_at(0)) for block in found.blocks] == [("One goes on here.", 1), ("Two.", 3)]


def test_lines_that_are_not_wrapped_are_paragraphs() -> None:
    line = "We train the model. " * 15
    assert len(blocks(f"{line}\n{line}\n{line}")) == 3


def test_title_and_year_stand_at_the_head() -> None:
    found = read_plain(
        "a.txt", "On Random Seeds\nand Other Runs\n\nProceedings of the 2018 Conference\n\nSmith (1999) did it."
    )
    assert (found.title, found.year) == ("On Random Seeds and Other Runs", 2018)


def test_a_sentence_alone_is_no_title() -> None:
    assert blocks("we fixed the seed to 42") == [(Kind.BODY, "we fixed the seed to 42")]
    assert read_plain("a.txt", "Smith (1999) did it.").year is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Café.".encode(), "Café."),
        ("Café.".encode("latin-1"), "Café."),
        ("Café.".encode("utf-16"), "Café."),
        (b"\xef\xbb\xbfCaf\xc3\xa9.\r\n", "Café."),
        ("Été à Évian".encode() + b"\xff.", "Été à Évian\ufffd."),
    ],
)
def test_any_encoding_is_read(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert [block.text for block in read(path).blocks] == [text]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "a PNG image"),
        ("a.docx", zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "an office document"),
        ("a.zip", b"PK\x03\x04rest", "a damaged ZIP archive"),
        ("a.pdf", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        ("a.txt", b"a\0b", "a binary file"),
        ("a.pdf", b"Just text.", "not a PDF but text"),
        ("a.pdf", b"", "empty"),
        ("a.ps", b"%!PS-Adobe", "PostScript"),
    ],
)
def test_what_is_no_paper_is_named(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert read(path).status is Status.NOT_A_PDF
    assert what in read(path).reason
    assert "\n" not in read(path).reason


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert read(tmp_path / "none.pdf").reason == "no such file"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 10)
    path = tmp_path / "a.txt"
    path.write_text("More than ten characters.")
    assert read(path).status is Status.TOO_LARGE


def test_a_name_decides_before_the_looks_of_text() -> None:
    assert [block.text for block in read_text("A *star*.", "a.md").blocks] == ["A star."]
    assert [block.text for block in read_text("A *star*.").blocks] == ["A *star*."]


@pytest.mark.parametrize("piece", ["a-\n", "\f", "a ", "•\n", "A. ", "\n", "a\n", "1 ", "Figure 1"])
def test_text_of_one_kind_still_ends(piece: str) -> None:
    assert read_plain("a.txt", piece * 20_000).path == "a.txt"
