"""Markdown: what is running text, and which markup goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.paper.document import Kind, Status
from seedlint.paper.markdown import inline, read_markdown
from seedlint.paper.source import read


def blocks(text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, block.text) for block in read_markdown("a.md", text).blocks]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("We use *five* __random__ ~~old~~ ***seeds***.", "We use five random old seeds."),
        ("See [our code](https://x.y/z_(1)) and [that][ref].", "See our code and that."),
        ("The option `seed_all=42` is set.", "The option seed_all=42 is set."),
        (r"It is $88.1 \pm 0.3$ here.", "It is 88.1 ± 0.3 here."),
        ("It costs $5 and $6.", "It costs $5 and $6."),
        ("As in [@smith2020; @lee] we do.", "As in [1] we do."),
        ("A name_with_bars and 2*3.", "A name_with_bars and 23."),
        ("A<br/> tag and a note[^1].", "A tag and a note."),
        (r"An \*escaped\* star.", "An *escaped* star."),
    ],
)
def test_markup_goes_and_text_stays(source: str, text: str) -> None:
    assert inline(source) == text


def test_headings_paragraphs_items_captions_and_footnotes_are_blocks() -> None:
    text = (
        "# Setup\nOne\ngoes on.\n\n- first\n- second\n  goes on\n1. third\n\nResults\n-------\nTwo.[^a]\n\n"
        "Figure 2: Bars are std.\n\n[^a]: Over 5 runs.\n"
    )
    assert blocks(text) == [
        (Kind.HEADING, "Setup"),
        (Kind.BODY, "One goes on."),
        (Kind.BODY, "first"),
        (Kind.BODY, "second goes on"),
        (Kind.BODY, "third"),
        (Kind.HEADING, "Results"),
        (Kind.BODY, "Two."),
        (Kind.CAPTION, "Figure 2: Bars are std."),
        (Kind.FOOTNOTE, "Over 5 runs."),
    ]


def test_code_comments_and_displayed_formulas_are_left_out() -> None:
    text = "One.\n\n```python\nseed = 1\n```\n\n    seed = 2\n\n<!-- seed\n3 -->\n$$\nseed\n$$\nTwo."
    assert blocks(text) == [(Kind.BODY, "One."), (Kind.BODY, "Two.")]


def test_the_rows_of_a_table_are_no_sentences() -> None:
    assert [kind for kind, _ in blocks("| seed | F |\n|---|---|\n| ours | 0.1 |")] == [Kind.TABLE, Kind.TABLE]


def test_the_text_of_a_picture_is_a_caption() -> None:
    assert blocks("![Mean over five runs with bars](a.png)") == [(Kind.CAPTION, "Mean over five runs with bars")]


def test_references_are_cut_up_to_the_next_heading() -> None:
    assert blocks("One.\n\n## References\nSeed.\n\n# Appendix\nTwo.") == [
        (Kind.BODY, "One."),
        (Kind.HEADING, "Appendix"),
        (Kind.BODY, "Two."),
    ]


def test_title_and_year_come_from_the_front_matter_or_the_first_heading() -> None:
    found = read_markdown("a.md", '---\ntitle: "On Seeds"\ndate: 2022-03-01\n---\nOne.')
    assert (found.title, found.year) == ("On Seeds", 2022)
    assert read_markdown("a.md", "# On *Seeds*\nOne.").title == "On Seeds"


def test_an_empty_file_has_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("\n\n")
    assert read(path).status is Status.NO_TEXT


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "`", "*", "$a", "<a", "![", "<!--", "> ", "[^a]", "_a", "[@", "- a\n", "```\n"]
)
def test_markup_that_is_never_closed_still_ends(piece: str) -> None:
    assert read_markdown("a.md", "One. " + piece * 5_000).path == "a.md"
