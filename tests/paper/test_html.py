"""HTML pages of papers: what is running text, and what is set apart or left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.paper.document import Kind, Status
from seedlint.paper.html import read_html
from seedlint.paper.source import read, read_text


def blocks(text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, block.text) for block in read_html("a.html", text).blocks]


def test_paragraphs_headings_captions_and_items_are_blocks() -> None:
    page = (
        "<h2>1 Setup</h2><p>We use <b>five</b> seeds &amp; more.<p>Two<br>lines."
        "<figure><img src=x><figcaption>Figure 1: Mean.</figcaption></figure><ul><li>one<li>two</ul>"
    )
    assert blocks(page) == [
        (Kind.HEADING, "1 Setup"),
        (Kind.BODY, "We use five seeds & more."),
        (Kind.BODY, "Two lines."),
        (Kind.CAPTION, "Figure 1: Mean."),
        (Kind.BODY, "one"),
        (Kind.BODY, "two"),
    ]


def test_a_footnote_in_a_paragraph_does_not_cut_its_sentence() -> None:
    inner = '<sup class="ltx_note_mark">1</sup><span class="ltx_note_outer">Aside.</span>'
    note = f'<span class="ltx_note ltx_role_footnote">{inner}</span>'
    assert blocks(f"<p>We use seeds{note} here.</p>") == [(Kind.BODY, "We use seeds here."), (Kind.FOOTNOTE, "Aside.")]


def test_a_formula_is_the_text_of_its_source() -> None:
    assert blocks(r'<p>It is <math alttext="88.1\pm 0.3"><mi>z</mi></math> here.</p>') == [
        (Kind.BODY, "It is 88.1 ± 0.3 here.")
    ]


def test_a_sign_below_in_an_attribute_is_no_tag() -> None:
    assert blocks('<p>A <math alttext="p<0.05"><mi>z</mi></math> value.</p>') == [(Kind.BODY, "A p<0.05 value.")]


@pytest.mark.parametrize(
    "left_out",
    [
        "<script>seed = 1</script>",
        "<style>p {}</style>",
        "<nav>seed menu</nav>",
        "<pre>seed = 1</pre>",
        '<section class="ltx_bibliography"><p>Seed.</p></section>',
        '<section role="doc-bibliography"><p>Seed.</p></section>',
        '<table class="ltx_equation"><tr><td>seed</td></tr></table>',
        "<!-- seed -->",
        '<img alt="" src="data:image/png;base64,AAAA">',
    ],
)
def test_what_is_no_running_text_is_left_out(left_out: str) -> None:
    assert blocks(f"<p>One.</p>{left_out}<p>Two.</p>") == [(Kind.BODY, "One."), (Kind.BODY, "Two.")]


def test_references_are_cut_and_the_appendix_is_read() -> None:
    page = "<h2>References</h2><ol><li>Seed A.</ol><h2>A More</h2><p>Two.</p>"
    assert blocks(page) == [(Kind.HEADING, "A More"), (Kind.BODY, "Two.")]


def test_cells_are_no_sentences_unless_the_page_is_laid_out_by_a_table() -> None:
    prose = "We train each of the models with five seeds and we report the mean of their scores."
    assert blocks(f"<table><tr><td>seed</td><td>{prose}</td></tr></table>") == [
        (Kind.TABLE, "seed"),
        (Kind.BODY, prose),
    ]


def test_title_and_year_come_from_the_head() -> None:
    names = '<meta name="citation_title" content="On Seeds"><meta name="citation_date" content="2019/05">'
    found = read_html("a.html", f"<head><title>Site</title>{names}</head><p>One.</p>")
    assert (found.title, found.year) == ("On Seeds", 2019)
    assert read_html("a.html", "<title>Seeds</title><p>One.").title == "Seeds"
    assert read_html("a.html", '<h1 class="ltx_title ltx_title_document">On Seeds</h1><p>One.').title == "On Seeds"


def test_text_on_standard_input_is_known_as_html_by_its_looks() -> None:
    assert [block.text for block in read_text("<!DOCTYPE html><p>One.</p>").blocks] == ["One."]


def test_a_web_page_called_pdf_is_named(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_text("<!doctype html><p>Not found</p>")
    assert (read(path).status, read(path).reason) == (Status.NOT_A_PDF, "not a PDF but a web page")


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "</div>",
        "<p ",
        "<!--",
        "<![CDATA[",
        "<![foo",
        "<",
        "&",
        '<a b="',
        "<td>x",
        "<h1>",
        "<p>x</b>",
        "<!",
        "<?",
    ],
)
def test_broken_markup_still_ends_and_keeps_what_stands_before(piece: str) -> None:
    assert blocks("<p>One.</p>" + piece * 3_000)[0] == (Kind.BODY, "One.")
