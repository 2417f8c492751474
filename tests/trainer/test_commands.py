"""The trainer's commands: what they print, where they write it, and how they end on what they cannot use."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch")

import torch

import seedlint
from seedlint.chunks import Backend
from seedlint.cli import cli
from seedlint.cli.trainer import BUILT_IN, _progress, trainer
from seedlint.trainer import plots
from seedlint.trainer.search import Halving, search
from seedlint.trainer.space import ANY_SEED, Space
from seedlint.trainer.store import read_store
from seedlint.trainer.study import SearchError, Study
from seedlint.trainer.task import load_task

TINY = f"{Path(__file__).parent / 'tiny.py'}:Tiny"
FORMATS = ("md", "csv", "tex")
COMMANDS = ("compare", "demo", "ensemble", "merge", "replay", "report", "search", "select", "sensitivity")
SEEDS_ONLY = Space({"seed": ANY_SEED, "lr": 0.03, "weight_decay": 0.01, "dropout": 0.1, "width": 8})


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["trainer", *map(str, arguments)])


def done(*arguments: object) -> str:
    """What a command printed that did what it was asked, and said nothing else."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def refused(*arguments: object) -> str:
    """The one line of a command that could not do what it was asked."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    return line.removeprefix("seedlint: ")


def misused(*arguments: object) -> str:
    """The last line on a usage that click refuses."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    return result.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two searched families, one of seeds only, and a halved one."""
    folder = tmp_path_factory.mktemp("recorded")
    for name in ("one", "other"):
        search(TINY, 24, search_seed=3, family=name, path=folder / f"{name}.jsonl")
    search(TINY, 4, search_seed=3, space=SEEDS_ONLY, family="seeds", path=folder / "seeds.jsonl")
    search(TINY, 9, search_seed=3, family="halved", halving=Halving(rungs=2), path=folder / "halved.jsonl")
    return folder


@pytest.fixture
def one(recorded: Path, tmp_path: Path) -> Path:
    """A store of one's own of 24 trials."""
    return copied(recorded / "one.jsonl", tmp_path)


@pytest.fixture
def other(recorded: Path, tmp_path: Path) -> Path:
    return copied(recorded / "other.jsonl", tmp_path)


def copied(store: Path, folder: Path) -> Path:
    (folder / store.name).write_bytes(store.read_bytes())
    return folder / store.name


def changed(path: Path, **head: object) -> Path:
    """The store with other entries in its first line."""
    first, _, rest = path.read_text().partition("\n")
    record = json.loads(first)
    record["study"].update(head)
    path.write_text(f"{json.dumps(record)}\n{rest}")
    return path


class TestSearch:
    def test_it_records_all_trials_and_names_the_best(self, tmp_path: Path) -> None:
        path = tmp_path / "tiny.jsonl"
        printed = done("search", TINY, path, "-n", 5, "--search-seed", 3)
        store = read_store(path)
        best = max(store.final, key=lambda trial: trial.score)
        signature, result = printed.splitlines()
        assert "|search_seed=3|trials=5|" in signature
        assert result == f"5 trials ran to their end; the best by validation is trial {best.id}, with {best.score:.4f}."
        assert [trial.id for trial in store.final] == [0, 1, 2, 3, 4]

    def test_it_goes_on_where_it_was_with_the_search_seed_it_drew(self, tmp_path: Path) -> None:
        path = tmp_path / "tiny.jsonl"
        done("search", TINY, path, "-n", 3)
        first = read_store(path)
        assert "5 trials ran" in done("search", TINY, path, "-n", 5)
        second = read_store(path)
        assert second.head.search_seed == first.head.search_seed
        assert [trial.weights for trial in second.final[:3]] == [trial.weights for trial in first.final]

    def test_its_options_reach_the_record(self, tmp_path: Path) -> None:
        space = tmp_path / "space.json"
        space.write_text(json.dumps({**Space(load_task(TINY).space.dimensions).as_json(), "width": 4}))
        machine = ("--device", "cpu", "--engine", "eager", "--lanes", 2, "--threads", 1)
        path = tmp_path / "tiny.jsonl"
        done("search", TINY, path, "-n", 3, "--family", "mine", "--space", space, "--backend", "serial", *machine)
        store = read_store(path)
        assert store.head.family == "mine"
        assert store.head.reference == TINY
        assert {trial.config["width"] for trial in store.final} == {4}
        assert {(trial.environment.lanes, trial.environment.threads) for trial in store.final} == {(2, 1)}

    def test_halving_trains_few_trials_to_their_end(self, tmp_path: Path) -> None:
        assert "1 trials ran" in done("search", TINY, tmp_path / "tiny.jsonl", "-n", 9, "--halving")

    def test_a_shard_is_a_store_of_its_own_and_shards_merge_into_the_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "tiny.jsonl"
        for i in range(2):
            done("search", TINY, path, "-n", 5, "--search-seed", 3, "--shard", f"{i}/2")
        shards = [tmp_path / f"tiny.shard-{i}-of-2.jsonl" for i in range(2)]
        assert sorted(tmp_path.iterdir()) == shards
        merged, whole = tmp_path / "merged.jsonl", tmp_path / "whole.jsonl"
        assert done("merge", *shards, "--into", merged) == f"{merged}: 5 trials\n"
        done("search", TINY, whole, "-n", 5, "--search-seed", 3)
        assert merged.read_bytes() == whole.read_bytes()

    def test_one_shard_of_one_is_the_store_itself(self, tmp_path: Path) -> None:
        path = tmp_path / "tiny.jsonl"
        done("search", TINY, path, "-n", 1, "--shard", "0/1")
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize(
        ("options", "backend", "workers"),
        [
            ([], Backend.SERIAL, 1),
            (["--workers", 3], Backend.PROCESSES, 3),
            (["--workers", 2, "--backend", "ray"], Backend.RAY, 2),
        ],
    )
    def test_several_workers_are_processes_unless_said_otherwise(
        self, options: list[object], backend: Backend, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def asked(*arguments: object, **options: object) -> Study:
            assert (options["backend"], options["workers"]) == (backend, workers)
            raise SearchError("asked for")

        monkeypatch.setattr("seedlint.trainer.search.search", asked)
        assert refused("search", TINY, tmp_path / "x.jsonl", "-n", 4, *options) == "asked for"

    def test_its_short_names_are_tasks(self) -> None:
        assert [load_task(reference).name for reference in BUILT_IN.values()] == ["digits-relu", "digits-tanh"]

    @pytest.mark.parametrize("shard", ["1", "a/b", "/", "0/-1", "1.5/2", "-1/2"])
    def test_a_shard_that_is_none_is_a_wrong_usage(self, tmp_path: Path, shard: str) -> None:
        line = misused("search", TINY, tmp_path / "x.jsonl", "-n", 4, "--shard", shard)
        assert line == "Error: Invalid value for --shard: a shard is i/n, such as 0/4"

    @pytest.mark.parametrize("shard", ["2/2", "0/0"])
    def test_a_shard_beyond_the_last_is_refused(self, tmp_path: Path, shard: str) -> None:
        assert "shards of n count from 0" in refused("search", TINY, tmp_path / "x.jsonl", "-n", 4, "--shard", shard)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("{", "Expecting property name"),
            ("[1]", "a search space is a table of names and dimensions"),
            ('{"lr": 0.1}', "a search space needs 'seed' among its names"),
            ('{"seed": {"integers": [0, 9]}, "lr": {"log": [1, 2]}}', "lr: {'log': [1, 2]} is neither"),
            ('{"seed": {"integers": [0, 9]}, "lr": {"uniform": [2, 1]}}', "lr: low must not exceed high"),
            ("\xff", "can't decode byte"),
        ],
    )
    def test_a_space_that_cannot_be_read_is_refused(self, tmp_path: Path, text: str, why: str) -> None:
        space = tmp_path / "space.json"
        space.write_text(text, encoding="latin-1")
        line = refused("search", TINY, tmp_path / "x.jsonl", "-n", 1, "--space", space)
        assert line.startswith(f"{space}: ")
        assert why in line
        assert not (tmp_path / "x.jsonl").exists()

    def test_a_space_without_a_name_that_the_model_uses_fails_and_names_it(self, tmp_path: Path) -> None:
        space = tmp_path / "space.json"
        space.write_text('{"seed": {"integers": [0, 9]}, "lr": 0.1, "dropout": 0.1}')
        assert "width" in refused("search", TINY, tmp_path / "x.jsonl", "-n", 1, "--space", space)

    @pytest.mark.parametrize(
        ("task", "why"),
        [
            ("digit", "digit: a task is named as module:name or file.py:name"),
            ("nowhere.py:Tiny", "nowhere.py: no such file"),
            ("nowhere:Tiny", "nowhere:Tiny: ModuleNotFoundError"),
            (f"{TINY}er", "AttributeError"),
        ],
        ids=["no module", "no file", "not installed", "not in it"],
    )
    def test_an_unknown_task_is_refused(self, tmp_path: Path, task: str, why: str) -> None:
        assert why in refused("search", task, tmp_path / "x.jsonl", "-n", 1)

    def test_a_task_file_that_raises_is_refused_in_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "own.py").write_text("raise KeyError('no\\nsuch key')\n")
        line = refused("search", f"{tmp_path}/own.py:Own", tmp_path / "x.jsonl", "-n", 1)
        assert "own.py:Own: KeyError" in line

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            ("def loss(self, logits, labels): raise IndexError('no loss here')", "no loss here"),
            ("def score(self, logits, labels): raise ZeroDivisionError('no score here')", "no score here"),
            ("def model(self): raise RuntimeError('no weights here')", "no weights here"),
            ("def examples(self, part): raise OSError('no data here')", "no data here"),
            ("batch = 0", "batch is 0, and at least 1 is needed"),
            ("steps = 0", "steps is 0, and at least 1 is needed"),
        ],
    )
    def test_a_task_that_raises_in_training_is_refused_in_one_line(self, tmp_path: Path, body: str, why: str) -> None:
        (tmp_path / "own.py").write_text(f"from tiny import Tiny\nclass Own(Tiny):\n    {body}\n")
        assert why in refused("search", f"{tmp_path}/own.py:Own", tmp_path / "x.jsonl", "-n", 1)

    def test_what_is_no_task_is_refused(self, tmp_path: Path) -> None:
        assert "json:loads" in refused("search", "json:loads", tmp_path / "x.jsonl", "-n", 1)
        line = refused("search", "json:decoder", tmp_path / "x.jsonl", "-n", 1)
        assert line.startswith("json:decoder: not a task, for it has no name, space")

    def test_another_study_is_not_added_to(self, one: Path) -> None:
        before = one.read_bytes()
        line = refused("search", TINY, one, "-n", 30, "--family", "another")
        assert line == f"{one}: holds another study (family: one and another)"
        assert one.read_bytes() == before

    def test_a_file_that_holds_no_study_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("a first line\nand a second\n")
        assert "line 1 is no record of a study" in refused("search", TINY, path, "-n", 1)
        assert path.read_text() == "a first line\nand a second\n"

    def test_a_graph_needs_cuda(self, tmp_path: Path) -> None:
        line = refused("search", TINY, tmp_path / "x.jsonl", "-n", 1, "--device", "cpu", "--engine", "graph")
        assert "the engine 'graph' needs a CUDA device" in line

    @pytest.mark.skipif(torch.cuda.is_available(), reason="has CUDA")
    def test_cuda_needs_cuda(self, tmp_path: Path) -> None:
        assert refused("search", TINY, tmp_path / "x.jsonl", "-n", 1, "--device", "cuda") == "torch sees no CUDA device"

    @pytest.mark.skipif(torch.backends.mps.is_available(), reason="has MPS")
    def test_mps_needs_mps(self, tmp_path: Path) -> None:
        assert "mps" in refused("search", TINY, tmp_path / "x.jsonl", "-n", 1, "--device", "mps").lower()

    def test_no_trials_are_a_wrong_usage(self, tmp_path: Path) -> None:
        assert "0 is not in the range x>=1" in misused("search", TINY, tmp_path / "x.jsonl", "-n", 0)

    def test_halving_has_no_shards(self, tmp_path: Path) -> None:
        line = refused("search", TINY, tmp_path / "x.jsonl", "-n", 9, "--halving", "--shard", "0/2")
        assert "cannot be divided into shards" in line


class TestOneFamily:
    def test_select_opens_the_test_set_once(self, one: Path) -> None:
        first = done("select", one)
        assert "24 trials" in first.splitlines()[0]
        assert first.splitlines()[-1].startswith("seedlint-trainer:")
        assert done("select", one) == first
        assert len(read_store(one).openings) == 1

    def test_select_says_when_the_weights_came_out_otherwise(self, one: Path) -> None:
        text = one.read_text()
        for trial in read_store(one).final:
            text = text.replace(trial.weights, "0123456789abcdef")
        one.write_text(text)
        result = run("select", one)
        assert result.exit_code == 0
        assert "was selected" in result.stdout
        assert result.stderr.splitlines() == [
            "seedlint: training the trial again gave other weights than recorded: another environment"
        ]

    def test_ensemble_combines_as_many_as_it_is_told_and_records_the_candidates(self, one: Path) -> None:
        record = one.with_name("members.jsonl")
        printed = done("ensemble", one, "-m", 3, "--candidates", 6, "--record", record)
        assert "averaged probabilities of 3 models" in printed
        assert len(read_store(record).final) == 6
        assert [opening.what for opening in read_store(one).openings] == ["ensemble of 3 of 6 seeds"]

    def test_ensemble_needs_as_many_candidates_as_members(self, one: Path) -> None:
        assert "not 4 of 3" in refused("ensemble", one, "-m", 4, "--candidates", 3)

    def test_ensemble_says_how_many_halving_leaves(self, one: Path) -> None:
        assert "1 of 9 candidates ran to a sound end" in refused(
            "ensemble", one, "-m", 3, "--candidates", 9, "--halving"
        )

    def test_sensitivity_measures_every_stream_and_records_it(self, one: Path) -> None:
        folder = one.with_name("streams")
        printed = done("sensitivity", one, "--seeds", 3, "--record", folder)
        assert "validation scores over 3 seeds" in printed
        assert len(list(folder.iterdir())) == 5
        assert read_store(one).openings == []

    def test_replay_retrains_a_trial(self, one: Path) -> None:
        assert done("replay", one, 7).startswith("Trial 7 came out with the same weights, bit for bit")

    def test_a_replay_that_differs_ends_with_1(self, one: Path) -> None:
        one.write_text(one.read_text().replace(read_store(one).final[7].weights, "0123456789abcdef"))
        result = run("replay", one, 7)
        assert (result.exit_code, result.stderr) == (1, "")
        assert result.stdout.startswith("Trial 7, recorded in the same environment, came out with other weights")

    def test_a_trial_that_is_not_there_is_not_replayed(self, one: Path) -> None:
        assert refused("replay", one, 24) == "one: trial 24 is not among the trials that ran to their end"

    @pytest.mark.parametrize("command", ["select", "ensemble", "sensitivity"])
    def test_a_study_without_trials_has_no_best(self, one: Path, command: str) -> None:
        one.write_text(one.read_text().partition("\n")[0] + "\n")
        assert refused(command, one) == "one: no trial has run to its end"

    @pytest.mark.parametrize(
        "command", [["select"], ["ensemble", "-m", 2], ["sensitivity", "--seeds", 2], ["replay", 0]], ids=lambda c: c[0]
    )
    def test_a_task_is_taken_from_where_the_user_says(self, command: list[object], one: Path) -> None:
        changed(one, reference="moved.py:Tiny")
        name, *more = command
        assert refused(name, one, *more) == "moved.py: no such file"
        done(name, one, *more, "--task", TINY)


@pytest.mark.parametrize("command", ["select", "ensemble", "sensitivity", "replay", "compare", "report", "merge"])
class TestEveryReader:
    def arguments(self, command: str, store: Path) -> list[object]:
        more = {"replay": [0], "report": ["--out", store.parent / "out"], "merge": ["--into", store.parent / "into"]}
        return [command, store, *more.get(command, [])]

    def test_a_store_that_is_missing_is_a_wrong_usage(self, command: str, tmp_path: Path) -> None:
        line = misused(*self.arguments(command, tmp_path / "missing.jsonl"))
        assert "missing.jsonl' does not exist." in line

    @pytest.mark.parametrize("content", [b"", b"no study\n", b'{"study":{}}\n', b"\xff\xfe\n", b"[]\n"])
    def test_a_file_without_a_study_is_refused_and_left_alone(
        self, command: str, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "notes.txt"
        path.write_bytes(content)
        assert refused(*self.arguments(command, path)).startswith(f"{path}: ")
        assert path.read_bytes() == content


@pytest.mark.parametrize("command", ["select", "ensemble", "sensitivity", "replay"])
def test_a_task_that_changed_since_it_was_recorded_is_refused(command: str, one: Path) -> None:
    changed(one, fingerprint="0123456789abcdef")
    arguments = [command, one, 0] if command == "replay" else [command, one]
    assert refused(*arguments) == f"{one}: the code or the examples of {TINY} are not what this search was made with"


class TestCompare:
    def test_families_are_compared_over_all_hyperparameters(self, one: Path, other: Path) -> None:
        printed = done("compare", one, other)
        assert "24 pairs of trials that share all but the seed, one and other have mean validation scores" in printed
        assert printed.count("seedlint-trainer:") == 2
        assert read_store(one).openings == read_store(other).openings == []

    def test_three_families_are_compared_two_by_two(self, one: Path, other: Path, tmp_path: Path) -> None:
        third = tmp_path / "third.jsonl"
        search(TINY, 20, search_seed=4, family="third", path=third)
        assert done("compare", one, other, third).count("after Holm's method for 3") == 3

    def test_the_best_are_compared_on_the_test_set(self, one: Path, other: Path) -> None:
        printed = done("compare", one, other, "--best", "--resampling-seed", 5)
        assert "of the families this says nothing" in printed
        assert printed.splitlines()[-1] == "resampling_seed=5"
        assert len(read_store(one).openings) == len(read_store(other).openings) == 1

    def test_the_seed_of_a_bootstrap_that_was_drawn_repeats_it(self, one: Path, other: Path) -> None:
        printed = done("compare", one, other, "--best")
        drawn = printed.splitlines()[-1].removeprefix("resampling_seed=")
        assert done("compare", one, other, "--best", "--resampling-seed", drawn) == printed

    def test_one_family_is_too_few(self, one: Path) -> None:
        assert refused("compare", one) == "a comparison needs two studies or more"

    def test_a_family_is_not_compared_with_itself_under_one_name(self, one: Path) -> None:
        assert refused("compare", one, one).startswith("two studies have one family name")

    @pytest.mark.parametrize("stores", [1, 3])
    def test_two_best_models_are_compared(self, one: Path, other: Path, stores: int) -> None:
        chosen = [one, other, one][:stores]
        assert misused("compare", "--best", *chosen) == "Error: --best compares two stores"

    @pytest.mark.parametrize("best", [[], ["--best"]])
    def test_seeds_alone_are_refused_with_the_rule(self, recorded: Path, one: Path, best: list[str]) -> None:
        line = refused("compare", one, recorded / "seeds.jsonl", *best)
        assert line.startswith("seeds: its trials vary only the seed (SL201 seed-only-comparison: ")
        assert "--seed-is-all" in line
        assert read_store(one).openings == []

    def test_seeds_alone_are_allowed_where_they_are_all(self, recorded: Path, one: Path) -> None:
        seeds = copied(recorded / "seeds.jsonl", one.parent)
        assert "24 and 4 trials" in done("compare", one, seeds, "--seed-is-all")
        assert "(4 trials of a random search over seed)" in done("compare", one, seeds, "--seed-is-all", "--best")

    def test_halved_searches_are_refused(self, recorded: Path, one: Path) -> None:
        assert refused("compare", one, recorded / "halved.jsonl").startswith("halved: early scores decided which")


@pytest.mark.skipif(not plots.available(), reason="needs matplotlib")
class TestPlot:
    @pytest.mark.parametrize("command", [["sensitivity", "--seeds", 2], ["compare"]], ids=lambda command: command[0])
    @pytest.mark.parametrize(("name", "beginning"), [("it.png", b"\x89PNG"), ("it.svg", b"<?xml")])
    def test_a_picture_is_drawn_beside_what_is_printed(
        self, command: list[object], name: str, beginning: bytes, one: Path, other: Path, tmp_path: Path
    ) -> None:
        stores = [one, other] if command == ["compare"] else [one]
        printed = done(*command, *stores)
        assert done(*command, *stores, "--plot", tmp_path / name) == printed
        assert (tmp_path / name).read_bytes().startswith(beginning)

    def test_a_picture_that_cannot_be_written_ends_in_one_line(self, one: Path, other: Path) -> None:
        for name in (one / "it.png", one.with_name("it.doc")):
            result = run("compare", one, other, "--plot", name)
            assert result.exit_code == 2
            (line,) = result.stderr.splitlines()
            assert line.startswith("seedlint: ")


class TestReport:
    def test_it_writes_a_page_and_says_where(self, one: Path, other: Path, tmp_path: Path) -> None:
        page = tmp_path / "out" / "report.html"
        assert done("report", one, other, "--out", page.parent) == f"{page}\n"
        assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    def test_it_compares_seeds_alone_only_where_they_are_all(self, recorded: Path, one: Path, tmp_path: Path) -> None:
        for more, said in (([], True), (["--seed-is-all"], False)):
            done("report", one, recorded / "seeds.jsonl", "--out", tmp_path / "out", *more)
            page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
            assert ("its trials vary only the seed" in page) is said

    def test_it_needs_a_folder(self, one: Path) -> None:
        assert "Missing option '--out'" in misused("report", one)

    def test_a_folder_that_cannot_be_made_is_refused(self, one: Path) -> None:
        assert refused("report", one, "--out", one / "out") == f"{one / 'out'}: Not a directory"


class TestMerge:
    def test_an_existing_file_is_not_overwritten(self, one: Path, other: Path) -> None:
        assert refused("merge", one, "--into", other) == f"{other}: exists already"

    def test_shards_of_different_studies_are_refused(self, one: Path, other: Path, tmp_path: Path) -> None:
        line = refused("merge", one, other, "--into", tmp_path / "all.jsonl")
        assert line == f"{other}: is of another study than {one} (family: one and other)"
        assert not (tmp_path / "all.jsonl").exists()

    def test_a_folder_that_is_a_file_is_refused(self, one: Path) -> None:
        assert refused("merge", one, "--into", one / "all.jsonl").startswith(f"{one / 'all.jsonl'}: ")


def rows(text: str, format_: str) -> list[list[str]]:
    """The rows of a table in a paper's format, the head first."""
    if format_ == "csv":
        return list(csv.reader(io.StringIO(text)))
    if format_ == "md":
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert set(lines[1]) <= set("|-: ")
        return [re.split(r"(?<!\\)\|", line)[1:-1] for line in (lines[0], *lines[2:])]
    assert text.count("{") == text.count("}")
    assert re.search(r"\\begin\{tabular\}.*\\end\{tabular\}", text, re.DOTALL)
    return [re.split(r"(?<!\\)&", line) for line in text.splitlines() if line.rstrip().endswith(r"\\")]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["select", "one.jsonl"], 1),
        (["ensemble", "one.jsonl", "-m", "2"], 3),
        (["sensitivity", "one.jsonl", "--seeds", "2"], 5),
        (["compare", "one.jsonl", "other.jsonl"], 1),
        (["compare", "--best", "one.jsonl", "other.jsonl"], 1),
    ],
    ids=["select", "ensemble", "sensitivity", "compare", "best"],
)
def test_a_table_is_all_that_is_printed_where_one_is_asked_for(
    command: list[str], expected: int, format_: str, one: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(one.parent)
    head, *body = rows(done(*command, "--format", format_), format_)
    assert len(body) >= expected
    assert {len(row) for row in body} == {len(head)}


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_and_option_is_explained(self, command: str) -> None:
        found = trainer.commands[command]
        assert found.help
        assert found.help.rstrip().endswith(".")
        for option in found.params:
            if isinstance(option, click.Option) and option.help:
                assert option.help.endswith((".", ")"))
        assert done(command, "--help").startswith(f"Usage: cli trainer {command}")

    def test_the_group_lists_its_commands_and_exit_codes(self) -> None:
        printed = done("--help")
        assert sorted(trainer.commands) == list(COMMANDS)
        assert all(re.search(rf"^  {command} ", printed, re.MULTILINE) for command in COMMANDS)
        assert "Exit code: 0" in printed

    @pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["search"], ["demo", "SL999"]])
    def test_help_and_wrong_usage_do_not_load_torch(self, arguments: list[str]) -> None:
        program = (
            "import sys; from seedlint.__main__ import run; sys.argv[0] = 'seedlint'; run(); "
            "print('LOADED', *sys.modules, file=sys.stderr)"
        )
        command = [sys.executable, "-c", program, "trainer", *arguments]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
        assert "Usage: seedlint trainer" in ended.stdout + ended.stderr
        loaded = {name.partition(".")[0] for name in ended.stderr.rpartition("LOADED")[2].split()}
        assert "seedlint" in loaded
        assert loaded & {"torch", "numpy", "scipy", "sklearn", "matplotlib", "ray"} == set()


@pytest.mark.parametrize("package", ["torch", "numpy"])
def test_a_missing_package_names_the_extra(package: str, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("seedlint.trainer")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    expected = f"the trainer needs {package}; install it with: python -m pip install 'seedlint[trainer]'"
    assert refused("select", one) == expected


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_for_somebody_who_looks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with _progress("trials") as show:
        assert show is not None
        for number in (0, 2, 4, 0, 4):
            show(number, 4)
    drawn = screen.getvalue()
    assert "trials" in drawn
    assert drawn.count("4/4") == 2
    assert drawn.endswith("\n")


def test_progress_is_not_drawn_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with _progress("trials") as show:
        assert show is None


def environment() -> dict[str, str]:
    paths = [str(Path(seedlint.__file__).parents[1]), str(Path(__file__).parent)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A search that takes long, one trial at a time."""
    arguments = ["search", TINY, "tiny.jsonl", "-n", "2000", "--search-seed", "3", "--lanes", "1"]
    command = [sys.executable, "-m", "seedlint", "trainer", *arguments]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.mark.skipif(os.name == "nt", reason="has no such signal")
def test_an_interrupted_search_leaves_a_store_and_goes_on(running: subprocess.Popen[str], tmp_path: Path) -> None:
    path, deadline = tmp_path / "tiny.jsonl", time.monotonic() + 60
    while not (path.exists() and path.read_bytes().count(b"\n") >= 5):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    printed, complaints = running.communicate(timeout=30)
    assert (running.returncode, printed) == (130, "")
    assert "Traceback" not in complaints
    trials = read_store(path).final
    assert len(trials) >= 3
    more = len(trials) + 2
    assert f"{more} trials ran" in done("search", TINY, path, "-n", more, "--lanes", 1)
    assert [trial.weights for trial in read_store(path).final[:-2]] == [trial.weights for trial in trials]
