from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from odd_reports import ACKNOWLEDGED, BROKEN, CLEAN, EMPTY, FULL, HARD_CODED, IN_NOTEBOOK, ODD, REPORTS

from seedlint.report import View, render
from seedlint.uses import Place, Report


def suite(report: Report, view: View | None = None) -> ElementTree.Element:
    root = ElementTree.fromstring(render(report, "junit", view=view or View()).encode("utf-8"))
    assert root.tag == "testsuites"
    (only,) = root
    return only


@pytest.mark.parametrize("name", REPORTS)
def test_the_suite_counts_its_cases(name):
    cases = suite(REPORTS[name])
    assert cases.get("tests") == str(len(cases))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert cases.get(attribute) == str(len(cases.findall(f"testcase/{tag}")))
    assert all(case.get("classname") and case.get("name") for case in cases)


def test_a_finding_is_a_failure_that_explains_itself():
    (case,) = suite(Report(findings=(HARD_CODED,)))
    assert (case.get("classname"), case.get("name")) == ("src/train.py", "SL101 hard-coded-seed at 12:23")
    (failure,) = case
    assert (failure.get("type"), failure.get("message")) == ("error", "seed 42 is hard-coded for torch.manual_seed")
    for part in (
        "src/train.py:12:23: seed 42",
        "seed_all(42)",
        "src/seeding.py:8  torch",
        "help: make the seed an option",
    ):
        assert part in failure.text


def test_markup_and_control_characters_stay_text():
    (case,) = suite(Report(findings=(ODD,)))
    (failure,) = case
    assert "</failure>, ]]>, 100% & \ufffd[31mcolour\ufffd[0m, \ufffd and 種" in failure.get("message")
    assert 'x = "</failure>]]>\ufffd種" % 42' in failure.text


def test_the_name_of_a_stray_file_stays_valid_xml():
    (case,) = suite(Report(findings=(replace(HARD_CODED, place=Place("caf\udce9.py", 1)),)))
    assert (case.get("classname"), case.get("file")) == ("caf\ufffd.py", "caf\ufffd.py")


def test_an_acknowledged_finding_is_skipped_with_its_reason():
    (case,) = suite(Report(findings=(ACKNOWLEDGED,)))
    (skipped,) = case
    assert (skipped.tag, skipped.get("message")) == ("skipped", "acknowledged: one run costs 4,000 GPU hours")
    assert case.get("name") == "SL101 hard-coded-seed at cell 2:3:8"
    assert case.get("line") is None


def test_a_notebook_stands_on_the_line_of_its_json():
    (case,) = suite(Report(findings=(ACKNOWLEDGED,)), IN_NOTEBOOK)
    assert case.get("line") == "203"


def test_an_unreadable_file_is_an_error():
    (case,) = suite(BROKEN)
    assert (case.get("classname"), case[0].tag) == ("old.py", "error")
    assert "print without parentheses" in case[0].get("message")


def test_a_run_with_nothing_to_say_is_one_passed_case():
    for report, name in ((CLEAN, "no findings in 7 files"), (EMPTY, "no findings in 0 files")):
        (case,) = suite(report)
        assert (case.get("name"), len(case)) == (name, 0)
    assert len(suite(FULL)) == 6
