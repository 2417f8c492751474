"""What is recorded can be read again, a kill loses nothing, and what is no store, or another's, is named."""

from __future__ import annotations

import errno
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seedlint.trainer.space import ANY_SEED, Choice, Integers, LogUniform, Space, Uniform
from seedlint.trainer.store import Environment, Head, Store, StoreError, Trial, merge, open_store, read_store

SPACE = Space(
    {"seed": ANY_SEED, "lr": LogUniform(1e-4, 0.1), "p": Uniform(0.0, 0.5), "n": Integers(1, 9), "w": Choice((8, 0.5))}
)
HEAD = Head("a task", "0123456789abcdef", SPACE, 7, "a family", 90, "random", "0.1.0")
HERE = Environment("eager", 64, 1, "cpu", "x86_64 AVX2", "2.13.0", "2.4.0", "3.11.7")
THERE = replace(HERE, device="cuda:0", engine="graph", lanes=1024)


def a_trial(number: int, steps: int = 90, environment: Environment = HERE) -> Trial:
    return Trial(
        id=number,
        config=SPACE.config(7, number, "a family"),
        steps=steps,
        score=number / 7,
        diverged=number % 2 == 1,
        curve=((45, 0.1), (90, number / 7)),
        correct=np.arange(13) % (number + 2) == 0,
        weights=f"{number:016x}",
        environment=environment,
    )


def written(path: Path, *trials: Trial) -> bytes:
    with open_store(path, HEAD) as store:
        for trial in trials:
            store.add([trial])
    return path.read_bytes()


def plain(trial: Trial) -> Trial:
    return replace(trial, correct=tuple(trial.correct.tolist()))  # type: ignore[arg-type]


def plainly(store: Store) -> dict[tuple[int, int], Trial]:
    return {key: plain(trial) for key, trial in store.trials.items()}


def test_every_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "study.jsonl"
    trials = [a_trial(0), a_trial(1, environment=THERE), a_trial(2, steps=30), a_trial(2)]
    with open_store(path, HEAD) as store:
        store.add(trials)
        opening = store.open_test([2, 0], 0.75, np.arange(9) % 2 == 0)
    read = read_store(path)
    assert read.head == HEAD
    assert plainly(read) == {(trial.id, trial.steps): plain(trial) for trial in trials}
    (found,) = read.openings
    assert (found.trials, found.at, found.score) == ((2, 0), opening.at, 0.75)
    assert found.correct.tolist() == opening.correct.tolist()


def test_configurations_drawn_from_a_space_that_was_read_are_those_of_the_space_that_was_written(
    tmp_path: Path,
) -> None:
    whole_bounds = Space({**SPACE.dimensions, "p": Uniform(0, 1), "lr": LogUniform(1, 10)})
    for space in (SPACE, whole_bounds):
        path = tmp_path / space.digest
        with open_store(path, replace(HEAD, space=space)):
            pass
        read = read_store(path).head.space
        assert [read.config(7, k) for k in range(20)] == [space.config(7, k) for k in range(20)]


def test_an_environment_is_written_once_and_before_its_trials(tmp_path: Path) -> None:
    lines = written(tmp_path / "s", a_trial(0), a_trial(1), a_trial(2, environment=THERE)).splitlines()
    kinds = [next(iter(json.loads(line))) for line in lines]
    assert kinds == ["study", "environment", "trial", "trial", "environment", "trial"]


def test_a_trial_is_final_where_it_had_all_its_steps_and_tried_in_any_case() -> None:
    store = Store(HEAD)
    store.add([a_trial(3), a_trial(1, steps=30), a_trial(0), a_trial(0, steps=30)])
    assert [trial.id for trial in store.final] == [0, 3]
    assert store.tried == 3


def test_what_is_recorded_stays_as_it_is(tmp_path: Path) -> None:
    before = written(tmp_path / "s", a_trial(0))
    assert written(tmp_path / "s", replace(a_trial(0), score=0.9)) == before


def test_each_append_is_on_the_disk_before_the_next_thing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced, fsync = tmp_path / "s", [], os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(path.read_bytes().count(b"\n"))

    monkeypatch.setattr(os, "fsync", watched)
    with open_store(path, HEAD) as store:
        store.add([a_trial(0), a_trial(1)])
        store.add([a_trial(2)])
        store.open_test([0], 0.5, np.ones(3, bool))
    assert synced == [1, 4, 5, 6]


def test_a_file_cut_at_any_byte_of_its_last_two_lines_keeps_the_whole_lines_and_can_be_completed(
    tmp_path: Path,
) -> None:
    path, trials = tmp_path / "s", [a_trial(0), a_trial(1), a_trial(2)]
    whole = written(path, *trials)
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) - len(lines[-1]) - len(lines[-2]), len(whole)):
        path.write_bytes(whole[:cut])
        assert len(read_store(path).trials) == whole[:cut].count(b"\n") - 2
        assert written(path, *trials) == whole


def test_a_torn_line_is_cut_off_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "s"
    whole = written(path, a_trial(0))
    path.write_bytes(whole + b'{"trial":1,' + b" " * 1000)
    assert written(path) == whole


def test_a_file_cut_at_any_byte_of_its_first_line_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "s"
    whole = written(path, a_trial(0))
    for cut in range(whole.index(b"\n")):
        path.write_bytes(whole[:cut])
        assert written(path, a_trial(0)) == whole


def test_a_file_that_is_no_study_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    for text in ('{"seed": {"integers": [0, 9]}}', '{"seed": 1}\n', "notes", "notes\nand more\n", "\n"):
        path.write_text(text)
        with pytest.raises(StoreError, match=re.escape(str(path))):
            open_store(path, HEAD)
        assert path.read_text() == text


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b'{"trial":1',
        b"[1]",
        b"7",
        b"null",
        b'"trial"',
        b"{}",
        b"\xff\xfe",
        b'{"trial":1}',
        b'{"opened":{}}',
        b'{"environment":{"engine":"eager"}}',
        b'{"opened":{"trials":[0],"at":"","score":1,"correct":5}}',
        b'{"opened":{"trials":[0],"at":"","score":1,"correct":"3:x"}}',
    ],
)
def test_a_line_that_is_no_record_is_named_by_file_and_number(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "s"
    lines = written(path, a_trial(0), a_trial(1)).splitlines()
    path.write_bytes(b"\n".join([*lines[:3], line, *lines[3:], b""]))
    with pytest.raises(StoreError, match=rf"^{re.escape(str(path))}: line 4 is no record of a study"):
        read_store(path)


def test_a_trial_whose_environment_is_missing_is_no_record(tmp_path: Path) -> None:
    lines = written(tmp_path / "s", a_trial(0)).splitlines(keepends=True)
    (tmp_path / "s").write_bytes(lines[0] + lines[2])
    with pytest.raises(StoreError, match="line 2 is no record"):
        read_store(tmp_path / "s")


def test_a_later_format_is_refused_by_its_version(tmp_path: Path) -> None:
    text = written(tmp_path / "s").replace(b'"version":1', b'"version":2')
    (tmp_path / "s").write_bytes(text)
    with pytest.raises(StoreError, match="version 2 of the format, not 1"):
        read_store(tmp_path / "s")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("task", "another", "task: a task and another"),
        ("fingerprint", "feed", "fingerprint: 0123456789abcdef and feed"),
        ("search_seed", 8, "search_seed: 7 and 8"),
        ("family", "tanh", "family: a family and tanh"),
        ("steps", 30, "steps: 90 and 30"),
        ("selection", "halving(factor=3,rungs=3)", "selection: random and halving"),
        ("space", Space({"seed": ANY_SEED, "lr": 0.1}), "space: [0-9a-f]{8} and [0-9a-f]{8}"),
    ],
)
def test_another_study_is_refused_with_what_differs(tmp_path: Path, name: str, value: object, said: str) -> None:
    before = written(tmp_path / "s", a_trial(0))
    with pytest.raises(StoreError, match=rf"s: holds another study \({said}"):
        open_store(tmp_path / "s", replace(HEAD, **{name: value}))  # type: ignore[arg-type]
    assert (tmp_path / "s").read_bytes() == before


def test_another_version_of_the_program_goes_on_with_a_study(tmp_path: Path) -> None:
    written(tmp_path / "s", a_trial(0))
    assert len(open_store(tmp_path / "s", replace(HEAD, seedlint="9.9")).trials) == 1


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    path = tmp_path / "s"
    with open_store(path, HEAD) as store:
        store.add([a_trial(0)])
        with pytest.raises(StoreError, match="another search is writing to it"), open_store(path, HEAD):
            pass
        store.add([a_trial(1)])
    with open_store(path, HEAD) as store:
        assert len(store.trials) == 2


def test_what_another_wrote_since_the_file_was_read_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    written(path, a_trial(0))
    early = open_store(path, HEAD)
    with open_store(path, HEAD) as other:
        other.add([a_trial(1)])
        other.open_test([1], 0.5, np.ones(3, bool))
    with early:
        assert sorted(early.trials) == [(0, 90), (1, 90)]
        early.add([a_trial(2)])
        early.rewrite()
    read = read_store(path)
    assert sorted(read.trials) == [(0, 90), (1, 90), (2, 90)]
    assert len(read.openings) == 1


def test_a_file_that_became_another_study_since_it_was_read_is_neither_written_nor_locked(tmp_path: Path) -> None:
    path = tmp_path / "s"
    written(path, a_trial(0))
    early = open_store(path, HEAD)
    path.unlink()
    with open_store(path, replace(HEAD, search_seed=8)):
        pass
    before = path.read_bytes()
    with pytest.raises(StoreError, match="holds another study"):
        early.__enter__()
    assert path.read_bytes() == before
    with open_store(path, replace(HEAD, search_seed=8)):
        pass


def test_a_file_that_was_replaced_before_it_could_be_locked_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "s"
    before = written(path, a_trial(0))
    flock = fcntl.flock

    def late(file: object, operation: int) -> None:
        (tmp_path / "new").write_bytes(before)
        os.replace(tmp_path / "new", path)
        flock(file, operation)

    store = open_store(path, HEAD)
    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(StoreError, match="another search is writing to it"):
        store.__enter__()


def test_a_store_is_written_to_only_while_it_is_locked(tmp_path: Path) -> None:
    written(tmp_path / "s", a_trial(0))
    with pytest.raises(StoreError, match="not open for writing"):
        open_store(tmp_path / "s", HEAD).add([a_trial(1)])


def test_a_full_disk_is_an_error_of_the_store_and_loses_nothing_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s"
    before = written(path, a_trial(0))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="s: No space left on device"), open_store(path, HEAD) as store:
            store.add([a_trial(1)])
    assert path.read_bytes().startswith(before)
    written(path, a_trial(1))
    assert sorted(read_store(path).trials) == [(0, 90), (1, 90)]


def test_lines_are_put_into_the_order_of_steps_and_ids_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "s"
    trials = [a_trial(0, steps=30), a_trial(1, steps=30, environment=THERE), a_trial(0), a_trial(2)]
    written(tmp_path / "ordered", *trials)
    with open_store(path, HEAD) as store:
        store.add(reversed(trials))
        store.rewrite()
    first = lambda line: json.loads(line).get("trial")  # noqa: E731
    assert [first(line) for line in path.read_bytes().splitlines()] == [None, None, None, 0, 1, 0, 2]
    assert plainly(read_store(path)) == plainly(read_store(tmp_path / "ordered"))
    assert sorted(os.listdir(tmp_path)) == ["ordered", "s"]


def test_a_folder_a_pipe_and_a_missing_file_are_no_stores(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(StoreError, match=rf"^{re.escape(str(path))}: not a file$"):
            open_store(path, HEAD)
        with pytest.raises(StoreError, match="not a file"):
            read_store(path)
    with pytest.raises(StoreError, match="No such file or directory"):
        read_store(tmp_path / "none")


def test_an_empty_file_is_begun_but_not_read(tmp_path: Path) -> None:
    (tmp_path / "s").touch()
    with pytest.raises(StoreError, match="no study in it"):
        read_store(tmp_path / "s")
    assert written(tmp_path / "s").count(b"\n") == 1


def test_a_path_that_cannot_be_made_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "s", tmp_path / ("x" * 300)):
        with pytest.raises(StoreError, match=re.escape(str(path))), open_store(path, HEAD):
            pass


def test_a_folder_or_file_without_permission_is_an_error_of_the_store(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("everything is permitted to root")
    folder = tmp_path / "closed"
    written(folder / "s", a_trial(0))
    (folder / "s").chmod(0o400)
    with pytest.raises(StoreError, match="Permission denied"), open_store(folder / "s", HEAD):
        pass
    folder.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"), open_store(folder / "t", HEAD):
        pass
    folder.chmod(0o700)


def test_shards_are_merged_to_one_file_and_an_existing_one_is_left_alone(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole", *(a_trial(k) for k in range(5)))
    shards = [tmp_path / "0", tmp_path / "1"]
    for number, shard in enumerate(shards):
        written(shard, *(a_trial(k) for k in range(number, 5, 2)))
    merge(shards, tmp_path / "deep" / "merged")
    assert (tmp_path / "deep" / "merged").read_bytes() == whole
    with pytest.raises(StoreError, match="whole: exists already"):
        merge(shards, tmp_path / "whole")


def test_shards_of_different_studies_or_with_different_weights_are_not_merged(tmp_path: Path) -> None:
    written(tmp_path / "a", a_trial(0))
    with open_store(tmp_path / "b", replace(HEAD, search_seed=8)):
        pass
    written(tmp_path / "c", replace(a_trial(0), weights="f" * 16))
    with pytest.raises(StoreError, match=r"b: is of another study than .*a \(search_seed: 7 and 8\)"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "merged")
    with pytest.raises(StoreError, match="c: trial 0 came out otherwise"):
        merge([tmp_path / "a", tmp_path / "c"], tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_a_kill_while_lines_are_put_into_order_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, ordered = tmp_path / "s", written(tmp_path / "ordered", a_trial(0), a_trial(1))

    def killed(*paths: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with open_store(path, HEAD) as store:
            store.add([a_trial(1), a_trial(0)])
            with pytest.raises(KeyboardInterrupt):
                store.rewrite()
    with open_store(path, HEAD) as store:
        assert sorted(store.trials) == [(0, 90), (1, 90)]
        store.rewrite()
    assert path.read_bytes() == ordered
    assert sorted(os.listdir(tmp_path)) == ["ordered", "s"]
