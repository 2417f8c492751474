from __future__ import annotations

import json
from dataclasses import replace

from odd_reports import ACKNOWLEDGED, BROKEN, CLAIM, CLEAN, COMPARISON, HARD_CODED, IN_NOTEBOOK

from seedlint.report import View, render
from seedlint.uses import Place, Report


def diagnostics(report: Report, view: View | None = None) -> list[dict]:
    result = json.loads(render(report, "rdjson", view=view or View()))
    assert result["source"] == {"name": "seedlint"}
    return result["diagnostics"]


def test_a_finding_has_a_range_a_code_and_related_places():
    assert diagnostics(Report(findings=(HARD_CODED,))) == [
        {
            "message": "seed 42 is hard-coded for torch.manual_seed\nmake the seed an option",
            "location": {
                "path": "src/train.py",
                "range": {"start": {"line": 12, "column": 23}, "end": {"line": 12, "column": 25}},
            },
            "severity": "ERROR",
            "code": {"value": "SL101"},
            "related_locations": [
                {
                    "message": "torch.manual_seed(seed) seeds training",
                    "location": {"path": "src/seeding.py", "range": {"start": {"line": 8}}},
                },
                {
                    "message": "seed_all is called with 42",
                    "location": {"path": "src/train.py", "range": {"start": {"line": 12}}},
                },
            ],
        }
    ]


def test_columns_are_bytes_where_the_line_is_known():
    finding = replace(HARD_CODED, place=Place("a.py", 1, 10, 1, 12), text='f("種種", 42)')
    (known,) = diagnostics(Report(findings=(finding,)), View(read_line=lambda path, line, cell: 'f("種種", x, 42)'))
    assert known["location"]["range"] == {"start": {"line": 1, "column": 14}, "end": {"line": 1, "column": 16}}
    (unknown,) = diagnostics(Report(findings=(finding,)))
    assert unknown["location"]["range"] == {"start": {"line": 1}, "end": {"line": 1}}


def test_severities_are_translated_and_rules_linked():
    view = View(rule_url="https://example.org/{code}")
    found = diagnostics(Report(findings=(HARD_CODED, COMPARISON, CLAIM, ACKNOWLEDGED)), view)
    assert [diagnostic["severity"] for diagnostic in found] == ["ERROR", "WARNING", "INFO", "INFO"]
    assert found[1]["code"] == {"value": "SL202", "url": "https://example.org/SL202"}


def test_a_notebook_stands_on_the_line_of_its_json():
    (found,) = diagnostics(Report(findings=(ACKNOWLEDGED,)), IN_NOTEBOOK)
    assert found["location"] == {"path": "study.ipynb", "range": {"start": {"line": 203}}}
    assert found["related_locations"][0]["location"]["range"] == {"start": {"line": 304}}


def test_a_notebook_that_cannot_be_read_has_no_range_and_an_acknowledged_one_its_reason():
    (found,) = diagnostics(Report(findings=(ACKNOWLEDGED,)))
    assert found["location"] == {"path": "study.ipynb"}
    assert found["message"].startswith("acknowledged (one run costs 4,000 GPU hours): cell 2, line 3: seed 42")
    (related,) = found["related_locations"]
    assert related == {"message": "cell 3, line 4: trained here", "location": {"path": "study.ipynb"}}


def test_an_unreadable_file_is_an_error():
    (found,) = diagnostics(BROKEN)
    assert (found["severity"], found["location"]) == ("ERROR", {"path": "old.py"})
    assert diagnostics(CLEAN) == []
