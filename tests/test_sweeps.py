"""What is said of the seed in a sweep or a search space, however it is written down.

In the tables, a comment names the circumstance of the use that must stand on its line; where there is none, nothing is said.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from seedlint.code.apifiles import ApiFileError, parse_file, parse_folder
from seedlint.code.apis import load_apis
from seedlint.code.calls import Calls
from seedlint.code.facts import FileFacts
from seedlint.code.project import Project
from seedlint.code.readers.dispatch import read
from seedlint.code.searches import searched_seeds
from seedlint.code.sweep_formats import sweeps_in
from seedlint.code.sweep_texts import guild_values, hydra_values
from seedlint.code.sweeps import Dimension, Role, Strategy, role_of, sweep_uses
from seedlint.uses import Confidence, SeedUse

EXPECTED = re.compile(r"(?:#|//) expect: ([a-z, ]+)$", re.MULTILINE)


def uses_in(path: str, text: str, unread: frozenset[str] = frozenset()) -> list[SeedUse]:
    facts = read(path, text.encode())
    if not facts.is_python:
        return sweep_uses(sweeps_in(facts), lambda key: key not in unread)
    project = Project([facts], [path], lambda path: None)
    return searched_seeds(project, Calls(project, load_apis()))


def said_of(path: str, text: str) -> list[tuple[int, str]]:
    return sorted((use.place.line, use.circumstance.value) for use in uses_in(path, text))


def expected_in(text: str) -> list[tuple[int, str]]:
    return [
        (text.count("\n", 0, found.start()) + 1, said)
        for found in EXPECTED.finditer(text)
        for said in found[1].split(", ")
    ]


WANDB = {
    "seeds alone in a grid": """
        method: grid
        program: train.py
        parameters:
          lr: {value: 0.001}
          seed:  # expect: sweep
            values: [1, 2, 3, 4, 5]
    """,
    "seeds alone, drawn at random": """
        method: random
        parameters:
          lr: {value: 0.001}
          seed: {distribution: int_uniform, min: 0, max: 1000}  # expect: sweep
    """,
    "seeds with a learning rate": """
        method: grid
        metric: {name: val_loss, goal: minimize}
        parameters:
          lr: {values: [0.1, 0.01]}
          seed: {values: [1, 2, 3]}  # expect: searched
    """,
    "a range of seeds with a range of dropout": """
        method: bayes
        parameters:
          dropout: {min: 0.0, max: 0.5}
          seed: {distribution: int_uniform, min: 0, max: 1000}  # expect: searched
    """,
    "one seed for the whole search": """
        method: random
        parameters:
          lr: {min: 0.0001, max: 0.1}
          seed:  # expect: pinned
            value: 1234
    """,
    "a list of one seed": """
        method: grid
        parameters:
          lr: {values: [0.1, 0.01]}
          random_state: {values: [7]}  # expect: pinned
    """,
    "one setting with one seed": """
        method: grid
        parameters:
          lr: {value: 0.1}
          seed: {value: 3}  # expect: pinned
    """,
    "a seed that is drawn fresh": """
        method: grid
        parameters:
          lr: {values: [0.1, 0.01]}
          seed: {value: -1}
    """,
    "a seed without a value": """
        method: grid
        parameters:
          lr: {values: [0.1, 0.01]}
          seed: {value: null}
    """,
    "no seed at all": """
        method: random
        parameters:
          lr: {values: [0.1, 0.01]}
          batch_size: {values: [16, 32]}
    """,
    "seeds on several datasets": """
        method: grid
        parameters:
          dataset: {values: [cora, citeseer, pubmed]}
          seed: {values: [0, 1, 2]}  # expect: sweep
    """,
    "seeds of several models": """
        method: grid
        parameters:
          model_name: {values: [gcn, gat]}
          dataset_size: {values: [100, 1000]}
          seed: {values: [0, 1, 2]}  # expect: sweep
    """,
    "an ablation": """
        method: grid
        parameters:
          use_residual: {values: [true, false]}
          seed: {values: [0, 1, 2]}  # expect: sweep
    """,
    "a hyperparameter of an unusual name": """
        method: grid
        parameters:
          gumbel_softness: {values: [0.5, 1.0, 2.0]}
          seed: {values: [0, 1, 2]}  # expect: searched
    """,
    "a dummy key that repeats the runs": """
        method: grid
        parameters:
          lr: {value: 0.1}
          run_id: {values: [1, 2, 3]}  # expect: sweep
    """,
    "repeats of several variants": """
        method: grid
        parameters:
          net.variant: {values: [plain, gated]}
          span_cutoff: {values: [20, 30, 40]}
          sweep_id_for_grid:  # expect: sweep
            distribution: categorical
            values: [1, 2, 3]
    """,
    "repeats of a search": """
        method: grid
        parameters:
          lr: {values: [0.1, 0.2]}
          repeat: {values: [1, 2, 3]}
    """,
    "repeats with one seed": """
        method: grid
        parameters:
          repeat: {values: [1, 2, 3]}
          seed: {value: 5}  # expect: pinned
    """,
    "nested parameters": """
        method: grid
        parameters:
          optimizer:
            parameters:
              lr: {values: [0.1, 0.2]}
          training:
            parameters:
              seed: {values: [1, 2]}  # expect: searched
    """,
    "seeds of the data only": """
        method: grid
        parameters:
          split_seed: {values: [1, 2, 3]}
          env_seed: {value: 3}
          num_seeds: {values: [3, 5]}
          seed_frames: {values: [1000, 4000]}
    """,
    "the record of a run": """
        wandb_version: 1
        lr: {desc: null, value: 0.1}
        seed: {desc: null, value: 42}
    """,
}


@pytest.mark.parametrize("text", WANDB.values(), ids=WANDB)
def test_a_wandb_sweep_is_judged_by_what_varies_beside_the_seed(text: str) -> None:
    text = dedent(text)
    assert said_of("sweep.yaml", text) == expected_in(text)


FILES = {
    "hydra/basic.yaml": """
        hydra:
          mode: MULTIRUN
          sweeper:
            params:
              seed: 1,2,3  # expect: sweep
              data: mnist,cifar
    """,
    "hydra/range.yaml": """
        hydra:
          sweeper:
            params:
              +train.seed: range(5)  # expect: sweep
    """,
    "hydra/with_lr.yaml": """
        hydra:
          sweeper:
            params:
              seed: choice(1, 2)  # expect: searched
              optimizer.lr: 0.1,0.01
    """,
    "hydra/optuna.yaml": """
        defaults:
          - override hydra/sweeper: optuna
        hydra:
          sweeper:
            n_trials: 20
            direction: maximize
            sampler:
              _target_: optuna.samplers.TPESampler
              seed: 1234
            params:
              model.lr: interval(0.0001, 0.1)
              seed: 42  # expect: pinned
    """,
    "hydra/sweeper/ax.yaml": """
        _target_: hydra_plugins.hydra_ax_sweeper.ax_sweeper.AxSweeper
        ax_config:
          experiment:
            minimize: true
          client: {random_seed: 3}
          params:
            lr: {type: range, bounds: [0.001, 0.1]}
            seed: {type: choice, values: [1, 2, 3]}  # expect: searched
    """,
    "hydra/no_sweep.yaml": """
        seed: 42
        hydra:
          sweep: {dir: outputs}
          job: {name: train}
    """,
    "nni/config.yml": """
        searchSpaceFile: search_space.json
        randomSeed: 3
        trialCommand: python train.py
        searchSpace:
          lr: {_type: loguniform, _value: [0.0001, 0.1]}
          seed: {_type: choice, _value: [1, 2, 3]}  # expect: searched
        tuner: {name: TPE, classArgs: {seed: 5}}
    """,
    "polyaxon.yaml": """
        kind: operation
        matrix:
          kind: grid
          params:
            lr: {kind: choice, value: [0.1]}
            seed: {kind: choice, value: [1, 2, 3]}  # expect: sweep
        component: {run: {}}
    """,
    "polyaxon_random.yaml": """
        matrix:
          kind: random
          numRuns: 20
          seed: 3
          params:
            lr: {kind: loguniform, value: [0.001, 0.1]}
            seed: {kind: range, value: [1, 100, 1]}  # expect: searched
    """,
    "determined.yaml": """
        name: resnet
        hyperparameters:
          lr: {type: log, base: 10, minval: -5, maxval: -1}
          global_batch_size: 64
        searcher: {name: adaptive_asha, metric: loss}
        reproducibility:
          experiment_seed: 11  # expect: pinned
    """,
    "determined_grid.yaml": """
        hyperparameters:
          lr: {type: const, val: 0.1}
          seed: {type: int, minval: 0, maxval: 4, count: 5}  # expect: sweep
        searcher: {name: grid, metric: loss}
    """,
    "seml.yaml": """
        seml:
          executable: train.py
          project_root_dir: .
        random: {samples: 5, seed: 821}
        fixed:
          epochs: 100
          lr: 0.1
        grid:
          seed: {type: choice, options: [1, 2, 3]}  # expect: sweep
          dataset: {type: choice, options: [a, b]}
    """,
    "seml_search.yaml": """
        seml: {executable: train.py}
        fixed:
          seed: 17  # expect: pinned
        grid:
          lr: {type: choice, options: [0.1, 0.01]}
    """,
    "rllib.yaml": """
        pong-ppo:
          env: PongNoFrameskip-v4
          run: PPO
          config:
            lr: 0.0001
            fcnet_hiddens: [256, 256]
            seed: {grid_search: [0, 1, 2]}  # expect: sweep
    """,
    "rllib_record.yaml": """
        run: PPO
        config: {seed: 3, lr: 0.1}
    """,
    "guild.yml": """
        train:
          main: train
          flags:
            lr: 0.1
            seed: [1, 2, 3]  # expect: sweep
        tune:
          main: train
          optimizer: gp
          flags:
            lr: '[1e-4:1e-1]'
            seed: '[0:1000]'  # expect: searched
    """,
    "k8s/katib.yaml": """
        kind: Experiment
        spec:
          parameters:
            - name: --lr
              parameterType: double
              feasibleSpace: {min: "0.01", max: "0.1"}
            - name: --seed  # expect: searched
              parameterType: int
              feasibleSpace: {min: "1", max: "100"}
    """,
    "vizier.yaml": """
        studySpec:
          parameters:
            - parameterId: lr
              doubleValueSpec: {minValue: 0.1, maxValue: 1.0}
            - parameterId: seed  # expect: pinned
              discreteValueSpec: {values: [3]}
    """,
    "kge.yaml": """
        ax_search:
          sobol_seed: 3
          parameters:
            - {name: train.lr, type: range, bounds: [0.1, 1.0]}
            - {name: random_seed.torch, type: choice, values: [1, 2]}  # expect: searched
    """,
    "tuning/0.toml": """
        program = "bin/mlp.py"
        [base_config]
        seed = 0  # expect: pinned
        [base_config.model]
        d_layers = [64, 64]
        [optimization.sampler]
        seed = 3
        [optimization.space.training]
        lr = ["loguniform", 1e-5, 1e-2]
    """,
    ".github/workflows/train.yml": """
        jobs:
          train:
            strategy:
              matrix:
                python-version: ["3.10", "3.11"]
                seed: [1, 2, 3]  # expect: sweep
            steps:
              - run: python train.py --seed ${{ matrix.seed }}
    """,
    "azure.yml": """
        type: sweep
        search_space:
          lr: {type: uniform, min_value: 0.1, max_value: 0.9}
          seed: {type: choice, values: [1, 2, 3]}  # expect: searched
        sampling_algorithm: random
    """,
    "comet.yaml": """
        algorithm: bayes
        spec: {metric: loss, seed: 4}
        parameters:
          lr: {type: float, min: 0.1, max: 0.9}
          seed: {type: discrete, values: [1, 2, 3]}  # expect: searched
    """,
    "experiment.yaml": """
        name: sizes
        seed: 1
        grid:
          seed: [1, 2, 3]  # expect: sweep
          hidden: [64]
    """,
    "configs/grid_mlp.yaml": """
        seed: [1, 2, 3]  # expect: searched
        lr: [0.1, 0.01]
    """,
    "configs/base.yaml": """
        seeds: [1, 2, 3]
        lr: [0.1, 0.01]
        layers: {seed: [1, 2]}
    """,
    "ensemble/sweep.yaml": """
        method: grid
        parameters:
          seed: {values: [1, 2, 3]}  # expect: combined
    """,
    "hparams.jsonnet": """
        {
          dropout: { type: 'float', low: 0.0, high: 0.5 },
          seed: { type: 'int', low: 1, high: 1000 },  // expect: searched
        }
    """,
    "schema.json5": """
        {
          "properties": {"seed": {"type": "int", "default": 3}, "lr": {"type": "float", "default": 0.1}}
        }
    """,
    "sweep_odd.yaml": """
        method: grid
        parameters:
          seed.:  # expect: sweep
            values: [40, 41, 42]
          setups..full.epochs:
            value: 4
    """,
    "allentune.jsonnet": """
        {
          "SEED": {"sampling strategy": "choice", "choices": [1, 2, 3]},  // expect: searched
          "LR": {"sampling strategy": "loguniform", "bounds": [1e-5, 1e-3]},
          "EPOCHS": 10
        }
    """,
}


@pytest.mark.parametrize(("path", "text"), FILES.items(), ids=FILES)
def test_a_layout_is_known_by_its_keys(path: str, text: str) -> None:
    text = dedent(text).lstrip("\n")
    assert said_of(path, text) == expected_in(text)


JSON = {
    "nni": (
        "search_space.json",
        '{"lr": {"_type": "uniform", "_value": [0, 1]},\n "seed": {"_type": "choice", "_value": [1, 2]}}',
    ),
    "allennlp": (
        "hparams.json",
        '[{"type": "float", "attributes": {"name": "lr", "low": 0.1, "high": 1}},\n'
        ' {"type": "int", "attributes": {"name": "seed", "low": 1, "high": 9}}]',
    ),
}


@pytest.mark.parametrize(("path", "text"), JSON.values(), ids=JSON)
def test_a_space_in_json_is_read_like_one_in_yaml(path: str, text: str) -> None:
    assert said_of(path, text) == [(2, "searched")]


CODE = {
    "a sweep given to wandb": """
        import wandb
        config = {
            "method": "grid",
            "parameters": {
                "lr": {"value": 0.1},
                "seed": {"values": [1, 2, 3]},  # expect: sweep
            },
        }
        wandb.sweep(config, project="p")
    """,
    "a sweep made of named parts": """
        import wandb
        SEEDS = list(range(5))
        parameters = {
            "lr": {"values": [0.1, 0.2]},
            "seed": {"values": SEEDS},  # expect: searched
        }
        config = {"method": "grid", "parameters": parameters}
    """,
    "parameters put into a sweep later": """
        import wandb
        config = {"method": "random"}
        parameters = {"dropout": {"values": [0.1, 0.2]}}
        config["parameters"] = parameters
        parameters.update({"seed": {"value": 42}})  # expect: pinned
    """,
    "a sweep made by dict()": """
        import wandb
        config = dict(
            method="grid",
            parameters=dict(
                lr=dict(value=0.1),
                seed=dict(values=[1, 2]),  # expect: sweep
            ),
        )
    """,
    "a grid of seeds given to Ray": """
        from ray import tune
        tune.run(train, config={"lr": 1e-3, "seed": tune.grid_search([0, 1, 2])})  # expect: sweep
    """,
    "a space given to Ray": """
        from ray import tune
        space = {
            "lr": tune.loguniform(1e-4, 1e-1),
            "seed": tune.grid_search([0, 1, 2]),  # expect: searched
        }
        tuner = tune.Tuner(train, param_space=space)
    """,
    "a space filled key by key": """
        from ray import tune
        space = {}
        space["lr"] = tune.loguniform(1e-4, 1e-1)
        space["seed"] = tune.randint(0, 1000)  # expect: searched
    """,
    "an objective of Optuna": """
        import optuna
        def objective(trial):
            lr = trial.suggest_float("lr", 1e-5, 1e-2)
            return train(lr, trial.suggest_int("seed", 0, 1000))  # expect: searched
    """,
    "a seed that Optuna draws under another name": """
        import optuna
        def objective(trial):
            return train(seed=trial.suggest_int("s", 0, 1000), lr=trial.suggest_float("lr", 0, 1))  # expect: searched
    """,
    "the sampler's own seed": """
        import optuna
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=10))
        def objective(trial):
            return train(trial.suggest_float("lr", 0, 1))
    """,
    "a space of hyperopt": """
        from hyperopt import hp
        space = {
            "lr": hp.loguniform("lr", -5, 0),
            "seed": hp.randint("seed", 1000),  # expect: searched
        }
    """,
    "a space of scikit-optimize": """
        from skopt.space import Integer, Real
        space = [
            Real(1e-5, 1e-1, name="lr"),
            Integer(0, 100, name="seed"),  # expect: searched
        ]
    """,
    "hyperparameters of Keras Tuner": """
        import keras_tuner
        def build(hp: keras_tuner.HyperParameters):
            units = hp.Int("units", 32, 512)
            seed = hp.Int("seed", 0, 100)  # expect: searched
    """,
    "a grid over seeds and data sets": """
        from sklearn.model_selection import ParameterGrid
        for setting in ParameterGrid({"seed": [0, 1, 2], "dataset": ["a", "b"]}):  # expect: sweep
            launch(setting)
    """,
    "a grid search of a neural network": """
        from sklearn.model_selection import GridSearchCV
        from skorch import NeuralNetClassifier
        grid = {
            "lr": [0.1, 0.2],
            "seed": [1, 2, 3],  # expect: searched
        }
        GridSearchCV(NeuralNetClassifier(Net), grid)
    """,
    "a grid search of a random forest": """
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import GridSearchCV
        GridSearchCV(RandomForestClassifier(), {"n_estimators": [10, 100], "random_state": [0]})
    """,
    "a product of hyper sweeps": """
        def get_hyper(hyper):
            return hyper.product([
                hyper.sweep("config.seed", range(4)),  # expect: searched
                hyper.sweep("config.lr", [0.1, 0.3]),
            ])
    """,
    "a hyper sweep of seeds": """
        def get_hyper(hyper):
            return hyper.product([
                hyper.fixed("config.lr", 0.1),
                hyper.sweep("config.seed", list(range(4))),  # expect: sweep
            ])
    """,
    "a grid built by calls": """
        eg = ExperimentGrid(name="ppo")
        eg.add("env_name", "CartPole-v0", "", True)
        eg.add("seed", [10 * i for i in range(runs)])  # expect: sweep
        eg.add("epochs", 10 if quick else 100)
    """,
    "a grid of pairs": """
        from sample_factory.launcher.run_description import ParamGrid
        grid = ParamGrid([
            ("seed", [0, 1111, 2222]),  # expect: sweep
            ("env", ["ant", "hopper"]),
        ])
    """,
    "a space of ConfigSpace": """
        import torch
        from ConfigSpace import ConfigurationSpace
        space = ConfigurationSpace({
            "seed": (0, 100),  # expect: searched
            "lr": (0.1, 1.0),
        })
    """,
    "every combination of lists": """
        import itertools
        to_vary = {
            "seed": range(40),  # expect: searched
            "hidden": [1, 2, 3],
            "init": ["default", "orthogonal"],
        }
        jobs = list(itertools.product(*[to_vary[key] for key in sorted(to_vary)]))
    """,
    "every combination of a seed and a task": """
        from itertools import product
        grid = {"task": ["walk", "run"], "seed": [0, 1, 2], "lr": [0.1]}  # expect: sweep
        def main():
            for values in product(*grid.values()):
                submit(dict(zip(grid, values)))
    """,
    "lists that nothing combines": """
        columns = {"seed": [0, 1, 2], "score": [0.7, 0.8, 0.6]}
    """,
    "a grid of as many seeds as asked for": """
        from ray import tune
        sweep(
            config=dict(
                seed=tune.grid_search([s + args.first for s in range(args.seeds)]),  # expect: sweep
            ),
        )
    """,
    "a dict that is no sweep": """
        state = {"run": 3, "config": {"seed": 42, "lr": 0.1}}
        method = {"method": "POST", "parameters": {"seed": {"value": 42}}}
    """,
}


@pytest.mark.parametrize("text", CODE.values(), ids=CODE)
def test_python_states_a_sweep_in_tables_and_calls(text: str) -> None:
    text = dedent(text)
    assert said_of("tune.py", text) == expected_in(text)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('[[sweep]]\nholds = ["a"]', "sweep 1: format is missing"),
        ('[[sweep]]\nformat = "a"', "sweep 1: nothing to match"),
        ('[[sweep]]\nformat = "a"\nholds = ["a=("]', "sweep 1: holds is not a regular expression"),
        ('[[sweep]]\nformat = "a"\nholds = ["a"]\nranged = ["b=["]', "sweep 1: ranged is not a regular expression"),
        ('[[sweep]]\nformat = "a"\nfiles = "("', "sweep 1: files is not a regular expression"),
        ('[[sweep]]\nformat = "a"\nholds = ["a"]\nstrategy = "luck"', "sweep 1: strategy is 'luck', not one of"),
        ('[[sweep_call]]\ncall = ["a.b"]', "sweep_call 1: gives is missing"),
        ('[[dimension]]\nrole = "case"', "dimension 1: nothing to match"),
    ],
)
def test_a_layout_that_breaks_the_schema_is_refused(tmp_path: Path, row: str, said: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(f'name = "bad"\n{row}\n', encoding="utf-8")
    with pytest.raises(ApiFileError, match=re.escape(f"bad.toml: {said}")):
        parse_file(bad)


def test_a_word_of_a_dimension_has_one_role(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\n[[dimension]]\nrole = "case"\nwords = ["x"]\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('name = "b"\n[[dimension]]\nrole = "system"\nwords = ["x"]\n', encoding="utf-8")
    with pytest.raises(ApiFileError, match="words has x, which stands in"):
        parse_folder(tmp_path)


def test_unit_tests_of_searches_are_no_experiment() -> None:
    code = "import optuna\ndef test_it(trial):\n    trial.suggest_int('seed', 0, 1000)\n"
    assert said_of("tests/test_search.py", code) == []
    assert said_of("search.py", code) == [(3, "searched")]


def only(path: str, text: str, unread: frozenset[str] = frozenset()) -> SeedUse:
    (use,) = uses_in(path, dedent(text).lstrip("\n"), unread)
    return use


def test_a_finding_underlines_the_key_and_says_how_many_seeds_there_are() -> None:
    use = only("sweep.yaml", WANDB["seeds alone in a grid"])
    assert (use.place.line, use.place.column, use.place.end_column) == (5, 3, 7)
    assert use.subject == "5 seeds"
    assert use.confidence is Confidence.HIGH


def test_the_evidence_names_what_is_searched_too_at_its_line() -> None:
    use = only("sweep.yaml", WANDB["one seed for the whole search"])
    assert [(step.line, step.note) for step in use.evidence] == [
        (4, "every trial of the search trains with seed 1234"),
        (3, "lr is searched"),
    ]
    assert (use.subject, use.sink) == ("seed 1234", "every trial of the search")


def test_the_evidence_tells_what_is_compared_from_what_is_no_hyperparameter() -> None:
    use = only("sweep.yaml", WANDB["seeds of several models"])
    assert [step.note for step in use.evidence] == [
        "the sweep varies 3 seeds",
        "model_name is what is compared",
        "dataset_size is varied too, and no hyperparameter",
    ]


def test_a_key_that_the_program_does_not_read_repeats_the_runs() -> None:
    text = "method: grid\nparameters:\n  lr: {value: 0.1}\n  attempt_label: {values: [1, 2, 3]}\n"
    assert uses_in("sweep.yaml", text) == []
    use = only("sweep.yaml", text, unread=frozenset({"attempt_label"}))
    assert (use.place.line, use.circumstance.value, use.subject) == (
        4,
        "sweep",
        "3 repeats (dummy key `attempt_label`)",
    )


def test_a_hyperparameter_that_is_read_by_a_way_not_seen_is_no_repeat() -> None:
    text = "method: grid\nparameters:\n  lr: {values: [1, 2]}\n  mode: {values: [a, b]}\n"
    assert uses_in("sweep.yaml", text, unread=frozenset({"lr", "mode"})) == []


def test_a_sweep_knows_its_program_and_strategy() -> None:
    (sweep,) = sweeps_in(read("s.yaml", b"method: bayes\nprogram: train.py\nparameters:\n  seed: {value: 1}\n"))
    assert (sweep.format, sweep.program, sweep.strategy) == ("W&B sweep", "train.py", Strategy.TUNER)
    (seed,) = sweep.dimensions
    assert (seed.name, seed.values, seed.pinned, seed.line) == ("seed", 1, 1, 4)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("range(10**40)", [(2, "sweep")]),
        ("range(100000000000000000000000000000000)", [(2, "sweep")]),
        (f"[0x{'f' * 6000}, 2]", [(2, "sweep")]),
        (f"[0x{'f' * 6000}]", []),
        ("range(0)", []),
    ],
)
def test_numbers_beyond_measure_are_no_trouble(values: str, said: list[tuple[int, str]]) -> None:
    code = f'import wandb\nc = {{"method": "grid", "parameters": {{"seed": {{"values": {values}}}}}}}\n'
    assert said_of("sweep.py", code) == said


@pytest.mark.parametrize("seeds", ["[seeds]", "[*seeds]", "list(seeds)", "sorted(list(seeds))", "seeds"])
def test_a_list_of_itself_comes_to_an_end(seeds: str) -> None:
    code = f"""
        import wandb
        def sweep(seeds):
            seeds = {seeds}
            space = {{"lr": {{"value": 1}}, "seed": {{"values": seeds}}}}
            space = {{"method": "grid", "parameters": space}}
    """
    assert said_of("sweep.py", dedent(code)) == [(5, "sweep")]


def test_files_that_are_no_config_state_no_sweep() -> None:
    assert sweeps_in(FileFacts("a.py", [], {}, ())) == []


def test_a_space_of_any_depth_is_looked_through() -> None:
    depth = 90
    text = "".join(f"{'  ' * level}a:\n" for level in range(depth))
    text += f"{'  ' * depth}method: grid\n{'  ' * depth}parameters: {{seed: {{values: [1, 2]}}}}\n"
    assert said_of("a.yaml", text) == [(depth + 2, "sweep")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("42", 1),
        ("1,2,3", 3),
        (" 1, 2 ", 2),
        ("range(5)", 5),
        ("range(1,6)", 5),
        ("range(0, 10, 3)", 4),
        ("range(start=1, stop=4)", 3),
        ("range(0.1, 0.5, 0.1)", 4),
        ("range(1,10,0)", None),
        ("range(a)", None),
        ("choice(1,2)", 2),
        ("shuffle(range(7))", 7),
        ("sort(3,1,2, reverse=true)", 3),
        ("tag(log, interval(0.1, 1))", None),
        ("int(choice(1, 2))", 2),
        ("interval(0, 1)", None),
        ("[1,2,3]", 1),
        ("[1,2],[3]", 2),
        ("{a: 1, b: 2}", 1),
        ("'1,2'", 1),
        ("range(0, 2147483647)", 2147483647),
        ("range(1e999)", None),
        ("int(" * 5000 + "1" + ")" * 5000, 1),
        ("", 1),
    ],
)
def test_an_override_of_hydra_stands_for_so_many_values(text: str, count: int | None) -> None:
    assert hydra_values(text) == count


@pytest.mark.parametrize(
    ("text", "count"), [("42", 1), ("[1,2,3]", 3), ("[1:100]", None), ("loguniform[1e-4:1]", None), ("[0,5:9]", 2)]
)
def test_a_flag_of_guild_stands_for_so_many_values(text: str, count: int | None) -> None:
    assert guild_values(text) == count


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("seed", Role.SEED),
        ("--seed", Role.SEED),
        ("+trainer.seed", Role.SEED),
        ("net__random_state", Role.SEED),
        ("SEED", Role.SEED),
        ("config.rng_seed", Role.SEED),
        ("data_seed", Role.CASE),
        ("env.seed", Role.CASE),
        ("run", Role.REPEAT),
        ("trial_idx", Role.REPEAT),
        ("_", Role.REPEAT),
        ("dummy_dimension", Role.REPEAT),
        ("sweep_id", Role.REPEAT),
        ("dataset.name", Role.CASE),
        ("dataset_size", Role.CASE),
        ("taskId", Role.CASE),
        ("model.name", Role.SYSTEM),
        ("model_type", Role.SYSTEM),
        ("model.hidden_dim", Role.HYPERPARAMETER),
        ("optimizer_type", Role.HYPERPARAMETER),
        ("batch_size", Role.HYPERPARAMETER),
        ("learningRate", Role.HYPERPARAMETER),
        ("beta1", Role.HYPERPARAMETER),
        ("num_runs", Role.UNKNOWN),
        ("num_seeds", Role.UNKNOWN),
        ("gumbel", Role.UNKNOWN),
    ],
)
def test_the_name_of_a_dimension_says_what_it_varies(name: str, role: Role) -> None:
    assert role_of(Dimension(name, 3, 1), load_apis().dimension_words) is role
