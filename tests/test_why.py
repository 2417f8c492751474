"""`seedlint check --why PATH:LINE`: what is believed of a line, and why, also where nothing is reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from seedlint.cli import cli

TRAIN = """\
import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--shuffle-seed", type=int, default=7)
args = parser.parse_args()
torch.manual_seed(args.seed)
rows = torch.load("rows.pt")
random.Random(args.shuffle_seed).shuffle(rows)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in rows:
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
"""


def why(folder: Path, place: str, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> str:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(cli, ["check", "--why", place])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path


def test_a_finding_is_told_with_its_rule_and_the_way_through_the_files(project, monkeypatch):
    (project / "run.sh").write_text("python train.py --seed 3\n")
    told = why(project, "run.sh:1", monkeypatch)
    assert "run.sh:1: python train.py --seed 3" in told
    assert "fixed seed (risky): seed 3; SL103 pinned-seed" in told
    assert "--seed given to train.py" in told


def test_a_line_on_the_way_leads_to_the_use(project, monkeypatch):
    told = why(project, "train.py:10", monkeypatch)
    assert "on the way to train.py:7" in told
    assert "SL102" in told


def test_a_default_that_a_script_varies_is_explained_where_it_is_silent(project, monkeypatch):
    (project / "run.sh").write_text("for s in 1 2 3; do python train.py --seed $s; done\n")
    told = why(project, "train.py:7", monkeypatch)
    assert "SL102" not in told
    assert "something else varies it" in told
    assert "several runs, and these files do not show what becomes of their scores" in why(
        project, "run.sh:1", monkeypatch
    )


def test_a_seed_of_something_else_is_explained(project, monkeypatch):
    assert "it seeds a generator of its own" in why(project, "train.py:12", monkeypatch)


def test_a_key_that_nobody_reads_is_explained(project, monkeypatch):
    (project / "config.yaml").write_text("lr: 0.1\nloader_seed: 3\n")
    assert "loader_seed: no code that trains is seen to read this key" in why(project, "config.yaml:2", monkeypatch)


def test_a_line_without_a_seed_is_said_to_have_none(project, monkeypatch):
    assert "no seed that the tables of frameworks know is used here" in why(project, "train.py:13", monkeypatch)


def test_a_folder_of_the_project_may_be_asked_from(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/run.sh").write_text("python train.py --seed 3\n")
    told = why(tmp_path / "scripts", "run.sh:1", monkeypatch)
    assert "SL103" in told
    assert "run.sh:1: python" in told


def test_a_notebook_is_asked_by_cell_and_line(tmp_path, monkeypatch):
    cells = [{"cell_type": "markdown", "source": "# Seeds"}, {"cell_type": "code", "source": TRAIN}]
    (tmp_path / "train.ipynb").write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))
    told = why(tmp_path, "train.ipynb:0:7", monkeypatch)
    assert 'train.ipynb:cell 0:7: parser.add_argument("--seed", type=int, default=42)' in told
    assert "SL102" in told


@pytest.mark.parametrize("place", ["train.py", "train.py:x", ":3", "train.py:1:2:3"])
def test_what_is_no_place_is_refused_in_one_line(project, place, monkeypatch):
    assert "not of the form PATH:LINE" in why(project, place, monkeypatch, code=2)


def test_a_file_that_is_not_read_is_refused_in_one_line(project, monkeypatch):
    assert "data.csv: no file that seedlint reads" in why(project, "data.csv:1", monkeypatch, code=2)
