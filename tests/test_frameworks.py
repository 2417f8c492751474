"""What is known of frameworks outside Python: which configurations are theirs, what seeds in them, and which programs train."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedlint.code.apifiles import ApiFileError, parse_file
from seedlint.code.configs import root_of
from seedlint.code.outside.frameworks import framework_seeds, known_program, overrides
from seedlint.code.outside.invocations import Invocation, invocations
from seedlint.code.readers.dispatch import read
from seedlint.code.syntax import Const, Name


def seeds(path: str, text: str) -> list[tuple[str, object, int, str]]:
    facts = read(path, text.encode())
    assert path.endswith(".py") or root_of(facts) is not None
    return [
        (".".join(setting.keys), setting.value.value, setting.line, framework)
        for setting, framework in framework_seeds(facts)
        if type(setting.value) is Const
    ]


def command(text: str) -> Invocation:
    """The command on the last line of a script, but for those whose output it takes in."""
    found = [item for item in invocations(read("run.sh", text.encode())) if item.programs != ("which",)]
    return found[-1]


# Configurations.


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.cfg", "[nlp]\nlang = 'en'\n[training]\nseed = 4\n", ("training.seed", 4, 4, "spaCy")),
        ("a.yaml", "seed_everything: 4\nmodel: {}\n", ("seed_everything", 4, 1, "LightningCLI")),
        ("a.yaml", "fit:\n  seed_everything: 4\n  trainer: {}\n", ("fit.seed_everything", 4, 2, "LightningCLI")),
        ("a.yaml", "common:\n  seed: 4\noptimization:\n  lr: [1]\n", ("common.seed", 4, 2, "fairseq")),
        ("a.yaml", "SEED: 4\nMODEL: {}\nSOLVER: {}\n", ("SEED", 4, 1, "Detectron2")),
        ("a.yaml", "save_model: m\ntrain_steps: 10\nseed: 4\n", ("seed", 4, 3, "OpenNMT-py")),
        ("a.yaml", "job.type: train\nrandom_seed.default: 4\n", ("random_seed.default", 4, 2, "LibKGE")),
        ("a.yaml", "pipeline:\n- name: DIETClassifier\n  random_seed: 4\n", ("pipeline.0.random_seed", 4, 3, "Rasa")),
        ("a.gin", "train_script.train.random_seed = 4\n", ("train_script.train.random_seed", 4, 1, "T5X or Trax")),
        ("a.json", '{"seed": 4, "per_device_train_batch_size": 8}', ("seed", 4, 1, "the Trainer of Transformers")),
        ("a.py", "optim_wrapper = dict()\nrandomness = dict(seed=4)\n", ("randomness.seed", 4, 2, "OpenMMLab")),
    ],
)
def test_the_seed_of_a_framework_is_known_by_what_stands_beside_it(
    path: str, text: str, expected: tuple[str, object, int, str]
) -> None:
    assert seeds(path, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "seed: 4\n",
        "seed: null\nper_device_train_batch_size: 8\n",
        "seed: -1\nper_device_train_batch_size: 8\n",
        "seed: true\nper_device_train_batch_size: 8\n",
        "seed_everything: true\ntrainer: {}\n",
        "save_model: m\ntrain_steps: 10\nseed: 0\n",
        "other:\n  save_model: m\n  train_steps: 10\n  seed: 4\n",
        "training: {}\nnlp: {}\nsystem:\n  seed: null\n",
        "data:\n  seed: 4\nper_device_train_batch_size: 8\n",
    ],
)
def test_values_that_mean_off_and_tables_of_others_seed_nothing(text: str) -> None:
    assert seeds("a.yaml", text) == []


def test_a_reference_is_followed_to_the_constant_and_nothing_else_counts_then() -> None:
    config = "[system]\nseed = 4\n[nlp]\nlang = 'en'\n[training]\nseed = ${system.seed}\n"
    assert seeds("a.cfg", config) == [("training.seed", 4, 2, "spaCy")]
    assert seeds("a.cfg", config.replace("${system.seed}", "9")) == [("training.seed", 9, 6, "spaCy")]


def test_the_seed_that_a_framework_falls_back_to_counts_where_its_own_is_missing() -> None:
    assert seeds("a.cfg", "[system]\nseed = 4\n[nlp]\nlang = 'en'\n[training]\ndropout = 0.1\n") == [
        ("system.seed", 4, 2, "spaCy")
    ]


def test_several_keys_with_one_value_are_one_decision_and_other_values_are_others() -> None:
    config = '{"dataset_reader": {}, "model": {},\n"random_seed": 4,\n"numpy_seed": 4,\n"pytorch_seed": %d}'
    assert [line for _, _, line, _ in seeds("a.jsonnet", config % 4)] == [2]
    assert [line for _, _, line, _ in seeds("a.jsonnet", config % 5)] == [2, 4]


def test_a_list_of_many_tables_is_gone_through_once() -> None:
    rows = ",".join('{"seed": 4, "text": "x"}' for _ in range(15_000))
    assert seeds("a.json", f'{{"rows": [{rows}]}}') == []


# Programs.


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("fairseq-train data --seed 3", "fairseq"),
        ("/opt/env/bin/fairseq-train data", "fairseq"),
        ("python -m spacy train a.cfg", "spaCy"),
        ("allennlp --file-friendly-logging train a.jsonnet", "AllenNLP"),
        ("srun --gres=gpu:1 allennlp train a.jsonnet", "AllenNLP"),
        ("accelerate launch -m axolotl.cli.train a.yml", "Axolotl"),
        ("torchrun --nproc_per_node 4 $(which fairseq-train) data", "fairseq"),
        ("yolo task=detect mode=train data=coco.yaml", "Ultralytics"),
        ("yolo detect train data=coco.yaml", "Ultralytics"),
    ],
)
def test_programs_are_known_by_name_as_modules_and_behind_launchers(text: str, framework: str) -> None:
    program = known_program(command(text))
    assert program is not None
    assert program.framework == framework


@pytest.mark.parametrize(
    "text",
    [
        "pip install sockeye-train",
        "allennlp evaluate train.tar.gz",
        "spacy init config train.cfg",
        "python -m spacy evaluate model train",
        "yolo task=detect mode=val seed=3",
        "python train.py",
        "echo fairseq-train",
    ],
)
def test_other_commands_of_the_same_programs_are_not_known_to_train(text: str) -> None:
    assert known_program(command(text)) is None


def test_settings_in_a_text_of_json_are_options() -> None:
    invocation = command("""allennlp train a.jsonnet -o '{"random_seed": 3, "trainer": {"num_epochs": 2}}'""")
    program = known_program(invocation)
    assert program is not None
    found = [
        (option.key, option.value.value) for option in overrides(program, invocation) if isinstance(option.value, Const)
    ]
    assert found == [("random_seed", 3), ("num_epochs", 2)]


def test_a_variable_in_a_text_of_json_is_the_value_of_its_key() -> None:
    invocation = command('allennlp train a.jsonnet -o "{\\"random_seed\\": $SEED, \\"numpy_seed\\": 5}"')
    program = known_program(invocation)
    assert program is not None
    found = {option.key: option.value for option in overrides(program, invocation)}
    assert isinstance(found["random_seed"], Name)
    assert found["random_seed"].id == "SEED"
    assert isinstance(found["numpy_seed"], Const)


# The rows.


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('[[config]]\nseeds = ["seed"]', "config 1: nothing to match"),
        ('[[config]]\nholds = ["a"]', "config 1: seeds is missing"),
        ('[[config]]\nholds = ["a=("]\nseeds = ["seed"]', "config 1: holds is not a regular expression"),
        ('[[config]]\nholds = ["a"]\nseeds = ["seed"]\noff = ["no"]', "config 1: off holds something other than int"),
        ('[[program]]\nseeds = ["seed"]', "program 1: nothing to match"),
    ],
)
def test_a_row_that_says_too_little_is_refused(tmp_path: Path, row: str, said: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(f'name = "A"\n{row}', encoding="utf-8")
    with pytest.raises(ApiFileError) as caught:
        parse_file(bad)
    assert str(caught.value).startswith(f"bad.toml: {said}")
