"""The example of a task of one's own: it learns, and every command that it names works on it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from click.testing import CliRunner

from seedlint.cli import cli
from seedlint.trainer.patterns import select
from seedlint.trainer.recorded import reopen_study, replay
from seedlint.trainer.search import search
from seedlint.trainer.study import Study
from seedlint.trainer.task import Part, load_task

EXAMPLE = Path(__file__).parents[2] / "fixtures" / "trainer" / "topics.py"
TOPICS = f"{EXAMPLE}:Topics"
CLEARLY = 0.64
"""Of two topics, the more frequent one is six in ten validation clauses."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "topics.jsonl"
    search(TOPICS, 12, search_seed=1, path=path)
    return path


@pytest.fixture
def study(store: Path) -> Iterator[Study]:
    before = store.read_bytes()
    yield reopen_study(store)
    store.write_bytes(before)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["trainer", *arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_it_has_hundreds_of_clauses_of_both_topics_and_none_twice() -> None:
    task = load_task(TOPICS)
    features, topics = (torch.cat(column) for column in zip(*(task.examples(part) for part in Part), strict=True))
    assert len(topics) >= 300
    assert 0.4 < topics.double().mean() < 0.6
    assert torch.allclose(features.norm(dim=1), torch.ones(len(topics)))


def test_its_parts_share_no_clause() -> None:
    clauses = inspect.getmodule(type(load_task(TOPICS))).clauses()
    assert len({text for text, _, _ in clauses}) == len(clauses)
    assert {part for _, _, part in clauses} == set(Part)


def test_it_learns_and_is_not_trivial(study: Study) -> None:
    assert CLEARLY < study.best.score < 0.95
    assert CLEARLY < select(study).test < 0.95


def test_its_trials_replay_bit_for_bit(study: Study) -> None:
    assert replay(study, study.best.id).same_weights


def test_the_commands_that_it_names_run(study: Study, store: Path, tmp_path: Path) -> None:
    assert "was selected" in run("select", str(store))
    assert "averaged probabilities of 3 models" in run("ensemble", str(store), "-m", "3")
    assert "standard deviation" in run("sensitivity", str(store), "--seeds", "3")
    assert run("report", str(store), "--out", str(tmp_path)).strip() == str(tmp_path / "report.html")
    documented = [
        line.split()[2] for line in EXAMPLE.read_text().splitlines() if line.startswith("    seedlint trainer")
    ]
    assert documented == ["search", "select", "ensemble", "sensitivity", "report"]
