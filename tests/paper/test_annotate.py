"""Highlights lie on the words of their sentences and nowhere else, and nothing but a copy of ours is ever replaced."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from pdfs import Page, Text, column, pdf, wrapped

pytest.importorskip("pdfminer")
pytest.importorskip("spacy")
pytest.importorskip("pypdf")

import pypdf

from seedlint.paper.annotate import (
    RISKY_COLOUR,
    SAFE_COLOUR,
    AnnotationError,
    UnwrittenError,
    annotate,
    places,
    stretches,
)
from seedlint.paper.document import Box, Document, Status
from seedlint.paper.review import PaperUse, Review, review
from seedlint.paper.source import read
from seedlint.report.taxonomy import ADVICE, RISKS
from seedlint.uses import Circumstance, Use

RISKY = "We report the mean over five random seeds for every method that we compare in this study."
BEFORE = "The models are trained on three corpora of news and one of speech, with the same vocabulary."
AFTER = "All corpora are public, and their licences allow that the models be shared with others."
TEXT = f"{BEFORE} {RISKY} {AFTER}"


@dataclass(frozen=True)
class Mark:
    """A highlight as a reader of PDFs sees it: its quads as (x0, y0, x1, y1)."""

    page: int
    quads: list[tuple[float, float, float, float]]
    rect: tuple[float, ...]
    comment: str
    author: str


def marks(path: Path) -> list[Mark]:
    return [
        Mark(number, _quads(note["/QuadPoints"]), tuple(map(float, note["/Rect"])), note["/Contents"], note["/T"])
        for number, page in enumerate(pypdf.PdfReader(path).pages, 1)
        for note in (entry.get_object() for entry in page.get("/Annots", ()))
        if note["/Subtype"] == "/Highlight"
    ]


def _quads(points: list[float]) -> list[tuple[float, float, float, float]]:
    numbers = [float(number) for number in points]
    quads = []
    for start in range(0, len(numbers), 8):
        corners = list(zip(numbers[start : start + 8 : 2], numbers[start + 1 : start + 8 : 2], strict=True))
        (x0, x1), (y0, y1) = [(min(values), max(values)) for values in zip(*corners, strict=True)]
        level = [(x0, y1), (x1, y1), (x0, y0), (x1, y0)]
        upwards = [(x0, y0), (x0, y1), (x1, y0), (x1, y1)]
        assert corners == (level if x1 - x0 >= y1 - y0 else upwards), "upper left, upper right, lower left, lower right"
        assert x0 < x1
        assert y0 < y1
        quads.append((x0, y0, x1, y1))
    return quads


def annotated(folder: Path, pages: list[Page]) -> Path:
    paper, copy = folder / "paper.pdf", folder / "copies" / "paper.pdf"
    paper.write_bytes(pdf(pages))
    annotate(review(read(paper)), copy, RISKS)
    return copy


def letters(page: Page) -> list[tuple[str, float, float]]:
    """The characters that a page draws, each with the middle of its box."""
    found = []
    for item in page.items:
        assert isinstance(item, Text)
        dx, dy = ((1, 0), (0, 1), (-1, 0), (0, -1))[item.turn]
        for number, letter in enumerate(item.text):
            along, up = (number + 0.5) * 0.6 * item.size, 0.25 * item.size
            found.append((letter, item.x + along * dx - up * dy, item.y + along * dy + up * dx))
    return found


def highlighted(copy: Path, pages: list[Page]) -> str:
    """The characters that lie in a highlight, in the order in which the pages draw them, without blanks."""
    found = marks(copy)
    return "".join(
        letter
        for number, page in enumerate(pages, 1)
        for letter, x, y in letters(page)
        if letter != " "
        and any(x0 < x < x1 and y0 < y < y1 for mark in found if mark.page == number for x0, y0, x1, y1 in mark.quads)
    )


def turned_lines(text: str, turn: int, x: float, y: float, leading: float) -> tuple[Text, ...]:
    return tuple(Text(x + leading * number, y, line, turn=turn) for number, line in enumerate(wrapped(text, 60)))


SHEETS = {
    "one column": [Page(tuple(column(72, 700, wrapped(TEXT, 70))))],
    "a page that begins elsewhere": [Page(tuple(column(172, -100, wrapped(TEXT, 60))), box=(100, -500, 712, 292))],
    "a sheet turned by a quarter": [Page(turned_lines(TEXT, 1, 100, 100, 12), rotate=90)],
    "a sheet turned by three": [Page(turned_lines(TEXT, 3, 300, 600, -12), rotate=270)],
    "an upright sheet shown turned": [Page(tuple(column(72, 700, wrapped(TEXT, 70))), rotate=90)],
    "two columns": [
        Page(
            (
                *column(54, 700, wrapped(f"{AFTER} " * 12 + BEFORE, 40)),
                *column(318, 700, wrapped(f"{TEXT} " + f"{AFTER} " * 9, 40)),
            )
        )
    ],
}


@pytest.mark.parametrize("pages", SHEETS.values(), ids=SHEETS)
def test_the_sentence_is_highlighted_and_nothing_else(tmp_path: Path, pages: list[Page]) -> None:
    copy = annotated(tmp_path, pages)
    assert highlighted(copy, pages) == RISKY.replace(" ", "")
    assert len(marks(copy)) == 1


@pytest.mark.parametrize("pages", SHEETS.values(), ids=SHEETS)
def test_highlights_are_inside_the_page_and_their_own_frame(tmp_path: Path, pages: list[Page]) -> None:
    for mark in marks(annotated(tmp_path, pages)):
        left, bottom, right, top = pages[mark.page - 1].box
        for x0, y0, x1, y1 in mark.quads:
            assert left <= x0 < x1 <= right
            assert bottom <= y0 < y1 <= top
            assert mark.rect[0] <= x0
            assert mark.rect[1] <= y0
            assert x1 <= mark.rect[2]
            assert y1 <= mark.rect[3]


@pytest.mark.parametrize("name", ["a sheet turned by a quarter", "a sheet turned by three"])
def test_a_line_of_turned_text_is_one_stretch(tmp_path: Path, name: str) -> None:
    (mark,) = marks(annotated(tmp_path, SHEETS[name]))
    lines = [line for line in wrapped(TEXT, 60) if set(line.split()) & set(RISKY.split()) and "licences" not in line]
    assert len(mark.quads) <= len(lines)


def test_a_sentence_over_two_pages_has_a_highlight_on_each(tmp_path: Path) -> None:
    lines = wrapped(f"{AFTER} " * 30 + RISKY, 70)
    pages = [
        Page(tuple(column(72, 700, lines[:-1]))),
        Page(tuple(column(72, 700, [lines[-1], *wrapped(AFTER * 3, 70)]))),
    ]
    assert lines[-1] != RISKY, "the sentence must begin on the line before"
    copy = annotated(tmp_path, pages)
    assert [mark.page for mark in marks(copy)] == [1, 2]
    assert highlighted(copy, pages) == RISKY.replace(" ", "")


def test_the_comment_says_the_use_what_decided_it_why_it_is_risky_and_what_to_do_instead(tmp_path: Path) -> None:
    (mark,) = marks(annotated(tmp_path, SHEETS["one column"]))
    assert mark.author == "seedlint"
    use, words, why, instead = mark.comment.split("\n")
    assert use == "performance comparison (risky, SL402 paper-seed-only-comparison)"
    assert words.startswith("Decided by: ")
    assert "five random seeds" in words
    assert why == f"Why it is risky: {RISKS[Circumstance.PAPER_COMPARISON]}."
    assert instead == f"Instead: {ADVICE[Use.PERFORMANCE_COMPARISON]}."


CHOSEN = "Of five random seeds we report the one with the highest test accuracy."
ENSEMBLE = "We train five models with different random seeds and average their predictions in an ensemble."


@pytest.mark.parametrize(
    ("sentence", "said", "colour"),
    [
        (CHOSEN, "model selection (risky, SL404 paper-best-seed-on-test)", RISKY_COLOUR),
        (ENSEMBLE, "ensemble creation (safe)", SAFE_COLOUR),
    ],
)
def test_a_safe_use_is_not_marked_as_risky_nor_a_choice_by_the_test_data_as_safe(
    tmp_path: Path, sentence: str, said: str, colour: str
) -> None:
    copy = annotated(tmp_path, [Page(tuple(column(72, 700, wrapped(sentence, 70))))])
    (mark,) = marks(copy)
    assert mark.comment.startswith(f"{said}\nDecided by: ")
    assert ("Instead: " in mark.comment) is (colour == RISKY_COLOUR)
    (note,) = pypdf.PdfReader(copy).pages[0]["/Annots"]
    assert "".join(f"{round(255 * float(part)):02x}" for part in note.get_object()["/C"]) == colour


def test_the_copy_keeps_the_words_and_pages_of_the_paper(tmp_path: Path) -> None:
    copy = annotated(tmp_path, SHEETS["one column"])
    assert review(read(copy)).uses == review(read(tmp_path / "paper.pdf")).uses


BROKEN = f"{AFTER} " * 20
DRAWN = {
    **SHEETS,
    "a sentence over two columns": [
        Page(
            (
                *column(54, 700, wrapped(f"{BROKEN}{RISKY}", 40)[:-2]),
                *column(318, 700, [*wrapped(f"{BROKEN}{RISKY}", 40)[-2:], *wrapped(f"{AFTER} " * 12, 40)]),
            )
        )
    ],
    "a sentence over two pages": [
        Page(tuple(column(72, 700, wrapped(f"{BROKEN}{RISKY}", 70)[:-1]))),
        Page(tuple(column(72, 700, [wrapped(f"{BROKEN}{RISKY}", 70)[-1], *wrapped(AFTER * 3, 70)]))),
    ],
}
CROPS = [None, (50, 60, 600, 760)]
SCALE = 2
"""Dots to the point."""


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no poppler to draw the page with")
@pytest.mark.parametrize("crop", CROPS, ids=["whole", "cropped"])
@pytest.mark.parametrize("name", [name for name in DRAWN if name != "a page that begins elsewhere"])
def test_the_colour_is_seen_on_the_letters_of_the_sentence_alone(
    tmp_path: Path, name: str, crop: tuple[int, int, int, int] | None
) -> None:
    assert_drawn_on_the_sentence(tmp_path, DRAWN[name], crop)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no poppler to draw the page with")
@pytest.mark.parametrize("crop", [None, (130, -400, 700, 200)], ids=["whole", "cropped"])
def test_the_colour_is_seen_in_its_place_where_a_page_begins_elsewhere(
    tmp_path: Path, crop: tuple[int, int, int, int] | None
) -> None:
    assert_drawn_on_the_sentence(tmp_path, SHEETS["a page that begins elsewhere"], crop)


def assert_drawn_on_the_sentence(folder: Path, pages: list[Page], crop: tuple[int, int, int, int] | None) -> None:
    paper, copy = folder / "paper.pdf", folder / "copies" / "paper.pdf"
    paper.write_bytes(pdf(pages))
    if crop:
        writer = pypdf.PdfWriter(clone_from=paper)
        for sheet in writer.pages:
            sheet.cropbox = pypdf.generic.RectangleObject(crop)
        writer.write(paper)
    annotate(review(read(paper)), copy, RISKS)
    seen = ""
    for number, page in enumerate(pages, 1):
        picture = Picture.of(copy, number, folder / "drawn")
        for letter, x, y in letters(page):
            if letter != " " and picture.is_coloured(*_on_screen(x, y, crop or page.box, page.rotate)):
                seen += letter
    assert seen == RISKY.replace(" ", "")


def _on_screen(x: float, y: float, box: tuple[int, int, int, int], rotate: int) -> tuple[float, float]:
    """Where a point of a page is shown: from the left and from the top, in points."""
    across, down, width, height = x - box[0], box[3] - y, box[2] - box[0], box[3] - box[1]
    turned = {0: (across, down), 90: (height - down, across), 270: (down, width - across)}
    return turned[rotate]


@dataclass(frozen=True)
class Picture:
    """A page as poppler draws it: three bytes a dot."""

    width: int
    pixels: bytes

    @staticmethod
    def of(paper: Path, page: int, target: Path) -> Picture:
        options = ["-r", str(72 * SCALE), "-f", str(page), "-l", str(page), "-cropbox", "-singlefile"]
        subprocess.run(["pdftoppm", *options, paper, target], check=True, timeout=60)
        content = target.with_suffix(".ppm").read_bytes()
        magic, width, height, _most, _pixels = content.split(maxsplit=4)
        assert magic == b"P6"
        return Picture(int(width), content[-3 * int(width) * int(height) :])

    def is_coloured(self, x: float, y: float) -> bool:
        """Whether a dot near a point is more red or green than blue: the ink of a letter hides the colour below."""
        around = range(-SCALE, SCALE + 1)
        dots = [
            3 * (self.width * (int(y * SCALE) + down) + int(x * SCALE) + across) for down in around for across in around
        ]
        return any(max(self.pixels[dot : dot + 2]) - self.pixels[dot + 2] > 60 for dot in dots)


def test_of_an_encrypted_paper_there_is_no_copy(tmp_path: Path) -> None:
    plain, locked = tmp_path / "plain.pdf", tmp_path / "locked.pdf"
    plain.write_bytes(pdf(SHEETS["one column"]))
    writer = pypdf.PdfWriter(clone_from=plain)
    writer.encrypt(user_password="", owner_password="owner", algorithm="RC4-128")
    writer.write(locked)
    found = review(read(locked))
    assert [one.sentence for one in found.uses] == [RISKY]
    with pytest.raises(AnnotationError, match="encrypted") as refused:
        annotate(found, tmp_path / "copies" / "locked.pdf", RISKS)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "copies").exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.5\n rubbish", pdf(SHEETS["one column"])[:400]])
def test_of_a_broken_file_there_is_no_part_of_a_copy(tmp_path: Path, content: bytes) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(content)
    with pytest.raises(AnnotationError, match=r"paper\.pdf: no annotated copy") as refused:
        annotate(Review(Document(str(paper), Status.OK)), tmp_path / "copies" / "paper.pdf", RISKS)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "copies").exists()


def test_a_use_on_a_page_that_is_not_there_is_no_traceback(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf(SHEETS["one column"]))
    found = review(read(paper))
    elsewhere = [PaperUse(**{**vars(one), "boxes": (Box(9, 0, 0, 1, 1),)}) for one in found.uses]
    with pytest.raises(AnnotationError):
        annotate(Review(found.document, tuple(elsewhere)), tmp_path / "copies" / "paper.pdf", RISKS)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf(SHEETS["one column"]))
    with pytest.raises(UnwrittenError, match="no annotated copy"):
        annotate(review(read(paper)), paper / "copies" / "paper.pdf", RISKS)
    assert paper.read_bytes() == pdf(SHEETS["one column"])


def test_copies_are_called_as_their_papers(tmp_path: Path) -> None:
    papers = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    assert places(papers, tmp_path / "copies") == [tmp_path / "copies/one.pdf", tmp_path / "copies/two.pdf"]


def test_copies_of_papers_of_one_name_are_known_by_their_folders(tmp_path: Path) -> None:
    papers = [tmp_path / folder / "paper.pdf" for folder in ("12", "13", "a/12")]
    assert [place.name for place in places([*papers, tmp_path / "other.pdf"], tmp_path / "copies")] == [
        "12-paper.pdf",
        "13-paper.pdf",
        "12-paper.seedlint.pdf",
        "other.pdf",
    ]


def test_no_copy_takes_the_place_of_a_paper_or_of_a_file_that_is_not_ours(tmp_path: Path) -> None:
    paper, other, elsewhere = tmp_path / "paper.pdf", tmp_path / "other.pdf", tmp_path / "folder" / "other.pdf"
    paper.write_bytes(pdf(SHEETS["one column"]))
    other.write_bytes(pdf([Page()]))
    assert [place.name for place in places([paper, elsewhere], tmp_path)] == [
        "paper.seedlint.pdf",
        "other.seedlint.pdf",
    ]


def test_a_second_run_replaces_the_copy_of_the_first(tmp_path: Path) -> None:
    copy = annotated(tmp_path, SHEETS["one column"])
    assert places([tmp_path / "paper.pdf"], copy.parent) == [copy]
    assert places([copy], copy.parent) == [copy.with_name("paper.seedlint.pdf")], "an annotated copy can be a paper too"


def test_characters_on_one_another_are_one_stretch_and_lines_are_not() -> None:
    upwards = [Box(1, 10, 20, 20, 26), Box(1, 10, 26, 20, 32), Box(1, 10, 32.3, 20, 38)]
    assert stretches(upwards) == [Box(1, 10, 20, 20, 38)]
    assert stretches(upwards[::-1]) == [Box(1, 10, 20, 20, 38)]
    lines = [Box(1, 10, 40, 20, 50), Box(1, 10, 28, 20, 38)]
    assert stretches(lines) == lines
