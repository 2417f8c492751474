"""Rules about the fixtures themselves: complete, well-formed, and each rule shown often enough."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from project_markers import FIXTURES, PROJECTS, markers_of, project_folders

from seedlint.uses import Use

READABLE_RULES = ("SL101", "SL102", "SL104", "SL201", "SL202", "SL301")
PREFIXES = {
    "fixed": "SL101",
    "default": "SL102",
    "claim": "SL104",
    "compare": "SL201",
    "distribution": "SL202",
    "test-selection": "SL301",
}
SAFE_USES = {use.value for use in Use if use.safe}

each_project = pytest.mark.parametrize("project", project_folders(), ids=lambda folder: folder.name)


@each_project
def test_every_project_states_what_it_expects(project: Path) -> None:
    markers = markers_of(project)
    assert markers.malformed == ()
    assert bool(markers.findings or markers.uses) != project.name.startswith("silent-")


@each_project
def test_the_name_tells_what_the_project_shows(project: Path) -> None:
    markers = markers_of(project)
    codes = {code for _, _, code in markers.findings}
    shown = [prefix for prefix, code in PREFIXES.items() if code in codes]
    shown += ["safe"] * bool(markers.uses) or ["silent"] * (not codes)
    assert any(project.name.startswith(f"{prefix}-") for prefix in shown)


@each_project
def test_expected_uses_are_safe_uses_of_the_taxonomy(project: Path) -> None:
    assert {use for _, _, use in markers_of(project).uses} <= SAFE_USES


@each_project
def test_every_file_is_python_that_parses(project: Path) -> None:
    files = [path for path in project.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert files
    for path in files:
        assert path.suffix == ".py", f"{path.name}: only Python files are read here"
        ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@each_project
def test_projects_are_small(project: Path) -> None:
    files = list(project.rglob("*.py"))
    assert len(files) <= 8
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 70 for path in files)


def test_no_file_stands_outside_a_project() -> None:
    assert [path.name for path in PROJECTS.iterdir() if not path.is_dir()] == []
    assert {path.name for path in FIXTURES.iterdir()} >= {"README.md", "demo", "projects"}


def test_no_two_files_are_the_same() -> None:
    texts = Counter(path.read_text(encoding="utf-8") for path in PROJECTS.rglob("*.py"))
    assert [text for text, count in texts.items() if count > 1 and text.strip()] == []


@pytest.mark.parametrize("code", READABLE_RULES)
def test_every_rule_with_a_reader_is_expected_by_three_projects(code: str) -> None:
    showing = [p.name for p in project_folders() if any(found == code for _, _, found in markers_of(p).findings)]
    assert len(showing) >= 3


@pytest.mark.parametrize("use", sorted(SAFE_USES))
def test_every_safe_use_is_expected_by_three_projects(use: str) -> None:
    showing = [p.name for p in project_folders() if any(found == use for _, _, found in markers_of(p).uses)]
    assert len(showing) >= 3
