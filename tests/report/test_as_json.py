from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from odd_reports import ACKNOWLEDGED, CLAIM, COMPARISON, FULL, HARD_CODED, REPORTS

from seedlint.report import View, render
from seedlint.uses import Report, Use

CELL = {"type": ["integer", "null"], "minimum": 0}
STEP = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "line": {"type": "integer"}, "cell": CELL, "note": {"type": "string"}},
    "required": ["path", "line", "cell", "note"],
    "additionalProperties": False,
}
USE = {"enum": [use.value for use in Use]}
SPOT = {"type": "integer", "minimum": 1}
KEYS = {
    "findings": {
        "code": {"type": "string", "pattern": "^SL[0-9]{3}$"},
        "name": {"type": "string"},
        "use": USE,
        "severity": {"enum": ["error", "warning", "note"]},
        "confidence": {"enum": ["low", "medium", "high"]},
        "path": {"type": "string"},
        "line": SPOT,
        "column": SPOT,
        "end_line": SPOT,
        "end_column": SPOT,
        "cell": CELL,
        "message": {"type": "string"},
        "help": {"type": "string"},
        "evidence": {"type": "array", "items": STEP},
        "acknowledged": {"type": ["string", "null"]},
    },
    "uses": {
        "use": USE,
        "safe": {"type": "boolean"},
        "path": {"type": "string"},
        "line": SPOT,
        "cell": CELL,
        "evidence": {"type": "array", "items": STEP},
    },
    "errors": {"path": {"type": "string"}, "message": {"type": "string"}},
}
SCHEMA = {
    "type": "object",
    "properties": {
        "version": {"const": 1},
        **{
            key: {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": properties,
                    "required": list(properties),
                    "additionalProperties": False,
                },
            }
            for key, properties in KEYS.items()
        },
    },
    "required": ["version", *KEYS],
    "additionalProperties": False,
}


def rendered(report: Report) -> dict:
    return json.loads(render(report, "json", view=View()))


@pytest.mark.parametrize("name", REPORTS)
def test_the_report_follows_the_documented_schema(name):
    Draft202012Validator(SCHEMA).validate(rendered(REPORTS[name]))


def test_keys_stand_in_the_documented_order():
    document = rendered(FULL)
    assert list(document) == ["version", *KEYS]
    for key, properties in KEYS.items():
        assert {tuple(entry) for entry in document[key]} == {tuple(properties)}


def test_a_finding_says_all_it_knows():
    assert rendered(Report(findings=(HARD_CODED,)))["findings"] == [
        {
            "code": "SL101",
            "name": "hard-coded-seed",
            "use": "fixed_seed",
            "severity": "error",
            "confidence": "high",
            "path": "src/train.py",
            "line": 12,
            "column": 23,
            "end_line": 12,
            "end_column": 25,
            "cell": None,
            "message": "seed 42 is hard-coded for torch.manual_seed",
            "help": "make the seed an option",
            "evidence": [
                {"path": "src/seeding.py", "line": 8, "cell": None, "note": "torch.manual_seed(seed) seeds training"},
                {"path": "src/train.py", "line": 12, "cell": None, "note": "seed_all is called with 42"},
            ],
            "acknowledged": None,
        }
    ]


def test_an_unknown_end_is_the_start():
    (finding,) = rendered(Report(findings=(CLAIM,)))["findings"]
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (1, 1, 1, 1)


def test_a_span_of_several_lines_keeps_its_end_column():
    (finding,) = rendered(Report(findings=(COMPARISON,)))["findings"]
    assert (finding["end_line"], finding["end_column"]) == (9, 2)


def test_cells_and_reasons_are_kept_as_they_are():
    (finding,) = rendered(Report(findings=(ACKNOWLEDGED,)))["findings"]
    assert (finding["cell"], finding["acknowledged"]) == (2, "one run costs\n4,000 GPU hours")
    assert [step["cell"] for step in finding["evidence"]] == [3]


def test_uses_are_listed_safe_and_risky():
    assert [(use["use"], use["safe"], use["line"]) for use in rendered(FULL)["uses"]] == [
        ("fixed_seed", False, 12),
        ("model_selection", True, 4),
    ]


def test_errors_are_listed():
    assert rendered(FULL)["errors"] == [{"path": "broken dir/ü.py", "message": "cannot be decoded:\nbyte 0xff"}]
