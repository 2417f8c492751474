"""`seedlint rules` and `seedlint explain`, as a user sees them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from seedlint.cli.explain import explain
from seedlint.cli.rules import rules
from seedlint.rulebook import load_rulebook


def test_rules_are_a_table_with_one_line_a_rule() -> None:
    result = CliRunner().invoke(rules, [])
    heading, *rows = result.stdout.splitlines()
    assert result.exit_code == 0
    assert heading.split() == ["code", "name", "severity", "use"]
    assert [row.split()[0] for row in rows] == [rule.code for rule in load_rulebook()]
    assert ["SL101", "hard-coded-seed", "error", "fixed_seed"] in [row.split() for row in rows]
    assert len({row.index(row.split()[2]) for row in rows}) == 1


def test_rules_as_json() -> None:
    result = CliRunner().invoke(rules, ["--format", "json"])
    records = {record["code"]: record for record in json.loads(result.stdout)}
    assert len(records) == len(load_rulebook())
    assert records["SL301"]["use"] == "model_selection"
    assert records["SL301"]["severity"] == "error"
    assert records["SL001"]["use"] is None
    assert records["SL203"]["applies_to"] == ["python", "notebook", "config", "shell", "sweep"]


@pytest.mark.parametrize("asked", ["SL102", "sl102", "default-seed"])
def test_explain_prints_the_page_for_a_code_or_a_name(asked: str) -> None:
    result = CliRunner().invoke(explain, [asked])
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0] == "SL102 default-seed"
    assert lines[2] == "warning, since 0.1.0, use: fixed seed"
    assert lines[lines.index("Use instead") + 1] == "-----------"
    assert "+++" not in result.stdout
    assert "```" not in result.stdout
    assert "  bad main.py:" in lines
    assert "    torch.manual_seed(args.seed)" in lines


def test_explain_keeps_every_line_of_prose_and_code() -> None:
    rule = load_rulebook().find("SL103")
    shown = {line.strip() for line in CliRunner().invoke(explain, ["SL103"]).stdout.splitlines()}
    kept = {line.removeprefix("## ").strip() for line in rule.body.splitlines() if not line.startswith("```")}
    assert kept <= shown


def test_explain_names_the_file_of_each_part_of_an_example() -> None:
    lines = CliRunner().invoke(explain, ["SL103"]).stdout.splitlines()
    assert "  bad run.sh:" in lines
    assert "  good train.py:" in lines
    assert "    python train.py --lr 3e-4 --seed 42  # error: [SL103]" in lines


def test_explain_says_what_was_perhaps_meant() -> None:
    result = CliRunner().invoke(explain, ["hardcoded-seed"])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "seedlint: unknown rule 'hardcoded-seed'; did you mean hard-coded-seed?\n"
