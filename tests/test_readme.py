"""The README keeps its word: its rules, keys, options, commands, links and its picture of the output are real."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from seedlint import settings
from seedlint.cli import cli
from seedlint.code.apifiles import parse_file
from seedlint.code.kinds import KINDS
from seedlint.report.as_json import describe_finding
from seedlint.rulebook import load_rulebook
from seedlint.uses import Confidence, Finding, Place, Severity, Use

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = [path for path in (ROOT / "seedlint").rglob("*.py") if path.stem != "__init__"]
PATHS = re.findall(r"`((?:seedlint|rules|tests|fixtures|\.ci)/[\w./-]*)`", README)
LINKS = re.findall(r"\]\((?!https?://|#)([^)]+)\)", README)

DEMO = "seedlint check --exit-zero fixtures/demo"
INSTALL_AND_RUN = f"python -m pip install -c constraints.txt . && {DEMO}"
INSTALL_AND_TEST = "python -m pip install -c constraints.txt -e '.[dev]' && python -m pytest"


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found is not None, f"the README has no section {title!r}"
    return found[1]


def blocks(text: str, language: str) -> list[str]:
    """The fenced code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def first_cells(text: str) -> list[str]:
    """The first cell of each row of the tables in a text, headings left out."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [row.split("|")[1].strip() for row in rows[2:]]


def options_of(command: str) -> set[str]:
    """The long options of one of seedlint's commands."""
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    return {name for parameter in found.params for name in parameter.opts if name.startswith("--")} - {"--help"}


def test_the_two_commands_stand_in_shell_blocks() -> None:
    lines = [line for block in blocks(README, "sh") for line in block.splitlines()]
    assert INSTALL_AND_RUN in lines
    assert INSTALL_AND_TEST in lines


def test_ci_runs_the_second_command_as_it_stands() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert INSTALL_AND_TEST in [line.strip() for line in lines]


def printed(command: str) -> str:
    """What a command of seedlint prints, given in the repository's root."""
    arguments = [sys.executable, "-m", "seedlint", *command.split()[1:], "--no-cache"]
    plain = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(arguments, cwd=ROOT, env=plain, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.strip()
    return done.stdout


def test_the_picture_is_what_the_demo_prints() -> None:
    shown = printed(DEMO)
    assert blocks(section("What it says"), "text") == [shown], f"show this instead:\n{shown}"


def test_the_explanations_of_lines_are_what_is_printed() -> None:
    (block,) = blocks(section("How it decides"), "text")
    commands = re.findall(r"^\$ (seedlint check --why .+)$", block, re.MULTILINE)
    assert len(commands) >= 2
    shown = "\n".join(f"$ {command}\n{printed(command)}" for command in commands)
    assert block == shown, f"show this instead:\n{shown}"


def test_every_kind_of_file_is_named() -> None:
    cells = " ".join(row.split("|")[2] for row in section("What it reads").splitlines() if row.startswith("| "))
    named = {name.removeprefix("*").lower() for name in re.findall(r"`([^`]+)`", cells)}
    assert named == {name for kind in KINDS for name in (*kind.suffixes, *kind.names)}


def test_every_module_has_its_place_in_the_tour() -> None:
    rows = [line for line in section("How it is built").splitlines() if line.startswith("| ")]
    toured = re.findall(r"`(\w+)`", " ".join(row.split("|", 2)[2] for row in rows))
    assert sorted(toured) == sorted(path.stem for path in MODULES)


def test_framework_example_is_accepted(tmp_path: Path) -> None:
    (example,) = blocks(section("How it is built"), "toml")
    (tmp_path / "example.toml").write_text(example, encoding="utf-8")
    table = parse_file(tmp_path / "example.toml")
    assert table["name"] == "Example framework"
    assert all(table[key] for key in ("seeder", "training", "config", "program", "sweep"))


def test_rules_table_agrees_with_the_rulebook() -> None:
    row = re.compile(r"^\| \[(SL\d+)\]\(rules/([^)]+)\) \| (\S+) \| (\S+) \| .+ \|$", re.MULTILINE)
    assert row.findall(section("The rules")) == [
        (rule.code, rule.path.name, rule.name, rule.severity.value) for rule in load_rulebook()
    ]


def test_configuration_table_names_each_key_once() -> None:
    assert sorted(first_cells(section("Configuration"))) == sorted(f"`{key}`" for key in settings.KEYS)


def test_configuration_example_is_accepted(tmp_path: Path) -> None:
    (example,) = blocks(section("Configuration"), "toml")
    (tmp_path / "pyproject.toml").write_text(example, encoding="utf-8")
    assert settings.find_settings(str(tmp_path)).origin is not None


def test_options_table_names_each_option_once() -> None:
    named = re.findall(r"--[a-z-]+", " ".join(first_cells(section("Options of `seedlint check`"))))
    assert sorted(named) == sorted(options_of("check"))


def test_options_in_commands_exist() -> None:
    lines = "".join(blocks(README, "sh") + blocks(README, "yaml")).splitlines()
    used = {option for line in lines if "seedlint check" in line for option in re.findall(r" (--[a-z-]+)", line)}
    assert used
    assert used <= options_of("check")


def test_options_of_the_trainers_commands_exist() -> None:
    lines = [line.partition("#")[0] for block in blocks(README, "sh") for line in block.splitlines()]
    used = [line.split() for line in re.findall(r"seedlint trainer (\w+ [^|\n]*)", "\n".join(lines))]
    assert {command for command, *_ in used} == {"search", "select", "ensemble", "sensitivity", "compare", "report"}
    group = cli.get_command(click.Context(cli), "trainer")
    assert isinstance(group, click.Group)
    for command, *words in used:
        options = {name for parameter in group.commands[command].params for name in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options


def test_the_search_in_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks(section("The reference trainer"), "python")
    exec(compile(example, "README.md", "exec"), {})
    sentence, signature = capsys.readouterr().out.splitlines()
    assert sentence.startswith(
        "From 64 trials of a random search over seed, lr, weight_decay, dropout and width, the model "
    )
    assert "|trials=64|" in signature


def test_every_format_is_named() -> None:
    check = cli.get_command(click.Context(cli), "check")
    assert check is not None
    (formats,) = [option.type for option in check.params if "--format" in option.opts]
    assert isinstance(formats, click.Choice)
    (row,) = [line for line in section("Options of `seedlint check`").splitlines() if line.startswith("| `--format`")]
    assert {f"`{name}`" for name in formats.choices} == set(re.findall(r"`[a-z]+`", row))


def test_json_example_has_the_keys_of_the_report() -> None:
    (example,) = blocks(section("The JSON report"), "json")
    report = json.loads(example)
    place = Place("train.py", 12)
    finding = Finding("SL101", "", Use.FIXED_SEED, Severity.ERROR, Confidence.HIGH, place, "", "")
    assert list(report["findings"][0]) == list(describe_finding(finding))
    assert all(f"`{use.value}`" in section("The JSON report") for use in Use)


def test_pre_commit_hook_exists() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    (block,) = blocks(section("As a pre-commit hook"), "yaml")
    for name in re.findall(r"- id: (\S+)", block):
        assert f"id: {name}\n" in hooks


@pytest.mark.parametrize("target", sorted(set(LINKS)))
def test_local_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target.partition("#")[0]).exists()


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_named_path_exists(path: str) -> None:
    assert (ROOT / path).exists()
