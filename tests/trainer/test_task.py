"""A user's own task: how it is found, what its record says of it, and what its model is given."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from tiny import Tiny, normed
from torch import Tensor, nn

from seedlint.trainer.task import Lane, Part, TaskError, fingerprint, load_task

TINY = Path(__file__).parent / "tiny.py"
KEY = torch.tensor(7, dtype=torch.int32)


def written(tmp_path: Path, code: str) -> str:
    path = tmp_path / "own.py"
    path.write_text(code)
    return str(path)


def test_a_task_is_loaded_from_a_class_a_function_or_a_variable() -> None:
    assert load_task(f"{TINY}:Tiny").name == "tiny"
    assert load_task(f"{TINY}:normed").name == "tiny-normed"
    assert load_task("tiny:Tiny").name == "tiny"


def test_a_task_that_is_a_variable_is_taken_as_it_is(tmp_path: Path) -> None:
    code = "from tiny import Tiny\ntask = Tiny('mine', width=8)\n"
    assert load_task(f"{written(tmp_path, code)}:task").name == "mine"


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("tiny", "tiny: a task is named as module:name or file.py:name"),
        ("missing.py:Tiny", "missing.py: no such file"),
        ("no_such_module:Tiny", "ModuleNotFoundError"),
        ("tiny:Huge", "AttributeError.*Huge"),
    ],
)
def test_a_task_that_is_not_there_is_refused(reference: str, why: str) -> None:
    with pytest.raises(TaskError, match=why):
        load_task(reference)


@pytest.mark.parametrize(
    ("code", "why"),
    [("1 / 0\n", "ZeroDivisionError: division by zero"), ("def (\n", "SyntaxError"), ("import nowhere\n", "nowhere")],
)
def test_a_task_whose_file_fails_says_what_failed(tmp_path: Path, code: str, why: str) -> None:
    with pytest.raises(TaskError, match=why):
        load_task(f"{written(tmp_path, code)}:task")


class Longer(Tiny):
    steps = 13


class OtherBatch(Tiny):
    batch = 15


class OtherLabels(Tiny):
    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        features, labels = super().examples(part)
        return (features, labels.flip(0)) if part is Part.VALIDATION else (features, labels)


class SameExamples(Tiny):
    tested = False

    def examples(self, part: Part) -> tuple[Tensor, Tensor]:
        if part is Part.TEST:
            self.tested = True
        return super().examples(part)


def test_a_fingerprint_changes_with_the_model_the_examples_and_the_training() -> None:
    tasks = [Tiny(), Tiny("other"), Tiny(width=8), normed(), Longer(), OtherBatch(), OtherLabels(), SameExamples()]
    assert len({fingerprint(task) for task in tasks}) == len(tasks)
    assert fingerprint(Tiny()) == fingerprint(Tiny())


def test_a_fingerprint_leaves_the_test_set_closed() -> None:
    task = SameExamples()
    fingerprint(task)
    assert not task.tested


def test_a_lane_drops_in_training_and_differently_in_each_layer() -> None:
    lane, hidden = Lane({}, KEY), torch.ones(100)
    first, second = (lane.dropout(hidden, torch.tensor(0.5)) for _ in range(2))
    assert 20 < (first == 0).sum() < 80
    assert not torch.equal(first, second)
    assert torch.equal(first, Lane({}, KEY).dropout(hidden, torch.tensor(0.5)))


def test_a_lane_drops_nothing_in_evaluation() -> None:
    assert torch.equal(Lane({}, None).dropout(torch.ones(100), torch.tensor(0.5)), torch.ones(100))


def test_a_lane_narrows_the_last_dimension_to_its_width() -> None:
    narrowed = Lane({}, None).narrow(torch.ones(2, 5), torch.tensor(3))
    assert narrowed.tolist() == [[1, 1, 1, 0, 0]] * 2


def test_a_lane_gives_its_hyperparameters_by_name() -> None:
    lane = Lane({"lr": torch.tensor(0.1), "width": torch.tensor(4)}, KEY)
    assert list(lane) == ["lr", "width"]
    assert len(lane) == 2
    assert lane["width"] == 4


def test_a_task_scores_by_accuracy_learns_by_cross_entropy_and_guesses_one_class() -> None:
    task, labels = Tiny(), torch.tensor([0, 1, 2, 0])
    logits = torch.eye(3)[[0, 1, 1, 2]]
    assert task.score(logits, labels) == 0.5
    assert task.loss(logits, labels).item() == pytest.approx(nn.functional.cross_entropy(logits, labels).item())
    assert task.chance == pytest.approx(1 / 3)
