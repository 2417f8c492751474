"""A page is read as a person reads it: column after column, paragraph by paragraph, with nothing of the margins in the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pdfs import Page, Text, column, pdf, wrapped

pytest.importorskip("pdfminer")

from seedlint.paper.document import Block, Document, Kind, Status
from seedlint.paper.pdf import read_pdf

LEFT, RIGHT, TOP = 54.0, 312.0, 680.0
"""Where the columns of a two-column page begin, 40 characters wide."""
PROSE = (
    "The model reads the words of a sentence one after another and keeps what it has read in a vector that it "
    "changes with each of them. What is left in the end is handed to a second network, which says how likely "
    "each of the labels is. Both are trained together until the loss on the development set grows again."
)
FILLER = wrapped(" ".join([PROSE] * 4), 40)


def read(folder: Path, *pages: Page, **information: str) -> Document:
    path = folder / "paper.pdf"
    path.write_bytes(pdf(pages, information))
    document = read_pdf(path)
    assert document.status is Status.OK, document.reason
    return document


def page(*parts: list[Text] | Text, **more: object) -> Page:
    items = [text for part in parts for text in (part if isinstance(part, list) else [part])]
    return Page(tuple(items), **more)  # type: ignore[arg-type]


def words(document: Document) -> str:
    return " ".join(block.text for block in document.blocks)


def block_with(document: Document, part: str) -> Block:
    found = [block for block in document.blocks if part in block.text]
    assert len(found) == 1, [block.text for block in document.blocks]
    return found[0]


def two_columns(left: list[str], right: list[str], top: float = TOP) -> list[Text]:
    return column(LEFT, top, left) + column(RIGHT, top, right)


# Reading order


def test_the_left_column_is_read_before_the_right_one(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        page(two_columns([*FILLER[:20], "This sentence goes on in the other"], ["column of the page.", *FILLER[:20]])),
    )
    assert "This sentence goes on in the other column of the page." in block_with(document, "goes on").text


def test_lines_drawn_in_any_order_are_read_from_the_top(tmp_path: Path) -> None:
    texts = two_columns(FILLER[:24], FILLER[:24])
    shuffled = page(texts[::2][::-1], texts[1::2])
    assert words(read(tmp_path, shuffled)) == words(read(tmp_path, page(texts)))


def test_a_title_over_both_columns_comes_first(tmp_path: Path) -> None:
    title = Text(120, 730, "A Title Over Both Columns of It", 20)
    document = read(tmp_path, page(two_columns(FILLER[:22], FILLER[:22]), title))
    assert document.blocks[0].text == "A Title Over Both Columns of It"
    assert document.title == "A Title Over Both Columns of It"


def test_a_sentence_goes_on_over_a_page_break(tmp_path: Path) -> None:
    first = page(
        column(72, TOP, [*wrapped(PROSE, 60), "Results are averaged over five runs that differ by nothing but"])
    )
    second = page(column(72, TOP, ["their seed. " + "All are shown.", *wrapped(PROSE, 60)]))
    document = read(tmp_path, first, second)
    block = block_with(document, "Results are averaged")
    assert "by nothing but their seed. All are shown." in block.text
    assert block.page_at(block.text.index("nothing")) == 1
    assert block.page_at(block.text.index("their seed")) == 2


def test_a_figure_and_a_footnote_do_not_cut_a_sentence(tmp_path: Path) -> None:
    left = column(LEFT, TOP, [*FILLER[:30], "The scores of every run are shown in the"])
    note = column(
        LEFT,
        300,
        ["1 The code can be had from the authors of", "the paper, who keep it in a safe place."],
        size=8,
        leading=9,
    )
    caption = column(RIGHT, TOP, wrapped("Figure 1: Scores of five runs, each from a seed of its own.", 40))
    right = column(RIGHT, 640, ["table of the appendix, and nowhere else.", *FILLER[:28]])
    document = read(tmp_path, page(left, note, caption, right))
    assert "are shown in the table of the appendix" in block_with(document, "of every run").text
    assert block_with(document, "The code can be had").kind is Kind.FOOTNOTE
    assert block_with(document, "Figure 1").kind is Kind.CAPTION
    assert block_with(document, "Figure 1").text == "Figure 1: Scores of five runs, each from a seed of its own."


def test_paragraphs_are_blocks_of_their_own(tmp_path: Path) -> None:
    lines = column(72, TOP, wrapped(PROSE, 60)) + column(72, 560, wrapped("A second one begins here. " + PROSE, 60))
    assert [block.kind for block in read(tmp_path, page(lines)).blocks] == [Kind.BODY, Kind.BODY]


def test_captions_side_by_side_are_two(tmp_path: Path) -> None:
    left = column(72, 600, ["(a) Accuracy of the first model,", "over two random seeds."], size=9)
    right = column(300, 600, ["(b) Accuracy of the second model,", "over three random seeds."], size=9)
    document = read(tmp_path, page(column(72, TOP, wrapped(PROSE, 60)), left, right))
    assert block_with(document, "first model").text == "(a) Accuracy of the first model, over two random seeds."
    assert block_with(document, "second model").text == "(b) Accuracy of the second model, over three random seeds."


def test_text_flows_around_a_float_beside_it(tmp_path: Path) -> None:
    before = column(72, TOP, wrapped(PROSE, 72))
    narrow = column(
        72,
        600,
        [
            "We train all of our models until they",
            "do not get any better, from one seed",
            "and then again from four other seeds.",
        ],
    )
    caption = column(330, 600, ["Figure 2: Scores of the models", "on the data of each of them."], size=9)
    document = read(tmp_path, page(before, narrow, caption))
    assert "until they do not get any better, from one seed and then again" in block_with(document, "We train").text
    assert block_with(document, "Figure 2").text == "Figure 2: Scores of the models on the data of each of them."


# Line numbers


def numbers(x: float, first: int, count: int, step: int = 1, width: int = 3) -> list[Text]:
    lines = [f"{number:0{width}d}" for number in range(first, first + count * step, step)]
    return column(x, TOP, lines, size=7, leading=12.0 * step if step > 1 else 12.0)


MARGINS = {
    "left": numbers(24, 1, 24),
    "right": numbers(570, 1, 24),
    "both": numbers(24, 1, 24) + numbers(570, 25, 24),
    "gutter": numbers(24, 1, 24) + numbers(297, 25, 24),
    "every fifth": numbers(24, 5, 8, step=5),
    "without noughts": numbers(24, 1, 24, width=1),
}


@pytest.mark.parametrize("margin", MARGINS)
def test_line_numbers_never_stand_in_the_text(tmp_path: Path, margin: str) -> None:
    texts = two_columns(FILLER[:24], FILLER[:24])
    plain = words(read(tmp_path, page(texts)))
    assert words(read(tmp_path, page(texts, MARGINS[margin]))) == plain


def test_line_numbers_drawn_with_each_line_are_found_too(tmp_path: Path) -> None:
    texts, ruler = column(72, TOP, wrapped(" ".join([PROSE] * 3), 60)), numbers(40, 1, 15)
    mixed = [text for pair in zip(ruler, texts, strict=False) for text in pair]
    assert "0" not in words(read(tmp_path, page(mixed)))


def test_the_few_line_numbers_of_a_short_last_page_are_known_by_the_pages_before(tmp_path: Path) -> None:
    full = page(two_columns(FILLER[:24], FILLER[:24]), numbers(24, 1, 24))
    short = page(column(LEFT, TOP, FILLER[:3]), numbers(24, 49, 3))
    document = read(tmp_path, full, short)
    assert not any(character.isdigit() for character in words(document))


def test_a_column_of_growing_numbers_inside_the_text_stays(tmp_path: Path) -> None:
    rows = [Text(300, TOP - 200 - 12 * number, str(number + 1)) for number in range(10)]
    names = [
        Text(72, TOP - 200 - 12 * number, f"data set {'abcdefghij'[number]} of them, as it is known")
        for number in range(10)
    ]
    above = column(72, TOP, wrapped(PROSE, 60))
    document = read(tmp_path, page(above, rows, names))
    assert "10" in words(document)


# Margins


def test_running_heads_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    def numbered(number: int) -> Page:
        head = Text(200, 760, f"Submission {number} to a conference")
        return page(
            head, column(72, TOP, wrapped(f"Page {'abc'[number]} has words. " + PROSE, 60)), Text(300, 40, str(number))
        )

    text = words(read(tmp_path, numbered(0), numbered(1), numbered(2)))
    assert "Submission" not in text
    assert not any(character.isdigit() for character in text)
    assert "Page a has words" in text


def test_the_number_of_the_last_line_is_not_taken_for_a_page_number(tmp_path: Path) -> None:
    document = read(tmp_path, page(column(72, TOP, [*wrapped(PROSE, 60), "We ran it 42"]), Text(300, 40, "7")))
    assert "We ran it 42" in words(document)


def test_the_stamp_in_the_margin_is_no_text_but_gives_the_year(tmp_path: Path) -> None:
    stamp = Text(30, 200, "arXiv:1712.01234v1 [cs.CL] 4 Dec 2017", 16, turn=1)
    document = read(tmp_path, page(column(72, TOP, wrapped(PROSE, 60)), stamp), CreationDate="D:20200101000000")
    assert "arXiv" not in words(document)
    assert document.year == 2017


# Words


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["We use a large hyper-", "parameter search."], "We use a large hyperparameter search."),
        (
            ["This is a state-of-the-", "art model of the art of the time."],
            "This is a state-of-the-art model of the art of the time.",
        ),
        (
            ["We try self-training. It is called self-", "training by many."],
            "We try self-training. It is called self-training by many.",
        ),
        (["It is the Bi-", "LSTM that learns."], "It is the Bi-LSTM that learns."),
        (["The scores of 3-", "fold validation."], "The scores of 3- fold validation."),
    ],
)
def test_words_broken_at_a_lines_end_are_mended_by_the_papers_own_words(
    tmp_path: Path, lines: list[str], whole: str
) -> None:
    assert block_with(read(tmp_path, page(column(72, TOP, lines))), lines[0][:5]).text == whole


def test_ligatures_are_letters_each_with_a_place(tmp_path: Path) -> None:
    block = read(tmp_path, page(Text(100, 600, "a ﬁxed eﬃcient seed"))).blocks[0]
    assert block.text == "a fixed efficient seed"
    (line,) = block.lines
    assert len(line.edges) == len(block.text) + 1
    assert line.edges[2:5] == pytest.approx((112.0, 115.0, 118.0))
    assert list(line.edges) == sorted(line.edges)


def test_a_footnotes_mark_is_left_out(tmp_path: Path) -> None:
    note = [Text(72, 103, "3", 5), Text(75.5, 100, "The seeds are in the appendix of it.", 8)]
    document = read(tmp_path, page(column(72, TOP, wrapped(PROSE, 60)), note))
    assert block_with(document, "seeds are in").text == "The seeds are in the appendix of it."


def test_the_mark_of_a_footnote_stays_out_of_the_sentence_and_an_exponent_in_it(tmp_path: Path) -> None:
    first = [Text(72, 600, "We fix the seed", 10), Text(162, 603.5, "2", 6), Text(166, 600, ". It is the default.", 10)]
    end = first[-1].end
    second = [Text(end, 603.5, "13", 6), Text(end + 12, 600, "Errors grow with n", 10)]
    third = [Text(second[-1].end, 603.5, "2", 6), Text(second[-1].end + 4, 600, " here.", 10)]
    block = block_with(read(tmp_path, page(first, second, third)), "fix the seed")
    assert block.text == "We fix the seed. It is the default. Errors grow with n2 here."
    (line,) = block.lines
    assert line.edges[block.text.index("Errors")] == pytest.approx(end + 12, abs=0.2)


def test_each_footnote_is_a_block_of_its_own(tmp_path: Path) -> None:
    notes = [
        Text(72, 112, "3", 5),
        Text(75.5, 109, "The seeds are drawn from the clock and so", 8),
        Text(72, 103, "4", 5),
        Text(75.5, 100, "The code is kept in a safe place of it", 8),
    ]
    document = read(tmp_path, page(column(72, TOP, wrapped(PROSE, 60)), notes))
    assert block_with(document, "drawn from").text == "The seeds are drawn from the clock and so"
    assert block_with(document, "safe place").kind is Kind.FOOTNOTE


@pytest.mark.parametrize("bullet", ["\u2022", "\u2013", "(i)", "(2)", "3.", "b)"])
def test_a_bullet_is_no_part_of_its_item(tmp_path: Path, bullet: str) -> None:
    items = [
        *column(72, TOP, wrapped(PROSE, 60)),
        Text(72, 590, f"{bullet} We fix the seed of the first model that we train,", 10),
        Text(72, 578, "and that of every other one.", 10),
    ]
    block = block_with(read(tmp_path, page(items)), "We fix the seed")
    assert block.text == "We fix the seed of the first model that we train, and that of every other one."
    assert block.lines[0].edges[0] == pytest.approx(72 + 6 * (len(bullet) + 1), abs=0.2)
    assert block.boxes(block.text.index("and that"), len(block.text))[0].y0 < 580


def test_a_numbered_line_of_italics_is_a_heading(tmp_path: Path) -> None:
    lines = [
        *column(72, TOP, wrapped(PROSE, 60)),
        Text(72, 605, "2.1. Random seeds", 10, "italic"),
        *column(72, 593, wrapped(PROSE, 60)),
    ]
    document = read(tmp_path, page(lines))
    assert [(block.kind, block.section) for block in document.blocks] == [
        (Kind.BODY, ""),
        (Kind.HEADING, "2.1. Random seeds"),
        (Kind.BODY, "2.1. Random seeds"),
    ]


def test_a_numbered_line_in_capitals_is_a_heading(tmp_path: Path) -> None:
    lines = [*wrapped(PROSE, 60), "II. SYSTEM AND ITS", "PARAMETERS", *wrapped(PROSE, 60)]
    document = read(tmp_path, page(column(72, TOP, lines)))
    assert [(block.kind, block.section) for block in document.blocks] == [
        (Kind.BODY, ""),
        (Kind.HEADING, "II. SYSTEM AND ITS PARAMETERS"),
        (Kind.BODY, "II. SYSTEM AND ITS PARAMETERS"),
    ]


@pytest.mark.parametrize("heading", ["RESULTS", "Introduction", "3 Experimental setup"])
def test_a_line_that_names_a_section_is_a_heading_whatever_its_type(tmp_path: Path, heading: str) -> None:
    lines = [*wrapped(PROSE, 60), heading, *wrapped(PROSE, 60)]
    document = read(tmp_path, page(column(72, TOP, lines)))
    assert [block.kind for block in document.blocks] == [Kind.BODY, Kind.HEADING, Kind.BODY]


def test_a_caption_needs_no_colon_where_its_type_is_small(tmp_path: Path) -> None:
    body = column(72, TOP, [*wrapped(PROSE, 60), "Fig. 2 Shows no caption, but a sentence."])
    small = column(72, 500, ["Fig. 1 Scores of five seeds", "on the test set"], size=8, leading=9)
    document = read(tmp_path, page(body, small))
    assert block_with(document, "five seeds").kind is Kind.CAPTION
    assert block_with(document, "five seeds").text == "Fig. 1 Scores of five seeds on the test set"
    assert block_with(document, "Shows no caption").kind is Kind.BODY


def test_a_caption_without_a_stop_ends_where_a_gap_follows_its_short_last_line(tmp_path: Path) -> None:
    caption = column(
        72, TOP, ["Figure 1: Scores of five runs, each of which has a seed of its own", "and its own data"]
    )
    text = column(72, TOP - 27, wrapped(PROSE, 60))
    document = read(tmp_path, page(caption, text))
    assert block_with(document, "Figure 1").text.endswith("and its own data")
    assert block_with(document, "The model reads").kind is Kind.BODY


def test_a_caption_goes_on_below_its_label(tmp_path: Path) -> None:
    caption = column(72, TOP, ["TABLE 1.", "Scores of five runs, each of which has a seed of its own"], leading=15)
    document = read(tmp_path, page(caption, column(72, TOP - 60, wrapped(PROSE, 60))))
    assert block_with(document, "TABLE 1").text == "TABLE 1. Scores of five runs, each of which has a seed of its own"


def test_a_large_digit_does_not_part_a_line_from_its_paragraph(tmp_path: Path) -> None:
    first = Text(72, 500, "Figure 1: Scores of five seeds on the test set, and the net has ", 8)
    lines = [first, Text(first.end, 500, "24", 10), *column(72, 491, ["hidden layers in each of its stages"], size=8)]
    document = read(tmp_path, page(column(72, TOP, wrapped(PROSE, 60)), lines))
    assert block_with(document, "five seeds").text.endswith("24 hidden layers in each of its stages")


def test_words_in_small_capitals_stay_whole(tmp_path: Path) -> None:
    document = read(
        tmp_path, page(Text(72, 600, "R", 10), Text(78, 600, "ELIC", 8), Text(104, 600, "is a model of images.", 10))
    )
    assert words(document) == "RELIC is a model of images."


# What a block is


def test_sections_are_told_by_the_headings_above(tmp_path: Path) -> None:
    texts = [
        *column(72, TOP, ["1 Introduction"], 12, font="bold"),
        *column(72, 660, wrapped("First of all. " + PROSE, 60)),
        *column(72, 560, ["2 Experiments"], 12, font="bold"),
        *column(72, 540, wrapped("Then again. " + PROSE, 60)),
    ]
    document = read(tmp_path, page(texts))
    assert [(block.kind, block.section) for block in document.blocks] == [
        (Kind.HEADING, "1 Introduction"),
        (Kind.BODY, "1 Introduction"),
        (Kind.HEADING, "2 Experiments"),
        (Kind.BODY, "2 Experiments"),
    ]


def test_references_are_left_out_and_the_appendix_is_read(tmp_path: Path) -> None:
    texts = [
        *column(72, TOP, wrapped(PROSE, 60)),
        *column(72, 600, ["References"], 12, font="bold"),
        *column(72, 580, ["A. Author. A book about seeds. 2017.", "B. Writer. Another one. 2018."]),
        *column(72, 540, ["A Details of training"], 12, font="bold"),
        *column(72, 520, wrapped("The seeds were one to five. " + PROSE, 60)),
    ]
    text = words(read(tmp_path, page(texts)))
    assert "book about seeds" not in text
    assert "The seeds were one to five." in text


def test_the_rows_of_a_table_are_no_running_text(tmp_path: Path) -> None:
    cells = [Text(72 + 100 * cell, 500 - 12 * row, f"{row}{cell}.5") for row in range(4) for cell in range(4)]
    caption = column(72, 440, wrapped("Table 2: Mean and standard deviation over ten runs of each of the models.", 60))
    document = read(tmp_path, page(column(72, TOP, wrapped(PROSE, 60)), cells, caption))
    assert [block.kind for block in document.blocks] == [Kind.BODY, Kind.TABLE, Kind.CAPTION]
    assert document.blocks[1].text.splitlines()[0] == "00.5 01.5 02.5 03.5"


# Places


def test_a_box_is_where_the_words_are_drawn(tmp_path: Path) -> None:
    block = read(tmp_path, page(Text(100, 600, "We fix the seed to 42."))).blocks[0]
    (box,) = block.boxes(block.text.index("seed"), block.text.index("seed") + 4)
    assert (box.page, box.x0, box.x1) == (1, pytest.approx(166), pytest.approx(190))
    assert box.y0 < 600 < box.y1


def test_boxes_are_in_the_coordinates_of_the_file_where_the_page_is_shifted(tmp_path: Path) -> None:
    block = read(tmp_path, page(Text(-150, 150, "We fix the seed."), box=(-200, 100, 412, 892))).blocks[0]
    (box,) = block.boxes(0, 2)
    assert (box.x0, box.x1) == (pytest.approx(-150), pytest.approx(-138))
    assert box.y0 < 150 < box.y1


@pytest.mark.parametrize(("turn", "x", "y"), [(1, 300.0, 100.0), (2, 500.0, 400.0), (3, 300.0, 600.0)])
def test_turned_text_is_read_along_its_line_and_its_boxes_are_where_it_stands(
    tmp_path: Path, turn: int, x: float, y: float
) -> None:
    across = {1: (12, 0), 2: (0, 12), 3: (-12, 0)}[turn]
    lines = wrapped(PROSE, 60)
    texts = [Text(x + across[0] * n, y + across[1] * n, line, turn=turn) for n, line in enumerate(lines)]
    block = read(tmp_path, page(texts, rotate=90 * turn)).blocks[0]
    assert block.text == PROSE
    first = block.boxes(0, 3)
    corners = (
        [value for box in first for value in (box.x0, box.x1)],
        [value for box in first for value in (box.y0, box.y1)],
    )
    along, side = {1: (corners[1], corners[0]), 2: (corners[0], corners[1]), 3: (corners[1], corners[0])}[turn]
    start, base = {1: (y, x), 2: (x, y), 3: (y, x)}[turn]
    assert (min(along), max(along)) == ((start, start + 18) if turn == 1 else (start - 18, start))
    assert min(side) < base < max(side)


def test_a_turned_table_is_read_beside_upright_text(tmp_path: Path) -> None:
    caption = [
        Text(400 + 12 * number, 100, line, turn=1) for number, line in enumerate(wrapped("Table 3: " + PROSE, 80))
    ]
    document = read(tmp_path, page(column(72, TOP, wrapped("Upright. " + PROSE, 40)), caption))
    assert block_with(document, "Table 3").kind is Kind.CAPTION
    assert block_with(document, "Table 3").text == "Table 3: " + PROSE


# The paper


def test_a_stale_title_in_the_metadata_is_not_believed(tmp_path: Path) -> None:
    texts = [Text(100, 720, "How Seeds Were Fixed", 18), *column(72, TOP, wrapped(PROSE, 60))]
    assert read(tmp_path, page(texts), Title="Instructions for Authors").title == "How Seeds Were Fixed"
    assert read(tmp_path, page(texts), Title="How Seeds were Fixed").title == "How Seeds were Fixed"


def test_the_year_is_that_of_the_venue_before_that_of_the_file(tmp_path: Path) -> None:
    texts = [*column(72, TOP, wrapped(PROSE, 60)), Text(72, 40, "Proceedings of the 2019 Meeting, pages 12-20", 8)]
    assert read(tmp_path, page(texts), CreationDate="D:20220101000000").year == 2019
    assert read(tmp_path, page(texts[:-1]), CreationDate="D:20220101000000").year == 2022
