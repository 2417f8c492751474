"""What a command runs and gives: programs behind launchers, options in their spellings, commands that Python code builds."""

from __future__ import annotations

import pytest

from seedlint.code.outside.invocations import Invocation, Option, invocations
from seedlint.code.outside.launchers import launched
from seedlint.code.project import Project
from seedlint.code.readers.python import read_python
from seedlint.code.readers.shell import read_script
from seedlint.code.syntax import Const, Group, Name

PROGRAMS = [
    ("python train.py --seed 3", ["train.py"]),
    ("CUDA_VISIBLE_DEVICES=0 nohup python -u src/train.py --seed 3 &", ["src/train.py"]),
    ("python -m lab.train --seed 3", ["lab/train.py"]),
    ("python3 -O -um lab.train --seed 3", ["lab/train.py"]),
    ("python -m torch.distributed.launch --nproc_per_node 4 train.py --seed 3", ["train.py"]),
    ("torchrun --nproc_per_node=4 train.py --seed 3", ["train.py"]),
    ("accelerate launch --num_processes 2 train.py --seed 3", ["train.py"]),
    ("srun python train.py --seed 3", ["train.py"]),
    ("sbatch job.sh train.py", ["job.sh", "train.py"]),
    ("script=train.py; python $script --seed 3", ["train.py"]),
    ("fairseq-train data --seed 3", ["fairseq-train"]),
]

OPTIONS = [
    ("python a.py --seed 3", {"seed": 3}),
    ("python a.py --seed=3", {"seed": 3}),
    ("python a.py -s 3", {"s": 3}),
    ("python a.py --random-seed 3 --verbose", {"random_seed": 3, "verbose": None}),
    ("python a.py seed=3 +trainer.devices=1", {"seed": 3, "trainer.devices": 1}),
    ("python a.py --seeds 1 2 3 --name x", {"seeds": [1, 2, 3], "name": "x"}),
    ("python a.py --shift -1 --seed 3", {"shift": -1, "seed": 3}),
    ("SEED=3 python a.py", {"SEED": 3}),
]

BUILT = [
    'subprocess.run(["python", "train.py", "--seed", str(seed)])',
    'os.system(f"python train.py --seed {seed}")',
    'os.system(f"python train.py --seed={seed}")',
    'os.system("python train.py --seed %d --out %s" % (seed, out))',
    'os.system("python train.py --seed {} --out {}".format(seed, out))',
    'os.system("python train.py --out {1} --seed {0}".format(seed, out))',
    'os.system("python train.py --seed {s}".format(s=seed))',
    'os.system("python train.py --seed " + str(seed) + " --out " + out)',
]


def command(text: str) -> Invocation:
    """The command of a script that runs Python or a framework's program."""
    found = list(invocations(read_script("run.sh", text)))
    return next(item for item in found if item.options or len(item.programs) > 1)


def plain(option: Option) -> object:
    value = option.value
    if type(value) is Group:
        return [item.value for item in value.items if type(item) is Const]
    return value.value if type(value) is Const else value


@pytest.mark.parametrize(("text", "programs"), PROGRAMS)
def test_the_programs_of_a_command_are_found_behind_what_launches_them(text: str, programs: list[str]) -> None:
    found = [item.programs for item in invocations(read_script("run.sh", text))]
    assert tuple(programs) in found


@pytest.mark.parametrize(("text", "options"), OPTIONS)
def test_options_are_read_in_all_their_spellings(text: str, options: dict[str, object]) -> None:
    assert {option.key: plain(option) for option in command(text).options} == options


def test_the_configuration_files_of_a_command_are_known_by_their_names() -> None:
    assert command("python a.py --seed 1 --config conf/base.yaml extra.json").configs == {"base.yaml", "extra.json"}


@pytest.mark.parametrize("line", BUILT)
def test_commands_that_python_builds_are_seen_word_by_word(line: str) -> None:
    source = f"import os, subprocess\nfor seed in range(3):\n    {line}\n".encode()
    project = Project([read_python("go.py", source)], ["go.py"], lambda _: None)
    found = next(launched(project))
    assert found.programs == ("train.py",)
    seeds = [option.value for option in found.options if option.key == "seed"]
    assert [value.id for value in seeds if type(value) is Name] == ["seed"]
    assert found.site.loops == (0,)


def test_a_message_about_a_seed_is_no_command() -> None:
    source = b'print(f"seed {seed} of {total}")\nlog("--- %d runs" % runs)\n'
    project = Project([read_python("go.py", source)], ["go.py"], lambda _: None)
    assert list(launched(project)) == []
