from __future__ import annotations

import json

import pytest
from odd_reports import ACKNOWLEDGED, BROKEN, CLAIM, CLEAN, COMPARISON, FULL, HARD_CODED, IN_NOTEBOOK, REPORTS

from seedlint.report import View, render
from seedlint.uses import Report


def issues(report: Report, view: View | None = None) -> list[dict]:
    return json.loads(render(report, "gitlab", view=view or View()))


@pytest.mark.parametrize("name", REPORTS)
def test_every_issue_has_what_the_widget_needs(name):
    for issue in issues(REPORTS[name]):
        assert list(issue) == ["description", "check_name", "fingerprint", "severity", "location"]
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert "\n" not in issue["description"]


def test_fingerprints_are_unique_even_for_equal_lines():
    twice = Report(findings=(HARD_CODED, HARD_CODED, *FULL.findings), errors=FULL.errors + BROKEN.errors)
    marks = [issue["fingerprint"] for issue in issues(twice)]
    assert len(set(marks)) == len(marks) == 9


def test_severities_are_translated():
    found = issues(Report(findings=(HARD_CODED, COMPARISON, CLAIM, ACKNOWLEDGED)))
    assert [issue["severity"] for issue in found] == ["major", "minor", "info", "info"]


def test_a_finding_names_its_rule_and_place():
    (issue,) = issues(Report(findings=(COMPARISON,)))
    assert issue["check_name"] == "seed-only-distribution"
    assert issue["description"].startswith("SL202 seed-only-distribution: the scores of 5 runs")
    assert issue["location"] == {"path": "compare.py", "lines": {"begin": 3, "end": 9}}


def test_an_acknowledged_finding_says_why():
    (issue,) = issues(Report(findings=(ACKNOWLEDGED,)))
    assert issue["description"].startswith("cell 2, line 3: SL101")
    assert issue["description"].endswith("(acknowledged: one run costs 4,000 GPU hours)")
    assert issue["location"]["lines"] == {"begin": 1}


def test_a_notebook_stands_on_the_line_of_its_json():
    (issue,) = issues(Report(findings=(ACKNOWLEDGED,)), IN_NOTEBOOK)
    assert issue["location"]["lines"] == {"begin": 203}


def test_an_unreadable_file_is_an_issue_and_a_clean_run_an_empty_list():
    (issue,) = issues(BROKEN)
    assert (issue["check_name"], issue["location"]["path"]) == ("unreadable-file", "old.py")
    assert issues(CLEAN) == []
