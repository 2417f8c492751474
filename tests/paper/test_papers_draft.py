"""The draft for a review: courteous, with quotations and pages, and silent on what was not read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from samples import RISKY

pytest.importorskip("spacy")

from seedlint.paper.document import Document, Status
from seedlint.paper.review import Review
from seedlint.report import papers_draft
from seedlint.report.papers_draft import NOTHING, SILENT, paragraph
from seedlint.rulebook import load_rulebook
from seedlint.uses import Use

DOCUMENT = Document("paper.pdf", Status.OK, title="A study", pages=9)
SAFE = replace(RISKY, use=Use.MODEL_SELECTION, sentence="We keep the best of five seeds by dev score.", page=6)
OTHER = replace(RISKY, use=None, sentence="The weights are initialised at random.", page=1)
COMPARED = replace(RISKY, use=Use.PERFORMANCE_COMPARISON, sentence="We report means over five seeds.", page=7)
CHOSEN = replace(SAFE, sentence="Of five seeds we report the best test accuracy.", page=8)
STATED = replace(RISKY, sentence="For lack of time we use one seed.", acknowledged=True, page=5)


def drafted(*uses: object, document: Document = DOCUMENT) -> str:
    return paragraph(Review(document, uses))  # type: ignore[arg-type]


def test_a_risky_sentence_is_quoted_with_its_page_and_followed_by_a_request_of_the_rule_page() -> None:
    draft = drafted(RISKY)
    rule = load_rulebook().find("SL401")
    assert "“We fix the seed to 42.” (p. 4)." in draft
    assert f"I would kindly ask the authors to {rule.help}." in draft
    assert "Bethard (2022)" in draft


def test_the_most_serious_request_comes_first_and_each_is_made_once() -> None:
    draft = drafted(RISKY, COMPARED, CHOSEN, replace(COMPARED, page=9))
    places = [draft.index(one.sentence) for one in (CHOSEN, COMPARED, RISKY)]
    assert places == sorted(places)
    assert draft.count("I would kindly ask the authors to ") == 3
    assert "\n" not in draft


def test_of_many_sentences_the_surest_are_quoted_and_of_the_others_each_page_is_named_once() -> None:
    pages = (2, 3, 3, 8, 8, 9, 1, 1, 5, 6, 7)
    unsure = [replace(RISKY, sentence=f"Seed {n}.", page=page, confidence=0.6) for n, page in enumerate(pages)]
    draft = drafted(*unsure, RISKY)
    assert "“We fix the seed to 42.” (p. 4) and “Seed 0.” (p. 2); similarly on pp. 1, 3, 5, 6, 7, 8 and 9." in draft
    assert draft.count("“Seed") == 1


def test_one_further_page_is_no_plural() -> None:
    uses = (replace(RISKY, page=page, sentence=f"Seed {page}.") for page in (4, 5, 7))
    assert "; similarly on p. 7." in drafted(*uses)


def test_a_sentence_that_stands_twice_on_a_page_is_quoted_once() -> None:
    assert drafted(RISKY, RISKY).count(RISKY.sentence) == 1


def test_a_long_sentence_is_cut_between_words() -> None:
    draft = drafted(replace(RISKY, sentence="seed " * 500))
    assert "seed …” (p. 4)" in draft
    assert len(draft) < 1000


def test_a_stated_risk_is_welcomed_and_asks_for_nothing() -> None:
    draft = drafted(STATED)
    assert "which is welcome; I have no further request" in draft
    assert "kindly ask" not in draft


def test_a_risk_that_is_stated_once_does_not_answer_for_other_sentences() -> None:
    draft = drafted(STATED, RISKY)
    assert draft.index(RISKY.sentence) < draft.index(STATED.sentence)
    assert "The authors state the risk in part, which is welcome." in draft
    assert "kindly ask" in draft


def test_sound_uses_are_named_with_their_pages_beside_a_request_and_alone() -> None:
    assert "also used in ways that are sound: model selection (p. 6)." in drafted(RISKY, SAFE)
    alone = drafted(SAFE, replace(SAFE, page=2), replace(SAFE, use=Use.ENSEMBLE_CREATION))
    assert "sound, model selection (pp. 2 and 6) and ensemble creation (p. 6), and have no request." in alone
    assert "also" not in alone


def test_where_nothing_is_risky_nothing_is_asked_and_silence_is_told_apart() -> None:
    assert drafted(OTHER) == NOTHING
    assert drafted() == SILENT


def test_a_source_without_pages_is_given_none() -> None:
    source = Document("paper.tex", Status.OK)
    draft = drafted(RISKY, replace(RISKY, sentence="b"), replace(RISKY, sentence="c"), SAFE, document=source)
    assert "“We fix the seed to 42.” and “b”." in draft
    assert "p. " not in draft
    assert "pp. " not in draft


def test_of_what_was_not_read_there_is_no_draft_and_of_a_part_it_says_so() -> None:
    scan = Document("scan.pdf", Status.NO_TEXT, "no text on any page", pages=3)
    assert drafted(document=scan) == "[No draft: the file could not be read (no text on any page).]"
    half = Document("half.pdf", Status.PARTIAL, "page 2: damaged", pages=2)
    assert drafted(RISKY, document=half).startswith("[Not all of the file could be read: page 2: damaged.] Results")


def test_the_papers_are_named_below_a_reminder_to_check() -> None:
    first, second, *_ = papers_draft.render([Review(DOCUMENT, (RISKY,))]).split("\n\n")
    assert "check each quotation" in first
    assert second == "paper.pdf (A study)"
