from __future__ import annotations

import csv
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("scipy")

from fabricated import fabricated
from tiny import Tiny

from seedlint.trainer import report
from seedlint.trainer.study import Study

VOID = {"meta", "wbr", "br", "link", "img"}
NASTY = "<script>alert('1')</script> & \"co\" $x$ | %"


class Page(HTMLParser):
    """The elements of a page, which must be closed in their order; SVG's own may close themselves."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str | None = None) -> str:
        return "\n".join(words for where, words in self.words if tag in (None, where))


def html(*studies: Study, seed_is_all: bool = False) -> str:
    return report.page(report.sections(studies, seed_is_all=seed_is_all))


def seeds_only(family: str) -> Study:
    return fabricated(family, space=Tiny.space.held_at(Tiny.space.config(7, 0)))


@pytest.fixture
def no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)


STUDIES = {
    "one": lambda: [fabricated()],
    "two": lambda: [fabricated("a"), fabricated("b", mean=0.6)],
    "halved": lambda: [fabricated("a"), fabricated("b", halved=True)],
    "nasty": lambda: [fabricated(NASTY), fabricated("b")],
    "empty": lambda: [fabricated(n=0)],
    "single trial": lambda: [fabricated(n=1)],
}


@pytest.mark.parametrize("name", STUDIES)
def test_the_page_is_well_formed_and_fetches_nothing(name: str) -> None:
    text = html(*STUDIES[name]())
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.named("html") == [{"lang": "en"}]
    assert page.named("script") == page.named("link") == page.named("img") == []
    assert not re.search(r"https?:|src=|@import|<metadata", text)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', text))


@pytest.mark.parametrize("name", STUDIES)
def test_names_within_the_page_are_unique_and_found(name: str) -> None:
    text = html(*STUDIES[name]())
    ids = [attributes["id"] for _, attributes in Page(text).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text)) <= {(i, "") for i in ids} | {("", i) for i in ids}


def test_tables_and_pictures_can_be_read_aloud() -> None:
    page = Page(html(fabricated("a"), fabricated("b")))
    assert len(page.named("caption")) == len(page.named("table")) > 0
    assert {cell.get("scope") for cell in page.named("th")} == {"col", "row"}
    assert len(page.named("figcaption")) == len(page.named("figure")) == len(page.named("svg"))
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.named("svg"))
    headings = [tag for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert headings == ["h1", "h2", "h2", "h2"]


def test_a_family_is_named_as_it_was_written_and_is_never_markup() -> None:
    page = Page(html(fabricated(NASTY), fabricated("b")))
    assert NASTY in page.text("h2")
    assert NASTY in page.text("h1")
    assert NASTY in page.text("caption").replace("\n", "")


def test_a_study_shows_its_signature_and_counts() -> None:
    study = fabricated(n=9, halved=True)
    text = Page(html(study)).text()
    assert study.signature() in text.replace("\n", "")
    assert "Trials begun: 9; run to their end: 3; diverged, and counted as chance: 0." in text
    assert "Early scores stopped the other 6: halving(factor=3,rungs=2)." in text


def test_a_diverged_trial_is_counted() -> None:
    assert "run to their end: 24; diverged, and counted as chance: 1." in html(fabricated(n=24))


def test_the_test_set_stays_closed_and_nothing_is_trained() -> None:
    studies = [fabricated("a"), fabricated("b")]  # their task raises when it is opened or trained
    assert html(*studies).count("The test set has not been opened.") == 2
    assert [study.store.openings for study in studies] == [[], []]


def test_recorded_openings_of_the_test_set_are_shown() -> None:
    study = fabricated()
    study.store.open_test([3], 0.75, np.ones(50, bool))
    text = Page(html(study)).text()
    assert "The test set was opened 1 time." in text
    assert study.store.openings[0].at in text
    assert "75.0 %" in text
    assert len(study.store.openings) == 1


def test_two_families_are_compared() -> None:
    text = Page(html(fabricated("a"), fabricated("b", mean=0.5))).text()
    assert "Wilcoxon signed-rank test" in text
    assert "The families differ." in text


def test_one_family_is_compared_with_nothing() -> None:
    assert "comparison" not in html(fabricated())


def test_a_comparison_that_is_refused_leaves_its_reason() -> None:
    page = Page(html(fabricated("a"), fabricated("b", halved=True)))
    assert "No comparison of the families: b: early scores decided" in page.text("p")
    assert "No tuning curve: b: early scores decided" in page.text("p")
    assert "No comparison of the families: two studies have one family name" in html(fabricated("a"), fabricated("a"))


def test_families_that_vary_only_the_seed_are_compared_only_where_it_is_said_to_be_all() -> None:
    studies = seeds_only("a"), seeds_only("b")
    assert "SL201" in html(*studies)
    assert "SL201" not in html(*studies, seed_is_all=True)


def test_a_study_without_trials_is_reported_as_such() -> None:
    assert "Trials begun: 0; run to their end: 0" in html(fabricated(n=0))


def test_a_halved_search_is_left_out_of_the_pictures() -> None:
    pytest.importorskip("matplotlib")
    text = Page(html(fabricated("a"), fabricated("b", halved=True))).text("text")
    assert "24 trials: a" in text
    assert "trials: b" not in text


def test_without_matplotlib_tables_remain_and_the_page_says_how_to_get_pictures(
    no_matplotlib: None, tmp_path: Path
) -> None:
    path = report.write([fabricated()], tmp_path)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.named("svg") == []
    assert len(page.named("table")) == 3
    assert "pip install 'seedlint[plots]'" in page.text("p")
    assert not [*tmp_path.glob("*.png"), *tmp_path.glob("*.svg")]


def test_each_table_is_saved_three_times_and_each_picture_twice(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    folder = tmp_path / "new" / "folder"
    assert report.write([fabricated("a"), fabricated("b")], folder) == folder / "report.html"
    names = {file.name for file in folder.iterdir()}
    tables = {
        f"{study}-{what}" for study in ("1-a", "2-b") for what in ("space", "best", "trials", "curve", "whole-curve")
    }
    assert names == {
        "report.html",
        *(f"{table}.{suffix}" for table in {*tables, "families"} for suffix in ("md", "csv", "tex")),
        *(f"{picture}.{suffix}" for picture in ("tuning-curves", "distributions") for suffix in ("png", "svg")),
    }


def test_files_hold_all_trials_and_the_whole_curve_and_the_page_a_part(tmp_path: Path) -> None:
    study = fabricated(n=40)
    page = Page(report.write([study], tmp_path).read_text(encoding="utf-8"))
    with (tmp_path / "1-tiny-trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["validation score"]) for row in rows] == [trial.score for trial in study.trials]
    with (tmp_path / "1-tiny-whole-curve.csv").open(newline="") as file:
        assert [row["n"] for row in csv.DictReader(file)] == [str(n) for n in range(1, 21)]
    assert "The best 10 of 40 trials" in page.text("caption")
    with (tmp_path / "1-tiny-curve.csv").open(newline="") as file:
        assert [row["n"] for row in csv.DictReader(file)] == ["1", "2", "4", "8", "16", "20"]


@pytest.mark.parametrize("name", ["../../outside", "/", "...", "CON", "été", "x" * 300])
def test_any_name_of_a_family_makes_a_file_name(name: str, tmp_path: Path) -> None:
    report.write([fabricated(name)], tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert all(path.is_file() for path in (tmp_path / "out").iterdir())


def test_families_that_differ_in_punctuation_keep_their_own_files(tmp_path: Path) -> None:
    report.write([fabricated("a b"), fabricated("a-b")], tmp_path)
    assert len(list(tmp_path.glob("*-a-b-trials.csv"))) == 2


def test_the_same_studies_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (report.write([fabricated("a"), fabricated("b")], tmp_path / name) for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


def test_a_report_on_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(report.ReportError, match="needs a study"):
        report.write([], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(report.ReportError, match=r"file: File exists"):
        report.write([fabricated()], tmp_path / "file")
