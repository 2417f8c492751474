"""Which files are read at all: a word in their bytes decides."""

from __future__ import annotations

import pytest

from seedlint.code.apis import load_apis
from seedlint.code.kinds import kind_of
from seedlint.code.prefilter import LARGE, Worth, worth

FILLER = b'  {"text": "a word in a thousand"},\n'


def worth_of(name: str, content: bytes) -> Worth:
    return worth(kind_of(name, content), content, load_apis())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.py", b"torch.manual_seed(42)"),
        ("runs.py", b"scores = [run(i) for i in range(5)]\nprint(np.mean(scores))"),
        ("runs.py", b"scores = pool.map(train_model, range(5))\nprint(np.std(scores))"),
        ("runs.py", b"for k in range(args.repeat):\n    score[k] = run(args)\nprint(score.mean())"),
        ("a.ipynb", b'{"cells": [{"source": ["torch.manual_seed(42)"]}]}'),
        ("run.sh", b"for SEED in 1 2; do ./go $SEED; done"),
        ("run.sh", b"./go --num_runs 5"),
        ("Makefile", b"all:\n\tpython train.py --seed 1"),
        ("a.yaml", b"training:\n  seed: 42"),
        ("a.yaml", b"Random_State: 3"),
        ("a.json", b'{"trials": 5}'),
        ("a.toml", b"n_repeats = 3"),
        ("a.gin", b"train.rng_seed = 3"),
    ],
)
def test_what_sets_seeds_or_counts_runs_is_worth_reading(name, content):
    assert worth_of(name, content) is Worth.ITSELF


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.sh", b"python train.py --lr 0.1"),
        ("job.slurm", b"srun ./train.sh"),
        ("Dockerfile", b'CMD ["python", "-m", "lab.train"]'),
        ("ci.yml", b"steps:\n  - run: torchrun train.py"),
    ],
)
def test_what_starts_programs_is_worth_reading_beside_something_else(name, content):
    assert worth_of(name, content) is Worth.BESIDE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.py", b"print('no dice')"),
        ("clean.sh", b"rm -rf build"),
        ("a.yaml", b"name: mean\nlr: 0.1"),
        ("a.json", b"{}"),
    ],
)
def test_the_rest_is_not(name, content):
    assert worth_of(name, content) is Worth.NOT


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "run.sh"])
def test_in_a_large_file_a_word_counts_only_where_something_is_set(name):
    filler = FILLER * (LARGE // len(FILLER) + 1)
    assert worth_of(name, filler + b'{"text": "the seed of doubt"}') is Worth.NOT
    assert worth_of(name, filler[: LARGE // 2] + b'{"text": "the seed of doubt"}') is Worth.ITSELF
    for setting in (
        b'{"rng_seed": 3}',
        b"seeds = [1, 2]",
        b"n_trials: 5",
        b"./go --random-seed 3",
        b"'model.seed' : 1",
    ):
        assert worth_of(name, filler + setting) is Worth.ITSELF
