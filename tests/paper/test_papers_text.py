"""The report on papers for a terminal: advice once, nothing hidden without a word, nothing that moves the cursor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from samples import RISKY

pytest.importorskip("spacy")

from seedlint.paper.document import Document, Status
from seedlint.paper.review import PaperUse, Review
from seedlint.report.papers_text import CAUTION, LEFT_OUT, render
from seedlint.report.taxonomy import RISKS
from seedlint.rulebook import load_rulebook
from seedlint.uses import Circumstance, Use

SAFE = replace(RISKY, use=Use.MODEL_SELECTION, sentence="We keep the best of five seeds by dev score.", page=6)
LONG = replace(RISKY, sentence="We fix the random seed of every single network to 42 in each experiment. " * 4)


def paper(*uses: PaperUse, status: Status = Status.OK, reason: str = "", path: str = "paper.pdf") -> Review:
    return Review(Document(path, status, reason, pages=9), uses)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_each_risky_sentence_has_its_place_its_words_why_and_what_instead() -> None:
    shown = flat(render([paper(RISKY)]))
    assert "paper.pdf: 9 pages; sentences on seeds: 1 risky, 0 safe, 0 other; primary use: fixed seed" in shown
    assert "page 4, 3 Experiments: fixed seed (risky, SL401 paper-fixed-seed, confidence 0.90)" in shown
    assert f"“{RISKY.sentence}” = decided by: fix the seed" in shown
    assert f"= why: {RISKS[Circumstance.PAPER_FIXED]} = instead: {load_rulebook().find('SL401').help}" in shown


def test_the_advice_of_a_rule_is_given_once_for_each_paper() -> None:
    assert render([paper(RISKY, RISKY, RISKY)]).count("= instead: ") == 1
    assert render([paper(RISKY), paper(RISKY)]).count("= instead: ") == 2


def test_the_advice_stands_where_the_risk_is_not_stated() -> None:
    stated = replace(RISKY, acknowledged=True, sentence="One seed, for lack of time.")
    shown = render([paper(stated, RISKY)])
    assert "risk stated)" in flat(shown)
    assert shown.index(stated.sentence) < shown.index(RISKY.sentence) < shown.index("= instead: ")


def test_words_within_words_are_given_once() -> None:
    why = ("mean over five seeds", "mean", "five seeds", "deviation")
    assert "= decided by: mean over five seeds, deviation\n" in render([paper(replace(RISKY, why=why))])


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_asked_for(width: int) -> None:
    lines = render([paper(LONG, SAFE)], show_all=True, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert "SL401 paper-fixed-seed" in flat("\n".join(lines)), "no name is broken at its hyphens"


def test_safe_uses_are_shown_when_asked_for_and_else_said_to_be_left_out() -> None:
    assert SAFE.sentence not in render([paper(SAFE)])
    assert LEFT_OUT in flat(render([paper(SAFE)]))
    assert SAFE.sentence in render([paper(SAFE)], show_all=True)
    assert LEFT_OUT not in flat(render([paper(SAFE)], show_all=True) + render([paper(RISKY)]))


def test_a_sentence_on_seeds_in_none_of_the_five_uses_is_called_other() -> None:
    other = replace(RISKY, use=None, sentence="The weights are initialised at random.")
    assert "other (none of the five uses, confidence 0.90)" in render([paper(other)], show_all=True)


def test_the_report_says_that_it_is_no_verdict_unless_there_is_nothing_in_it() -> None:
    assert CAUTION in flat(render([paper(RISKY)]))
    assert CAUTION not in flat(render([paper(status=Status.NO_TEXT, reason="no text on any page")]))


def test_what_was_not_read_is_not_said_to_hold_nothing() -> None:
    shown = render([paper(status=Status.NO_TEXT, reason="no text on any page")])
    assert shown == "paper.pdf: could not be read\n  no-text: no text on any page\n\n"
    assert "no sentence on seeds was found" in render([paper()])
    assert "not all of them read" in render([paper(RISKY, status=Status.PARTIAL, reason="page 2: damaged")])


def test_a_paper_cannot_send_commands_to_the_terminal() -> None:
    odd = "a\x1b[2Jb\u202ec"
    use = replace(RISKY, sentence=odd, section=odd, why=(odd,))
    shown = render([paper(use, status=Status.PARTIAL, reason=odd, path=odd)])
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.count("a?[2Jb?c") == 5


def test_text_without_pages_is_given_none() -> None:
    shown = render([Review(Document("paper.tex", Status.OK), (RISKY,))])
    assert "  3 Experiments: fixed seed" in shown
    assert "page" not in shown
