"""A notebook from the command line: findings, baselines, diffs, comments, standard input."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from seedlint.cli import cli

TRAIN = """%%time
model = nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters())
for x, y in batches:
    model(x).sum().backward()
    optimizer.step()
"""
SEED = "%matplotlib inline\nimport torch\nfrom torch import nn\ntorch.manual_seed(42)"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notebook(*cells: str | dict[str, Any]) -> str:
    listed = [
        {"cell_type": "code", "outputs": [], "source": cell.splitlines(True)} if isinstance(cell, str) else cell
        for cell in cells
    ]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4}, indent=1)


def check(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["check", "--no-cache", *arguments], input=input, catch_exceptions=False)


def found(result: Result) -> list[tuple[str, int | None, int, str]]:
    report = json.loads(result.stdout)
    assert report["errors"] == []
    return [(entry["path"], entry["cell"], entry["line"], entry["code"]) for entry in report["findings"]]


def test_a_finding_stands_in_its_cell() -> None:
    Path("a.ipynb").write_text(notebook({"cell_type": "markdown", "source": "A"}, SEED, TRAIN))
    result = check()
    assert result.exit_code == 1
    head, line, *_ = result.stdout.splitlines()
    assert head.startswith("a.ipynb:cell 0:4:19: error[SL101]")
    assert line == "  4 | torch.manual_seed(42)"


def test_formats_that_know_only_files_are_told_the_line_of_the_json() -> None:
    Path("a.ipynb").write_text(notebook(SEED, TRAIN))
    (number,) = [n for n, line in enumerate(Path("a.ipynb").read_text().splitlines(), 1) if "manual_seed(42)" in line]
    assert f"line={number}," in check("--format", "github").stdout
    sarif = json.loads(check("--format", "sarif").stdout)["runs"][0]["results"][0]
    assert sarif["locations"][0]["physicalLocation"]["region"] == {"startLine": number}


def test_a_notebook_is_read_from_standard_input() -> None:
    result = check("--format", "json", "--stdin-filename", "x.ipynb", "-", input=notebook("", SEED, TRAIN))
    assert found(result) == [("x.ipynb", 1, 4, "SL101")]


def test_a_baseline_outlives_new_cells_and_outputs() -> None:
    Path("a.ipynb").write_text(notebook(SEED, TRAIN))
    check("--baseline", "known.json", "--write-baseline")
    output = {"cell_type": "code", "outputs": [{"text": ["1"]}], "source": TRAIN.splitlines(True), "execution_count": 7}
    Path("a.ipynb").write_text(notebook("x = 1", SEED.replace("%matplotlib inline", "\n\n"), output))
    result = check("--baseline", "known.json", "--format", "json")
    assert (result.exit_code, found(result)) == (0, [])


def test_only_what_a_branch_adds_to_a_notebook_is_new() -> None:
    def git(*arguments: str) -> None:
        config = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        author = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        subprocess.run(["git", *author, *arguments], check=True, capture_output=True, env={**os.environ, **config})

    Path("a.ipynb").write_text(notebook(SEED, TRAIN))
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "x")
    Path("a.ipynb").write_text(notebook("x = 1", SEED, TRAIN, "torch.manual_seed(7)", TRAIN))
    assert found(check("--diff", "HEAD", "--format", "json")) == [("a.ipynb", 3, 1, "SL101")]


def test_a_comment_in_a_cell_is_written_and_then_heard() -> None:
    Path("a.ipynb").write_text(notebook(SEED, TRAIN))
    assert check("--acknowledge", "SL101", "one run takes weeks").exit_code == 0
    cells = json.loads(Path("a.ipynb").read_text())["cells"]
    assert cells[0]["source"][-1] == "torch.manual_seed(42)  # seedlint: acknowledge[SL101] one run takes weeks"
    assert cells[1]["source"] == TRAIN.splitlines(True)
    assert check().exit_code == 0


def test_a_broken_notebook_is_an_error_in_one_line_and_the_rest_is_checked() -> None:
    Path("a.ipynb").write_text('{"cells": [\n  torch.manual_seed')
    Path("b.ipynb").write_text(notebook(SEED, TRAIN))
    result = check("--format", "json")
    assert result.exit_code == 2
    report = json.loads(result.stdout)
    assert report["errors"] == [{"path": "a.ipynb", "message": "line 2: is no JSON: Expecting value"}]
    assert [entry["path"] for entry in report["findings"]] == ["b.ipynb"]
