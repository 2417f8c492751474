"""A search draws and trains the same trials wherever it runs and however often it is stopped.

Run as a program, this file searches, kills the searches at random moments and prints what it found: see `tormented`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny import Tiny
from torch import nn

from seedlint.chunks import Backend
from seedlint.trainer.machine import Machine
from seedlint.trainer.population import Fitted, Population
from seedlint.trainer.search import Halving, search
from seedlint.trainer.space import ANY_SEED, LogUniform, Space
from seedlint.trainer.store import StoreError, merge, read_store
from seedlint.trainer.study import SearchError, Study
from seedlint.trainer.task import Part, TaskError
from seedlint.trainer.trials import Chunk, correct, retrain, train_chunk

KILLS = 20
TRIALS = 120


class Brief(Tiny):
    steps = 3


def weights(study: Study) -> list[tuple[int, str]]:
    return [(trial.id, trial.weights) for trial in study.trials]


def searched(path: Path, trials: int = 12, lanes: int = 4, shard: tuple[int, int] = (0, 1)) -> bytes:
    search(Tiny(), trials, search_seed=3, path=path, machine=Machine(lanes=lanes), shard=shard)
    return path.read_bytes()


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    imports = {"env_vars": {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}}
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=40, runtime_env=imports)
    yield
    ray.shutdown()


@pytest.fixture(params=[Backend.PROCESSES, Backend.RAY], ids=lambda backend: backend.value)
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param is Backend.RAY:
        request.getfixturevalue("cluster")
    return request.param  # type: ignore[no-any-return]


def test_trial_k_is_the_same_in_any_number_of_lanes() -> None:
    studies = [search(Tiny(), 12, search_seed=3, machine=Machine(lanes=lanes)) for lanes in (1, 5, 64)]
    one, five, many = ([replace(trial, correct=None, environment=None) for trial in s.trials] for s in studies)  # type: ignore[arg-type]
    assert one == five == many
    assert [{trial.environment.lanes for trial in study.trials} for study in studies] == [{1}, {5}, {64}]
    assert len({trial.weights for trial in many}) == 12


def test_trial_k_is_the_same_in_a_longer_search_and_differs_by_search_seed_and_family() -> None:
    long = weights(search(Tiny(), 9, search_seed=3))
    assert weights(search(Tiny(), 4, search_seed=3)) == long[:4]
    assert not set(weights(search(Tiny(), 4, search_seed=4))) & set(long)
    assert not set(weights(search(Tiny(), 4, search_seed=3, family="other"))) & set(long)


def test_a_search_without_a_seed_draws_one_and_goes_on_with_it(tmp_path: Path) -> None:
    first = search(Tiny(), 3, path=tmp_path / "s")
    again = search(Tiny(), 5, path=tmp_path / "s")
    assert weights(again)[:3] == weights(first)
    assert search(Tiny(), 1).store.head.search_seed != first.store.head.search_seed


def test_a_search_without_a_seed_begins_again_where_a_kill_cut_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(searched(tmp_path / "whole")[:40])
    assert len(search(Tiny(), 3, path=tmp_path / "s").trials) == 3


def test_workers_record_the_bytes_that_one_process_records(tmp_path: Path, backend: Backend) -> None:
    machine = Machine(lanes=3)
    one, workers = (
        search("tiny:Tiny", 12, search_seed=3, path=tmp_path / on.value, machine=machine, backend=on, workers=2)
        for on in (Backend.SERIAL, backend)
    )
    assert (tmp_path / backend.value).read_bytes() == (tmp_path / "serial").read_bytes()
    assert (workers.best.id, workers.best.weights) == (one.best.id, one.best.weights)


def test_four_shards_merged_are_the_bytes_of_one_search(tmp_path: Path) -> None:
    shards = [tmp_path / f"{number}" for number in range(4)]
    for number, path in enumerate(shards):
        searched(path, 11, shard=(number, 4))
    merge(shards[::-1], tmp_path / "merged")
    assert (tmp_path / "merged").read_bytes() == searched(tmp_path / "whole", 11)


def test_two_sittings_record_the_bytes_of_one(tmp_path: Path) -> None:
    searched(tmp_path / "s", 5)
    assert searched(tmp_path / "s", 12) == searched(tmp_path / "one", 12)


def test_a_search_for_fewer_trials_than_are_recorded_keeps_them_all(tmp_path: Path) -> None:
    whole = searched(tmp_path / "s", 12)
    assert searched(tmp_path / "s", 5) == whole


def test_progress_counts_what_is_recorded_already(tmp_path: Path) -> None:
    searched(tmp_path / "s", 5)
    seen: list[tuple[int, int]] = []
    search(Tiny(), 12, path=tmp_path / "s", machine=Machine(lanes=4), progress=lambda *now: seen.append(now))
    assert seen == [(5, 12), (9, 12), (12, 12)]


def test_of_twenty_kills_in_mid_search_none_loses_or_repeats_a_trial(tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    found = subprocess.run(
        [sys.executable, __file__, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr
    said = json.loads(found.stdout)
    assert said["killed"] == KILLS
    assert said["before"] == sorted(said["before"])
    assert len(set(said["before"])) > KILLS // 2, "the kills came too early to lose anything"
    assert said["before"][-1] < TRIALS, "the last kill came after the search"
    assert said["lost"] == []
    assert said["repeated"] == []
    assert (tmp_path / "killed").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(read_store(tmp_path / "killed").trials) == [(k, Brief.steps) for k in range(TRIALS)]
    assert sorted(os.listdir(tmp_path)) == ["killed", "whole"]


def tormented(folder: Path) -> dict[str, object]:
    """Kill a search `KILLS` times, each at a random moment after some more trials, then let it end.

    Each is forked from this process, which has made torch ready in one thread.
    """
    search(Brief(), 1)
    path, moments = folder / "killed", random.Random(11)
    before, lost, killed = [], set[str](), 0
    for _ in range(KILLS):
        recorded = trial_lines(path)
        more = moments.randrange(5)
        child = forked(path)
        while len(trial_lines(path)) < len(recorded) + more:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        lost |= set(recorded) - set(trial_lines(path))
        before.append(len(trial_lines(path)))
    at_last = trial_lines(path)
    for file in (path, folder / "whole"):
        assert os.waitstatus_to_exitcode(os.waitpid(forked(file), 0)[1]) == 0
    lines = trial_lines(path)
    lost |= set(at_last) - set(lines)
    repeated = [line for line in set(lines) if lines.count(line) > 1]
    return {"killed": killed, "before": before, "lost": sorted(lost), "repeated": repeated}


def forked(path: Path) -> int:
    child = os.fork()
    if child == 0:
        search(Brief(), TRIALS, search_seed=3, path=path, machine=Machine(lanes=1))
        os._exit(0)
    return child


def trial_lines(path: Path) -> list[str]:
    text = path.read_text() if path.exists() else ""
    return [line for line in text.splitlines(keepends=True) if line.startswith('{"trial"') and line.endswith("\n")]


@pytest.fixture
def fitted_lanes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of lanes that were trained at once; more than five at once are out of memory."""
    lanes: list[int] = []
    fit = Population.fit

    def narrow(self: Population, configs: Sequence[dict[str, float]], *, steps: int | None = None) -> Fitted:
        lanes.append(len(configs))
        if len(configs) > 5:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return fit(self, configs, steps=steps)

    monkeypatch.setattr(Population, "fit", narrow)
    return lanes


def test_lanes_that_do_not_fit_into_memory_are_halved_and_recorded_so(fitted_lanes: list[int]) -> None:
    study = search(Tiny(), 19, search_seed=3, machine=Machine(lanes=16))
    assert fitted_lanes == [16, 8, 4, 4, 8, 4, 4, 3]
    assert [trial.environment.lanes for trial in study.trials] == [4] * 16 + [16] * 3
    fitted_lanes.clear()
    assert weights(study) == weights(search(Tiny(), 19, search_seed=3, machine=Machine(lanes=5)))


class Smoothed(Tiny):
    def __init__(self, smoothing: float) -> None:
        super().__init__()
        self.smoothing = smoothing

    def loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(logits, labels, label_smoothing=self.smoothing)


def test_tasks_that_differ_by_a_value_or_a_class_are_two_tasks() -> None:
    tasks = (Tiny(), Smoothed(0.0), Smoothed(0.9))
    plain, none, much = (search(task, 3, search_seed=3) for task in tasks)
    assert len({study.store.head.fingerprint for study in (plain, none, much)}) == 3
    assert weights(plain) == weights(none) != weights(much)


def test_a_worker_with_other_code_trains_nothing() -> None:
    chunk = Chunk(Tiny(), "of another copy", ((0, Tiny.space.config(3, 0)),), 12, Machine().resolved())
    with pytest.raises(TaskError, match="tiny: its code or examples here are not those of the search"):
        train_chunk(chunk)


def test_a_longer_halved_search_is_another_search(tmp_path: Path) -> None:
    path = tmp_path / "halved"
    search(Tiny(), 9, search_seed=3, path=path, halving=Halving())
    with pytest.raises(StoreError, match="selection"):
        search(Tiny(), 18, search_seed=3, path=path, halving=Halving())


def test_on_two_threads_a_trial_is_repeated_in_as_many_lanes(fitted_lanes: list[int]) -> None:
    study = search(Tiny(), 3, search_seed=3, machine=Machine(lanes=4, threads=2))
    _, _, same = retrain(study, [1])
    assert (fitted_lanes, same) == ([4, 4], [True])


def test_lanes_are_split_before_they_would_fill_the_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_lane = Population(Tiny(), torch.device("cpu"))._bytes_of_a_lane()
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 99999999 kB\nMemAvailable:   {6 * a_lane // 1024 + 1} kB\n")
    monkeypatch.setitem(Population.lanes_that_fit.__globals__, "MEMINFO", meminfo)
    study = search(Tiny(), 9, search_seed=3, machine=Machine(lanes=8))
    assert [trial.environment.lanes for trial in study.trials] == [4] * 8 + [8]


def test_one_lane_that_does_not_fit_into_memory_ends_the_search_and_keeps_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fit = Population.fit

    def without(self: Population, configs: Sequence[dict[str, float]], *, steps: int | None = None) -> Fitted:
        if Tiny.space.config(3, 2, "tiny") in configs:
            raise RuntimeError(
                "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            )
        return fit(self, configs, steps=steps)

    with monkeypatch.context() as patch:
        patch.setattr(Population, "fit", without)
        with pytest.raises(SearchError, match=r"^trials from 2: RuntimeError: .*can't allocate memory"):
            search(Tiny(), 6, search_seed=3, path=tmp_path / "s", machine=Machine(lanes=1))
    assert sorted(read_store(tmp_path / "s").trials) == [(k, Tiny.steps) for k in (0, 1, 3, 4, 5)]
    assert searched(tmp_path / "s", 6, lanes=1) == searched(tmp_path / "whole", 6, lanes=1)


def test_another_error_is_not_taken_for_want_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def broken(self: Population, configs: Sequence[dict[str, float]], *, steps: int | None = None) -> Fitted:
        calls.append(len(configs))
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(Population, "fit", broken)
    with pytest.raises(SearchError, match="shapes differ"):
        search(Tiny(), 4, search_seed=3)
    assert calls == [4, 4]


class Crashing(Tiny):
    """Kills its worker in the first `crashes` chunks that load it, counted by files in a folder."""

    def __init__(self, folder: Path, crashes: int) -> None:
        super().__init__()
        self.folder, self.crashes = folder, crashes

    def model(self) -> nn.Module:
        begun = len(list(self.folder.iterdir()))
        if os.environ.get("CRASHING") != str(os.getpid()) and begun < self.crashes:
            (self.folder / str(os.getpid())).touch()
            os._exit(5)
        return super().model()


def test_a_chunk_that_crashes_once_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHING", str(os.getpid()))
    folder = tmp_path / "crashes"
    folder.mkdir()
    study = search(
        Crashing(folder, 1), 6, search_seed=3, machine=Machine(lanes=3), backend=Backend.PROCESSES, workers=1
    )
    assert len(list(folder.iterdir())) == 1
    assert weights(study) == weights(search(Tiny(), 6, search_seed=3))


def test_a_chunk_that_crashes_again_costs_only_its_own_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHING", str(os.getpid()))
    folder, path = tmp_path / "crashes", tmp_path / "s"
    folder.mkdir()
    task, machine = Crashing(folder, 2), Machine(lanes=3)
    with pytest.raises(SearchError, match=r"^trials from 0: the worker exited with code 5$"):
        search(task, 9, search_seed=3, path=path, machine=machine, backend=Backend.PROCESSES, workers=1)
    assert sorted(id for id, _ in read_store(path).trials) == [3, 4, 5, 6, 7, 8]
    assert len(search(task, 9, path=path, machine=machine).trials) == 9


def test_halving_gives_the_best_third_of_each_rung_more_steps_and_records_the_stopped() -> None:
    study = search(Tiny(), 18, search_seed=3, halving=Halving())
    trials = study.store.trials
    rungs = {steps: {id: trial.score for (id, at), trial in trials.items() if at == steps} for steps in (2, 4, 12)}
    assert [len(rung) for rung in rungs.values()] == [18, 6, 2]
    for rung, after in ((rungs[2], rungs[4]), (rungs[4], rungs[12])):
        assert set(after) == set(sorted(rung, key=lambda id: (-rung[id], id))[: len(after)])
    assert [trial.id for trial in study.trials] == sorted(rungs[12])
    assert (study.halved, study.store.tried) == (True, 18)
    whole = dict(weights(search(Tiny(), 18, search_seed=3)))
    assert all(whole[trial.id] == trial.weights for trial in study.trials)


def test_halving_resumes_in_any_rung_with_the_bytes_of_one_sitting(tmp_path: Path) -> None:
    search(Tiny(), 9, search_seed=3, path=tmp_path / "whole", halving=Halving())
    whole = (tmp_path / "whole").read_bytes()
    lines = whole.splitlines(keepends=True)
    assert len(lines) == 2 + 9 + 3 + 1
    for kept in range(1, len(lines)):
        (tmp_path / "s").write_bytes(b"".join(lines[:kept]))
        search(Tiny(), 9, path=tmp_path / "s", halving=Halving())
        assert (tmp_path / "s").read_bytes() == whole


def test_a_trial_is_begun_by_as_many_as_are_asked_for_and_at_least_one_survives() -> None:
    assert len(search(Tiny(), 2, search_seed=3, halving=Halving()).trials) == 1
    assert Halving(factor=3, rungs=3).steps(200) == [23, 67, 200]
    assert Halving(factor=2, rungs=4).steps(3) == [1, 1, 2, 3]


EXPLODING = Space({"seed": ANY_SEED, "lr": LogUniform(1e30, 1e38), "dropout": 0.0, "width": 16})


def test_a_diverged_trial_counts_as_chance_and_is_recorded(tmp_path: Path) -> None:
    study = search(Tiny(), 4, search_seed=3, space=EXPLODING, path=tmp_path / "s")
    assert [(trial.diverged, trial.score) for trial in read_store(tmp_path / "s").final] == [(True, 1 / 3)] * 4
    assert all(score == 1 / 3 for trial in study.trials for _, score in trial.curve)
    assert study.best.id == 0


def test_the_score_is_the_share_of_the_examples_marked_as_right() -> None:
    study = search(Tiny(), 6, search_seed=3)
    population, fitted, _ = retrain(study, range(6))
    marks = correct(population, fitted, Part.VALIDATION)
    assert [trial.score for trial in study.trials] == pytest.approx(marks.mean(1))
    assert np.array_equal([trial.correct for trial in study.trials], marks)
    assert all([step for step, _ in trial.curve] == [3, 6, 9, 12] for trial in study.trials)
    assert all(trial.curve[-1][1] == trial.score for trial in study.trials)


def test_a_trial_is_retrained_to_the_bit_in_other_company(tmp_path: Path) -> None:
    searched(tmp_path / "s")
    study = search(Tiny(), 12, path=tmp_path / "s")
    for ids in ([7], [11, 0, 5]):
        population, fitted, same = retrain(study, ids)
        assert same == [True] * len(ids)
        marks = correct(population, fitted, Part.VALIDATION)
        assert np.array_equal(marks, [study.store.trials[id, Tiny.steps].correct for id in ids])


def test_retraining_notices_weights_that_are_not_those_recorded(tmp_path: Path) -> None:
    digest = search(Tiny(), 3, search_seed=3, path=tmp_path / "s").trials[1].weights
    text = (tmp_path / "s").read_text()
    (tmp_path / "s").write_text(text.replace(digest, f"{int(digest, 16) ^ 1:016x}"))
    assert retrain(search(Tiny(), 3, path=tmp_path / "s"), [0, 1, 2])[2] == [True, False, True]


def test_a_trial_that_did_not_run_to_its_end_cannot_be_retrained() -> None:
    study = search(Tiny(), 9, search_seed=3, halving=Halving())
    stopped = next(id for id in range(9) if id != study.best.id)
    with pytest.raises(SearchError, match=f"^tiny: trial {stopped} is not among the trials that ran to their end$"):
        retrain(study, [study.best.id, stopped])


def test_the_best_trial_is_the_first_of_those_with_the_highest_score() -> None:
    study = search(Tiny(), 5, search_seed=3)
    for (id, steps), trial in study.store.trials.items():
        study.store.trials[id, steps] = replace(trial, score=0.9 if id in (2, 4) else 0.1)
    assert study.best.id == 2


def test_the_signature_names_all_that_a_result_depends_on() -> None:
    study = search(Tiny(), 2, search_seed=3, machine=Machine(lanes=2))
    head = study.store.head
    assert study.signature() == (
        f"seedlint-trainer:{head.seedlint}|task=tiny:{head.fingerprint[:8]}|space={head.space.digest}|search_seed=3|trials=2"
        f"|steps=12|selection=random|engine=eager|lanes=2|threads=1|torch={torch.__version__}|device=cpu"
    )


@dataclass
class Bad:
    """A call that cannot be honoured, and what is said of it."""

    arguments: dict[str, object]
    error: type[Exception]
    said: str


@pytest.mark.parametrize(
    "bad",
    [
        Bad({"trials": 0}, SearchError, "at least one trial"),
        Bad({"shard": (2, 2)}, SearchError, r"shard 2/2: shards of n count from 0 to n - 1"),
        Bad({"shard": (-1, 2)}, SearchError, "shard -1/2"),
        Bad({"shard": (0, 2), "halving": Halving()}, SearchError, "cannot be divided into shards"),
        Bad({"task": "tiny"}, TaskError, "a task is named as module:name"),
        Bad({"task": "tiny:None"}, TaskError, "^tiny:None: AttributeError"),
        Bad({"workers": 0}, ValueError, "workers"),
    ],
)
def test_what_cannot_be_searched_is_said_in_one_line(bad: Bad) -> None:
    with pytest.raises(bad.error, match=bad.said) as caught:
        search(**{"task": Tiny(), "trials": 3, **bad.arguments})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_without_trials_there_is_no_best() -> None:
    study = search(Tiny(), 1, search_seed=3, shard=(1, 2))
    with pytest.raises(SearchError, match=r"^tiny: no trial has run to its end$"):
        _ = study.best


if __name__ == "__main__":
    print(json.dumps(tormented(Path(sys.argv[1]))))
