"""The pages as a browser draws them: nothing is loaded, nothing is wider than the window, all can be read and reached."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from browser import CHROMIUM, draw
from samples import RISKY

pytest.importorskip("spacy")

from seedlint.paper.document import Document, Status
from seedlint.paper.review import Review
from seedlint.paper.survey import Surveyed
from seedlint.report import papers_html, survey_html
from seedlint.uses import Use

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to draw the pages with")

SAFE = replace(RISKY, use=Use.MODEL_SELECTION, sentence="We keep the best of five seeds by dev score.", page=6)
CHOSEN = replace(SAFE, sentence="Of five random seeds we report the one with the highest test accuracy.")
OTHER = replace(RISKY, use=None, sentence="The weights are initialised at random.", page=1)
STATED = replace(RISKY, acknowledged=True, sentence="x" * 500, section="y" * 200)
PAPER = Review(Document("paper.pdf", Status.OK, title="A study", year=2020, pages=9), (OTHER, SAFE, RISKY, CHOSEN))
LONG = Review(Document("z" * 200, Status.PARTIAL, "page 2: damaged", title="t" * 300, pages=3), (STATED, OTHER))
SCAN = Review(Document("scan.pdf", Status.NO_TEXT, "no text on any page", pages=3))
CROWD = Review(Document("crowd.pdf", Status.OK, year=2021, pages=3), (RISKY,) * (survey_html.FEW + 1))
CHART = b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300"><rect width="600" height="300"/></svg>'
SURVEYED = [Surveyed(one.document.path, one, one.document.year) for one in (PAPER, LONG, SCAN, CROWD)]

PAGES = {
    "review": papers_html.render([PAPER, LONG, SCAN]),
    "survey": survey_html.render(SURVEYED, CHART),
}


@pytest.mark.parametrize(("width", "dark"), [(500, False), (1200, True)], ids=["narrow and light", "wide and dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_legible_and_as_wide_as_its_window(tmp_path: Path, name: str, width: int, dark: bool) -> None:
    drawn = draw(PAGES[name], tmp_path, width=width, dark=dark)
    assert drawn.console == []
    assert drawn.loaded == []
    assert drawn.dangling == []
    assert drawn.width <= drawn.window
    assert drawn.dark is dark
    assert drawn.contrast >= 4.5, "WCAG 2.2, 1.4.3"
    assert drawn.headings.count(1) == 1
    assert drawn.headings[0] == 1
    assert all(following <= level + 1 for level, following in pairwise(drawn.headings))
    assert drawn.broken == 0
    assert drawn.articles == PAGES[name].count("<article")


@pytest.mark.parametrize("anchor", ["s12", "rule-SL404", "year-2021", "d4", "use-fixed_seed"])
def test_what_a_link_leads_to_is_unfolded(tmp_path: Path, anchor: str) -> None:
    assert "<details>" in PAGES["survey"]
    assert draw(PAGES["survey"], tmp_path, anchor=anchor).target is True
