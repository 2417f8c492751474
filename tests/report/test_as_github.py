from __future__ import annotations

import re
from dataclasses import replace

from odd_reports import ACKNOWLEDGED, CLAIM, COMPARISON, EMPTY, FULL, HARD_CODED, IN_NOTEBOOK, ODD

from seedlint.report import View, render
from seedlint.uses import FileError, Place, Report


def unescape(text: str) -> str:
    for escaped, plain in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escaped, plain)
    return text


def commands(report: Report, view: View | None = None) -> list[tuple[str, dict[str, str], str]]:
    """Each line as the runner takes it apart."""
    parsed = []
    for line in render(report, "github", view=view or View()).split("\n")[:-1]:
        level, properties, text = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()
        pairs = (pair.split("=", 1) for pair in properties.split(","))
        parsed.append((level, {key: unescape(value) for key, value in pairs}, unescape(text)))
    return parsed


def test_a_finding_is_an_annotation_on_its_span():
    assert commands(Report(findings=(HARD_CODED,))) == [
        (
            "error",
            {
                "file": "src/train.py",
                "line": "12",
                "col": "23",
                "endLine": "12",
                "endColumn": "25",
                "title": "SL101 hard-coded-seed",
            },
            "seed 42 is hard-coded for torch.manual_seed\nmake the seed an option",
        )
    ]


def test_errors_come_first_and_the_acknowledged_last():
    report = Report(findings=(CLAIM, ACKNOWLEDGED, COMPARISON, HARD_CODED), errors=(FileError("x.py", "unreadable"),))
    assert [(level, properties["title"]) for level, properties, _ in commands(report)] == [
        ("error", "seedlint"),
        ("error", "SL101 hard-coded-seed"),
        ("warning", "SL202 seed-only-distribution"),
        ("notice", "SL104 replicability-claim"),
        ("notice", "SL101 hard-coded-seed (acknowledged)"),
    ]


def test_nothing_in_a_file_can_break_out_of_its_command():
    ((level, properties, text),) = commands(Report(findings=(ODD,)))
    assert level == "error"
    assert properties["file"] == "dir, with: 100%/näme\n&<x>.py"
    assert "</failure>, ]]>, 100% &" in text
    assert text.endswith("\ndo <this>: then, that")


def test_escapes_in_a_message_stay_as_they_are():
    finding = replace(HARD_CODED, message="50%0A and %25", help="100%")
    ((_, _, text),) = commands(Report(findings=(finding,)))
    assert text == "50%0A and %25\n100%"


def test_the_name_of_a_stray_file_can_be_printed():
    finding = replace(HARD_CODED, place=Place("caf\udce9.py", 1))
    text = render(Report(findings=(finding,)), "github", view=View())
    assert b"file=caf?.py," in text.encode("utf-8")


def test_several_lines_have_no_columns():
    ((_, properties, _),) = commands(Report(findings=(COMPARISON,)))
    assert {key: properties.get(key) for key in ("line", "endLine", "col")} == {
        "line": "3",
        "endLine": "9",
        "col": None,
    }


def test_a_notebook_says_its_cell_and_an_acknowledged_one_its_reason():
    ((level, properties, text),) = commands(Report(findings=(ACKNOWLEDGED,)))
    assert (level, properties["line"]) == ("notice", "1")
    assert text.startswith("cell 2, line 3: seed 42")
    assert text.endswith("\nAcknowledged: one run costs 4,000 GPU hours")


def test_a_notebook_stands_on_the_line_of_its_json():
    ((_, properties, _),) = commands(Report(findings=(ACKNOWLEDGED,)), IN_NOTEBOOK)
    assert properties["line"] == "203"


def test_nothing_to_say_is_nothing_said():
    assert render(EMPTY, "github", view=View()) == ""
    assert len(commands(FULL)) == 6
