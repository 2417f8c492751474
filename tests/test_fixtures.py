"""Rules about the fixtures themselves: complete, well-formed, and each rule shown often enough."""

from __future__ import annotations

import ast
import json
from collections import Counter
from pathlib import Path

import pytest
from project_markers import FIXTURES, PROJECTS, SLASHED, markers_of, project_files, project_folders

from seedlint.uses import Use

READABLE_RULES = ("SL101", "SL102", "SL103", "SL104", "SL201", "SL202", "SL203", "SL301")
PREFIXES = {
    "fixed": "SL101",
    "default": "SL102",
    "pinned": "SL103",
    "claim": "SL104",
    "compare": "SL201",
    "distribution": "SL202",
    "sweep": "SL203",
    "test-selection": "SL301",
}
SAFE_USES = {use.value for use in Use if use.safe}
CONFIGS = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".gin", *SLASHED)
SCRIPTS = (".sh", ".slurm", ".sbatch", ".pbs", ".mk")
SCRIPT_NAMES = ("Makefile", "justfile", "Dockerfile")

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
def test_every_file_says_what_an_experiment_runs(project: Path) -> None:
    files = project_files(project)
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            ast.parse(text, filename=str(path))
        elif path.suffix in (".json", ".ipynb"):
            json.loads(text)
        else:
            assert path.suffix in CONFIGS + SCRIPTS or path.name in SCRIPT_NAMES, (
                f"{path.name}: of no kind that is read"
            )


@each_project
def test_projects_are_small(project: Path) -> None:
    files = project_files(project)
    assert len(files) <= 12
    assert sum(path.suffix == ".py" for path in files) <= 8
    for path in files:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= (150 if path.suffix == ".ipynb" else 70)


def test_no_file_stands_outside_a_project() -> None:
    assert [path.name for path in PROJECTS.iterdir() if not path.is_dir()] == []
    assert {path.name for path in FIXTURES.iterdir()} >= {"README.md", "demo", "projects"}


def test_no_two_files_are_the_same() -> None:
    files = [path for project in project_folders() for path in project_files(project)]
    texts = Counter(path.read_text(encoding="utf-8") for path in files)
    assert [text for text, count in texts.items() if count > 1 and text.strip()] == []


@pytest.mark.parametrize("code", READABLE_RULES)
def test_every_rule_with_a_reader_is_expected_by_three_projects(code: str) -> None:
    showing = [p.name for p in project_folders() if any(found == code for _, _, found in markers_of(p).findings)]
    assert len(showing) >= 3


@pytest.mark.parametrize("use", sorted(SAFE_USES))
def test_every_safe_use_is_expected_by_three_projects(use: str) -> None:
    showing = [p.name for p in project_folders() if any(found == use for _, _, found in markers_of(p).uses)]
    assert len(showing) >= 3


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("run.sh", "python a.py --seed 3  # expect: SL103", 1),
        ("run.sh", "# expect +2: SL103\npython a.py \\\n  --seed 3", 3),
        ("Dockerfile", '# expect +1: SL103\nCMD ["python", "a.py", "--seed", "3"]', 2),
        ("a.yaml", "seed: 3  # expect: SL103", 1),
        ("a.jsonnet", "{ seed: 3 }  // expect: SL103", 1),
        ("a.json", '{"seed": 3, "//": "expect: SL103"}', 1),
    ],
)
def test_a_marker_is_a_comment_of_its_language(name: str, text: str, line: int, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    markers = markers_of(tmp_path)
    assert markers.findings == {(name, line, "SL103")}
    assert markers.malformed == ()


def test_a_marker_in_a_notebook_speaks_of_the_line_of_its_cell(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# expect: SL101"]},
        {"cell_type": "code", "source": ["import torch\n", "torch.manual_seed(0)  # expect: SL101"]},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert markers_of(tmp_path).findings == {("a.ipynb:cell 0", 2, "SL101")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "torch.manual_seed(0)  # expects: SL101"),
        ("a.py", "torch.manual_seed(0)  # expect: SL101 and more"),
        ("a.yaml", "seed: 3  // expect: SL103"),
        ("a.json", '{"seed": 3, "//": "expects SL103"}'),
        ("a.jsonnet", "{ seed: 3 }  # expect: SL103"),
    ],
)
def test_a_marker_that_does_not_parse_is_seen(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(markers_of(tmp_path).malformed) == 1
