"""A recorded study that is taken up again: what is checked before, and what a replay says after."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from tiny import Tiny

from seedlint.trainer.machine import Machine
from seedlint.trainer.population import Engine
from seedlint.trainer.recorded import Replay, read_study, reopen_study, replay
from seedlint.trainer.search import search
from seedlint.trainer.store import Environment, Store, StoreError, Trial
from seedlint.trainer.study import SearchError, Study
from seedlint.trainer.task import TaskError

TINY_FILE = Path(__file__).parent / "tiny.py"
TINY = f"{TINY_FILE}:Tiny"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of six trials, trained four at a time."""
    search(TINY, 6, search_seed=3, path=tmp_path / "tiny.jsonl", machine=Machine(lanes=4))
    return tmp_path / "tiny.jsonl"


def elsewhere(study: Study, **environment: object) -> Study:
    """The study as though all its trials had been trained in another environment."""

    def moved(trial: Trial) -> Trial:
        return replace(trial, environment=replace(trial.environment, **environment))  # type: ignore[arg-type]

    trials = {key: moved(trial) for key, trial in study.store.trials.items()}
    return replace(study, store=Store(study.store.head, None, trials))


def otherwise(study: Study) -> Study:
    """The study as though all its trials had come out with other weights."""
    trials = {key: replace(trial, weights="0123456789abcdef") for key, trial in study.store.trials.items()}
    return replace(study, store=Store(study.store.head, None, trials))


def test_records_are_read_without_the_task(tmp_path: Path) -> None:
    own, store = tmp_path / "own.py", tmp_path / "own.jsonl"
    own.write_text(TINY_FILE.read_text())
    search(f"{own}:Tiny", 2, search_seed=3, path=store)
    own.write_text("raise AssertionError('the task was loaded')\n")
    study = read_study(store)
    assert len(study.trials) == 2
    with pytest.raises(SearchError, match="read without its task, so nothing can be trained"):
        replay(study, 0)


def test_a_study_is_reopened_with_its_task_and_the_machine_of_its_last_trial(path: Path) -> None:
    assert reopen_study(path).task.name == "tiny"
    assert reopen_study(path).machine == Machine("cpu", Engine.EAGER, 4, 1)
    search(TINY, 8, search_seed=3, path=path, machine=Machine(lanes=2))
    assert reopen_study(path).machine == Machine("cpu", Engine.EAGER, 2, 1)


def test_a_study_goes_on_another_device_with_what_suits_that(path: Path) -> None:
    assert reopen_study(path, device="cpu").machine == Machine("cpu", Engine.EAGER, 4, 1)
    assert reopen_study(path, device="cuda").machine == Machine("cuda", None, None, 1)


def test_a_study_without_trials_is_reopened_for_this_machine(path: Path) -> None:
    path.write_text(path.read_text().partition("\n")[0] + "\n")
    assert reopen_study(path).machine == Machine()


def test_a_task_whose_code_changed_is_refused(tmp_path: Path) -> None:
    own, store = tmp_path / "own.py", tmp_path / "own.jsonl"
    own.write_text(TINY_FILE.read_text())
    search(f"{own}:Tiny", 2, search_seed=3, path=store)
    own.write_text(TINY_FILE.read_text().replace("batch = 16", "batch = 15"))
    with pytest.raises(SearchError, match=r"own\.jsonl: the code or the examples of .*own\.py:Tiny are not what"):
        reopen_study(store)


def test_another_task_is_refused(path: Path) -> None:
    with pytest.raises(SearchError, match="tiny:normed are not what this search was made with"):
        reopen_study(path, "tiny:normed")


def test_a_task_that_was_no_reference_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "tiny.jsonl"
    search(Tiny(), 2, search_seed=3, path=path)
    with pytest.raises(SearchError, match=r"tiny\.jsonl: does not say where its task tiny comes from; name it"):
        reopen_study(path)
    assert replay(reopen_study(path, "tiny:Tiny"), 1).same_weights


def test_a_task_that_moved_is_refused_unless_its_new_place_is_named(path: Path) -> None:
    path.write_text(path.read_text().replace(str(TINY_FILE), "/moved/tiny.py"))
    with pytest.raises(TaskError, match=r"^/moved/tiny\.py: no such file$"):
        reopen_study(path)
    assert reopen_study(path, TINY).task.name == "tiny"


def test_a_store_that_is_missing_is_refused(tmp_path: Path) -> None:
    for opened in (read_study, reopen_study):
        with pytest.raises(StoreError, match=r"none\.jsonl: No such file or directory"):
            opened(tmp_path / "none.jsonl")


@pytest.mark.parametrize("id", range(6))
def test_every_trial_replays_with_the_same_weights_and_score(path: Path, id: int) -> None:
    study = reopen_study(path)
    again = replay(study, id)
    assert (again.trial.id, again.same_weights, again.differs) == (id, True, ())
    assert again.score == again.trial.score
    assert again.sentence == (
        f"Trial {id} came out with the same weights, bit for bit (validation score {again.trial.score:.4f})."
    )


def test_a_replay_that_differs_in_the_same_environment_says_so(path: Path) -> None:
    again = replay(otherwise(reopen_study(path)), 2)
    assert (again.same_weights, again.differs) == (False, ())
    assert again.sentence == (
        f"Trial 2, recorded in the same environment, came out with other weights: validation score {again.score:.4f}, "
        f"recorded {again.trial.score:.4f}. Bits are only promised within one environment."
    )


def test_a_replay_that_differs_elsewhere_names_what_differs(path: Path) -> None:
    study = elsewhere(otherwise(reopen_study(path)), torch="1.0", processor="abacus")
    again = replay(study, 2)
    assert again.differs == ("processor", "torch")
    assert again.sentence.startswith("Trial 2, recorded with another processor, torch, came out with other weights")


@pytest.mark.parametrize("name", Environment.__dataclass_fields__)
def test_each_part_of_an_environment_is_compared(path: Path, name: str) -> None:
    value = {"lanes": 2, "threads": 2}.get(name, "another")
    assert replay(elsewhere(reopen_study(path), **{name: value}), 0).differs == (name,)


def test_a_replay_that_agrees_elsewhere_is_said_to_agree(path: Path) -> None:
    again = replay(elsewhere(reopen_study(path), python="4.0"), 0)
    assert (again.same_weights, again.differs) == (True, ("python",))
    assert "bit for bit" in again.sentence


def test_a_diverged_trial_replays_to_chance(tmp_path: Path) -> None:
    exploding = Tiny.space.held_at({**Tiny.space.config(3, 0), "lr": 1e38})
    search(TINY, 2, search_seed=3, space=exploding, path=tmp_path / "tiny.jsonl")
    again = replay(reopen_study(tmp_path / "tiny.jsonl"), 0)
    assert again.trial.diverged
    assert again.score == again.trial.score == pytest.approx(1 / 3)


def test_a_trial_that_was_not_recorded_is_not_replayed(path: Path) -> None:
    with pytest.raises(SearchError, match="trial 6 is not among the trials that ran to their end"):
        replay(reopen_study(path), 6)


def test_a_replay_reports_the_score_it_found_and_not_the_recorded_one(path: Path) -> None:
    trial = replace(reopen_study(path).trials[0], score=0.25)
    sentence = Replay(trial, 0.75, False, False, ()).sentence
    assert "validation score 0.7500, recorded 0.2500" in sentence


def test_a_record_that_is_not_of_its_weights_is_not_verified(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    (trial,) = (line for line in lines if line.get("trial") == 0)
    trial["score"] = 0.999
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    again = replay(reopen_study(path), 0)
    assert (again.same_weights, again.verified) == (True, False)
    assert "its record is not theirs: validation score" in again.sentence
    assert "recorded 0.9990" in again.sentence
