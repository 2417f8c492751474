"""Which scripts a command runs, and what it hands them: words, variables, the numbers of an array."""

from __future__ import annotations

import pytest

from seedlint.code.modules import Ref
from seedlint.code.readers.shell import read_shell
from seedlint.code.script_runs import ScriptRun, scripts_run
from seedlint.code.syntax import Const, Expr, Group, Name, Text


def runs(command: str) -> list[ScriptRun]:
    facts = read_shell("submit.sh", command.encode())
    return [run for site in facts.scopes[0].calls for run in scripts_run(Ref("submit.sh", 0), site)]


def shown(expr: Expr) -> object:
    match expr:
        case Const():
            return expr.value
        case Name():
            return f"${expr.id}"
        case Group():
            return [shown(item) for item in expr.items]
        case Text():
            return "".join(str(shown(part)) for part in expr.parts)
    return type(expr).__name__


@pytest.mark.parametrize(
    "command",
    [
        "cat job.sh",
        "chmod +x job.sh",
        "cp job.sh other.sh",
        "echo job.sh",
        "python train.py",
        "sbatch job",
    ],
)
def test_no_script_is_run(command: str) -> None:
    assert runs(command) == []


@pytest.mark.parametrize(
    ("command", "script", "words"),
    [
        ("bash job.sh 3 $lr", "job.sh", [3, "$lr"]),
        ("./job.sh a", "./job.sh", ["a"]),
        ("sbatch --mem=8G jobs/train.slurm 3", "jobs/train.slurm", [3]),
        ('sbatch "$HERE/job.sbatch" x', "/job.sbatch", ["x"]),
        ('qsub train.pbs "$@"', "train.pbs", ["$@"]),
    ],
)
def test_words_behind_a_script_are_handed_to_it(command: str, script: str, words: list[object]) -> None:
    (run,) = runs(command)
    assert (run.script, [shown(word) for word in run.words]) == (script, words)


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        ("SEED=$s bash job.sh", {"SEED": "$s"}),
        ("sbatch --export=ALL,SEED=$s job.sh", {"SEED": "$s"}),
        ("sbatch --export=ALL,MAP=$m,SEED=3 job.sh", {"MAP": "$m", "SEED": 3}),
        ("sbatch --export ALL,SEED=4,LR=0.1 job.sh", {"SEED": 4, "LR": "0.1"}),
        ("sbatch --export=RUN=a-$s job.sh", {"RUN": "a-$s"}),
        ("sbatch --export=SEEDS='0 1 2' job.sh", {"SEEDS": [0, 1, 2]}),
        ("sbatch --export=NONE job.sh", {}),
        ("qsub -v SEED=$s,MAP=a job.sh", {"SEED": "$s", "MAP": "a"}),
        ("bash job.sh --export=SEED=1", {}),
    ],
)
def test_variables_are_handed_by_the_environment_and_by_schedulers(command: str, variables: dict[str, object]) -> None:
    (run,) = runs(command)
    assert {name: shown(value) for name, value in run.variables.items()} == variables


@pytest.mark.parametrize(
    ("command", "numbers"),
    [
        ("sbatch --array=0-3 job.sh", [0, 1, 2, 3]),
        ("sbatch -a 1,4,9 job.sh", [1, 4, 9]),
        ("sbatch --array 0-8:4%2 job.sh", [0, 4, 8]),
        ("qsub -t 1-2 job.sh", [1, 2]),
        ("sbatch job.sh --array=0-3", None),
        ("sbatch --array=$n job.sh", None),
    ],
)
def test_an_array_may_be_asked_for_on_the_command_line(command: str, numbers: list[int] | None) -> None:
    (run,) = runs(command)
    assert (None if run.array is None else shown(run.array)) == numbers


def test_values_keep_their_places() -> None:
    (run,) = runs("sbatch --export=ALL,MAP=a,SEED=13 job.sh")
    seed = run.variables["SEED"]
    assert type(seed) is Const
    assert (seed.line, seed.column, seed.end_column) == (1, 32, 34)
