"""Where the seeds that scripts hand from one to another stand, and how many there are: told by the sweeps that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.code.analysis import analyse
from seedlint.code.discover import Source
from seedlint.uses import Circumstance

TRAIN = """
import argparse
import torch

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=99)
args = parser.parse_args()
torch.manual_seed(args.seed)
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
for x, y in torch.load("train.pt"):
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""

COLLECT = """
import numpy as np

scores = [np.load(f"{seed}.npy") for seed in range(5)]
print(np.mean(scores), np.std(scores))
"""


def sweeps(tmp_path: Path, **files: str) -> list[tuple[str, int, str]]:
    """The sweeps over seeds in a project with some files beside its program and what reports the scores; each with its count."""
    contents = {"train.py": TRAIN, "collect.py": COLLECT}
    contents |= {name.replace("_", "."): text for name, text in files.items()}
    sources = []
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
        sources.append(Source(name, tmp_path / name))
    uses = analyse(sources, jobs=1).uses
    assert not [use for use in uses if use.circumstance is Circumstance.DEFAULT], "the default is varied"
    return [(use.place.path, use.place.line, use.subject) for use in uses if use.circumstance is Circumstance.SWEEP]


JOB = "#!/bin/bash\npython train.py --seed $1\n"
EXPORTED = "#!/bin/bash\npython train.py --seed $SEED\n"
ARRAY = "#!/bin/bash\npython train.py --seed $SLURM_ARRAY_TASK_ID\n"


@pytest.mark.parametrize(
    ("run", "job", "count"),
    [
        ("for s in 1 2 3; do bash job.sh $s; done", JOB, 3),
        ("for s in 1 2; do SEED=$s bash job.sh; done", EXPORTED, 2),
        ("for s in 1 2; do export SEED=$s; bash job.sh; done", EXPORTED, 2),
        ("for s in {1..4}; do sbatch --export=ALL,LR=$lr,SEED=$s job.sh; done", EXPORTED, 4),
        ("for s in 1 2 3; do qsub -v SEED=$s job.sh; done", EXPORTED, 3),
        ("sbatch --array=1-6 job.sh", ARRAY, 6),
        ("bash job.sh '7 8 9'", "for s in $1; do python train.py --seed $s; done\n", 3),
        ("SEEDS='7 8' bash job.sh", "for s in $SEEDS; do python train.py --seed $s; done\n", 2),
    ],
)
def test_seeds_stand_where_the_script_is_started(tmp_path: Path, run: str, job: str, count: int) -> None:
    assert sweeps(tmp_path, run_sh=f"#!/bin/bash\n{run}\n", job_sh=job) == [("run.sh", 2, f"{count} seeds")]


@pytest.mark.parametrize(
    "command",
    [
        'os.system("sbatch job.sh %d" % seed)',
        'os.system(f"sbatch job.sh {seed}")',
        'subprocess.run(["bash", "job.sh", str(seed)])',
        'subprocess.run(f"bash job.sh {seed}".split())',
    ],
)
def test_seeds_stand_in_the_loop_of_the_launcher(tmp_path: Path, command: str) -> None:
    launcher = f"import os, subprocess\nfor seed in range(4):\n    {command}\n"
    assert sweeps(tmp_path, launch_py=launcher, job_sh=JOB) == [("launch.py", 2, "4 seeds")]


@pytest.mark.parametrize(("computed", "count"), [("% 5", 5), ("/ 2", 5), ("+ 1", 10)])
def test_a_seed_computed_from_the_number_of_a_job_is_counted_once(tmp_path: Path, computed: str, count: int) -> None:
    script = f"#!/bin/bash\n#SBATCH --array=0-9\npython train.py --seed $((SLURM_ARRAY_TASK_ID {computed}))\n"
    assert sweeps(tmp_path, job_sh=script) == [("job.sh", 2, f"{count} seeds")]


def test_the_branch_of_an_option_takes_the_word_behind_it(tmp_path: Path) -> None:
    job = 'while [ $# -gt 0 ]; do case "$1" in --seed) s="$2"; shift 2;; *) shift 2;; esac; done\n'
    run = "for n in 1 2 3; do bash job.sh --lr 5 --seed $n; done\n"
    found = sweeps(tmp_path, run_sh=run, job_sh=f"{job}python train.py --seed $s\n")
    assert found == [("run.sh", 1, "3 seeds")]


def test_variables_that_a_function_sets_are_those_of_its_script(tmp_path: Path) -> None:
    job = 'settings() {\n  lr=$1\n  seed=$2\n}\nsettings "$@"\npython train.py --lr $lr --seed $seed\n'
    assert sweeps(tmp_path, run_sh="for n in 1 2 3; do bash job.sh 5 $n; done\n", job_sh=job) == [
        ("run.sh", 1, "3 seeds")
    ]
