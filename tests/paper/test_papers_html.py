"""The page of reviews: sound HTML of one piece, in which nothing from a paper is markup, and which a browser draws."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from samples import RISKY

pytest.importorskip("spacy")

from seedlint.paper.document import Document, Status
from seedlint.paper.review import Review
from seedlint.report import papers_html
from seedlint.report.taxonomy import NAMES, RISKS
from seedlint.rulebook import load_rulebook
from seedlint.uses import Circumstance, Use

VOID = {"meta", "br", "hr", "img", "link", "input"}

SAFE = replace(RISKY, use=Use.MODEL_SELECTION, sentence="We keep the best of five seeds by dev score.", page=6)
OTHER = replace(RISKY, use=None, sentence="The seeds of the list are nouns.", page=1)
PAPER = Review(Document("paper.pdf", Status.OK, title="A study", year=2020, pages=9), (OTHER, SAFE, RISKY))
SCAN = Review(Document("scan.pdf", Status.NO_TEXT, "no text on any page", pages=3))
SOURCE = Review(Document("paper.tex", Status.OK), (RISKY,))


class Page(HTMLParser):
    """What a page holds, and every tag that is not closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def shown(*reviews: Review) -> str:
    return "".join(Page(papers_html.render(reviews)).texts)


@pytest.mark.parametrize("reviews", [(), (PAPER,), (PAPER, SCAN, SOURCE)], ids=["none", "one", "three"])
def test_every_tag_is_closed_and_every_link_leads_to_a_place_on_the_page(reviews: tuple[Review, ...]) -> None:
    page = Page(papers_html.render(reviews))
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    targets = [value for _, name, value in page.attributes if name == "href"]
    assert {target[:1] for target in targets} <= {"#"}
    assert {target[1:] for target in targets} <= set(page.ids)


def test_the_page_needs_nothing_beside_it() -> None:
    text = papers_html.render([PAPER, SCAN])
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name == "src" or name.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_says_its_language_and_its_headings_skip_no_level() -> None:
    page = Page(papers_html.render([PAPER, SCAN, SOURCE]))
    assert ("html", "lang", "en") in page.attributes
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(following <= level + 1 for level, following in pairwise(levels))


def test_nothing_that_a_paper_says_is_markup() -> None:
    bad = '<script>alert("1")</script>&amp;'
    uses = (replace(RISKY, sentence=bad, prev=bad, next=bad, section=bad, why=(bad,)),)
    documents = [
        Document(bad, Status.OK, title=bad, pages=1),
        Document(bad, Status.OK),
        Document(bad, Status.PARTIAL, bad, bad),
    ]
    page = Page(papers_html.render([Review(document, uses) for document in documents]))
    assert page.faults == []
    assert "script" not in page.tags
    assert "".join(page.texts).count(bad) >= 5 * 3 + 2 * 3 + 1


def test_risky_sentences_come_first_with_their_place_and_what_to_do_instead() -> None:
    text = shown(PAPER)
    assert text.index(RISKY.sentence) < text.index(SAFE.sentence) < text.index(OTHER.sentence)
    article = text[text.index("SL401") : text.index(SAFE.sentence)]
    for part in ("page 4", "3 Experiments", RISKY.prev, "fix the seed", "Instead:"):
        assert part in article


def test_text_without_pages_is_given_none() -> None:
    assert "page 4" not in shown(SOURCE)
    assert "3 Experiments" in shown(SOURCE)


def test_what_could_not_be_read_is_never_said_to_have_nothing() -> None:
    alone, beside = shown(SCAN), shown(SCAN, PAPER)
    assert "no-text: could not be read. no text on any page" in alone
    assert "not read" in beside
    assert papers_html.NOTHING not in alone + beside
    assert papers_html.NOTHING in shown(Review(Document("empty.pdf", Status.OK, pages=1)))


def test_what_was_read_in_part_says_so() -> None:
    assert "partial: not all of it could be read. page 2" in shown(
        Review(Document("half.pdf", Status.PARTIAL, "page 2: damaged", pages=2), (RISKY,))
    )


def test_the_overview_counts_the_sentences_of_each_paper() -> None:
    page = papers_html.render([PAPER, SOURCE])
    assert re.findall(r'<td class="number">(\d+)</td>', page) == ["1", "1", "1", "1", "0", "0"]


def test_all_five_uses_are_explained() -> None:
    text = shown(SCAN)
    assert all(name in text for name in NAMES.values())


def test_sentences_stand_under_their_use_with_the_advice_once() -> None:
    text = shown(Review(PAPER.document, (RISKY, replace(RISKY, sentence="Again the seed is 42."), SAFE)))
    assert text.count("SL401 paper-fixed-seed") == 1
    assert text.count(f"Instead: {load_rulebook().find('SL401').help}.") == 2, "under the use, and in the taxonomy"
    assert "Sentences on seeds: 2 risky, 1 safe, 0 other. Primary use: fixed seed." in text


def test_a_choice_by_the_test_data_stands_with_the_risky_uses_and_before_them() -> None:
    chosen = replace(SAFE, sentence="Of five random seeds we report the one with the highest test accuracy.")
    text = shown(Review(PAPER.document, (RISKY, SAFE, chosen)))
    assert text.index("SL404") < text.index(chosen.sentence) < text.index("SL401") < text.index(SAFE.sentence)
    assert f"Why it is risky: {RISKS[Circumstance.PAPER_TEST_SELECTION]}." in text


def test_sentences_in_none_of_the_five_uses_are_folded() -> None:
    folded = papers_html.render([PAPER]).partition("<details>")[2].partition("</details>")[0]
    assert "1 sentence in none of the five uses" in folded
    assert OTHER.sentence in folded
    assert "<details>" not in papers_html.render([SOURCE])
