"""Every fixture project gets exactly the findings and safe uses that its own trailing comments expect."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from project_markers import Markers, markers_of, project_folders

from seedlint.cli import main
from seedlint.uses import Use


def check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Lint the folder as a user standing in it would, and return the JSON report."""
    monkeypatch.chdir(folder)
    arguments = ["check", "--format", "json", "--no-cache", "--jobs", "1", "."]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def findings_in(report: dict[str, Any]) -> set[tuple[str, int, str]]:
    return {(entry["path"], entry["line"], entry["code"]) for entry in report["findings"]}


def safe_uses_in(report: dict[str, Any]) -> set[tuple[str, int, str]]:
    """The safe uses; a use that stands on the line of a finding is that finding's own."""
    flagged = {(entry["path"], entry["line"]) for entry in report["findings"]}
    return {
        (entry["path"], entry["line"], entry["use"])
        for entry in report["uses"]
        if Use(entry["use"]).safe and (entry["path"], entry["line"]) not in flagged
    }


@pytest.mark.parametrize("project", project_folders(), ids=lambda folder: folder.name)
def test_project_gets_what_its_comments_expect(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy elsewhere, so that this repository's own settings and ignore files do not apply.
    folder = Path(shutil.copytree(project, tmp_path / project.name))
    report = check(folder, monkeypatch)
    expected: Markers = markers_of(project)
    assert report["errors"] == []
    assert len(report["findings"]) == len(findings_in(report)), "a line reports the same code twice"
    assert findings_in(report) == expected.findings
    assert safe_uses_in(report) == expected.uses
