"""Every fixture project gets exactly the findings and safe uses that its own comments expect."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from project_markers import FIXTURES, markers_of, project_folders, spot
from support import standing_in

from seedlint.cli import cli
from seedlint.uses import Use


def check(folder: Path) -> dict[str, Any]:
    """The JSON report that a user standing in the folder gets."""
    with standing_in(folder):
        arguments = ["check", "--format", "json", "--no-cache", "--jobs", "1", "."]
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def where(entry: dict[str, Any]) -> tuple[str, int]:
    return spot(entry["path"], entry["cell"]), entry["line"]


def findings_in(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    return sorted((*where(entry), entry["code"]) for entry in report["findings"])


def safe_uses_in(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    """The safe uses; a use that stands on the line of a finding is that finding's own."""
    flagged = {where(entry) for entry in report["findings"]}
    return sorted(
        (*where(entry), entry["use"])
        for entry in report["uses"]
        if Use(entry["use"]).safe and where(entry) not in flagged
    )


@pytest.mark.parametrize("project", project_folders(), ids=lambda folder: folder.name)
def test_project_gets_what_its_comments_expect(project: Path, tmp_path: Path) -> None:
    # A copy elsewhere, so that this repository's own settings and ignore files do not apply.
    report = check(Path(shutil.copytree(project, tmp_path / project.name)))
    expected = markers_of(project)
    assert report["errors"] == []
    assert findings_in(report) == sorted(expected.findings)
    assert safe_uses_in(report) == sorted(expected.uses)


def test_the_demo_shows_each_main_finding_once_and_safe_uses() -> None:
    demo = FIXTURES / "demo"
    report = check(demo)

    def line(path: str, text: str) -> int:
        lines = (demo / path).read_text(encoding="utf-8").splitlines()
        (number,) = [n for n, found in enumerate(lines, start=1) if text in found]
        return number

    assert findings_in(report) == [
        ("baseline.yaml", line("baseline.yaml", "seed: 13"), "SL103"),
        ("compare.py", line("compare.py", "for seed in"), "SL201"),
        ("distil-repeats.yaml", line("distil-repeats.yaml", "seed:"), "SL203"),
        ("train.py", line("train.py", "manual_seed(0)"), "SL101"),
        ("train.py", line("train.py", '"--seed"'), "SL102"),
        ("width.ipynb:cell 2", 1, "SL202"),
    ]
    assert safe_uses_in(report) == [
        ("distil.sh", line("distil.sh", "for seed in"), "model_selection"),
        ("search.py", line("search.py", '"seed"'), "model_selection"),
    ]
