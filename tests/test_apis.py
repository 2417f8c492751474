from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from seedlint.cachedir import cache_folder
from seedlint.code.apifiles import ApiFileError, expand, find_words, parse_file, parse_folder, seeder_words
from seedlint.code.apis import ApiTable, Governs, build_table, load_apis, read_table
from seedlint.resources import rules_folder

FRAMEWORKS = rules_folder() / "apis"


@pytest.fixture(scope="module")
def table() -> ApiTable:
    return build_table(parse_folder(FRAMEWORKS))


def governed(table: ApiTable, name: str) -> set[Governs]:
    return {seeder.governs for seeder in table.seeders.get(name, ())}


# What a framework file may hold, and what is said of one that does not keep to it.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('packages = ["a"]', "bad.toml: name is missing"),
        ('name = "A"\nneurl = true', "bad.toml: unknown key neurl"),
        ('name = "A"\nneural = "yes"', "bad.toml: neural is 'yes', which is not a bool"),
        ('name = "A"\npackages = [1]', "bad.toml: packages holds something other than str"),
        ('name = "A"\nname = "B"', "bad.toml: "),
        ('name = "A"\n[seeder]\ncall = ["a.b"]', "bad.toml: seeder is a list of tables, written [[seeder]]"),
        ('name = "A"\n[[seeder]]\ncall = ["a.b"]', "bad.toml: seeder 1: governs is missing"),
        ('name = "A"\n[[seeder]]\ncall = ["a.b"]\ngoverns = "all"', "bad.toml: seeder 1: governs is 'all', not one of"),
        ('name = "A"\n[[seeder]]\ngoverns = "global"', "bad.toml: seeder 1: nothing to match; give call or method"),
        ('name = "A"\n[[seeder]]\ncall = ["a.b-c"]\ngoverns = "global"', "bad.toml: seeder 1: call has 'a.b-c'"),
        (
            'name = "A"\n[[seeder]]\ncall = ["a.b"]\ngoverns = "global"\n'
            '[[seeder]]\ncall = ["a.c"]\ngoverns = "global"\nposition = "first"',
            "bad.toml: seeder 2: position is 'first', which is not a int",
        ),
        (
            'name = "A"\n[[seeder]]\ncall = ["a.b"]\ngoverns = "global"\nposition = true',
            "bad.toml: seeder 1: position is True, which is not a int",
        ),
        (
            'name = "A"\n[[seeder]]\ncall = ["a.b"]\ngoverns = "global"\nabsent = "constant"',
            "bad.toml: seeder 1: absent_value is given with absent",
        ),
        (
            'name = "A"\n[[seeder]]\nmethod = ["seed"]\ngoverns = "global"\nreceiver = "("',
            "bad.toml: seeder 1: receiver is not a regular expression",
        ),
        ('name = "A"\n[[statistic]]\ncall = ["a.b"]\nrole = "average"', "bad.toml: statistic 1: role is 'average'"),
        ('name = "A"\n[[option]]\ncall = ["a.b"]', "bad.toml: option 1: name is missing"),
        ('name = "A"\n[[load]]\ncalls = ["a.b"]', "bad.toml: load 1: unknown key calls"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused_with_file_and_key(tmp_path: Path, content: str, said: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(content, encoding="utf-8")
    with pytest.raises(ApiFileError) as caught:
        parse_file(bad)
    assert str(caught.value).startswith(said)


def test_two_files_may_not_say_two_things_of_one_call(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "A"\n[[statistic]]\ncall = ["m.mean"]\nrole = "mean"', encoding="utf-8")
    (tmp_path / "b.toml").write_text('name = "B"\n[[statistic]]\ncall = ["m.mean"]\nrole = "plot"', encoding="utf-8")
    with pytest.raises(ApiFileError, match=r"b\.toml: statistic 1: call has m\.mean, which stands in a\.toml"):
        parse_folder(tmp_path)


def test_a_folder_without_framework_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ApiFileError, match="no framework files"):
        parse_folder(tmp_path)


def test_braces_are_alternatives() -> None:
    assert expand("a.b") == ["a.b"]
    assert expand("{a,b.c}.{,d.}e") == ["a.e", "a.d.e", "b.c.e", "b.c.d.e"]


def test_a_file_becomes_records(tmp_path: Path) -> None:
    (tmp_path / "made.toml").write_text(
        """
        name = "Made"
        packages = ["made"]
        neural = true
        [[seeder]]
        call = ["made.{sow,util.sow}"]
        method = ["sow"]
        receiver = "field"
        argument = ["grain"]
        position = 1
        governs = "global"
        absent = "constant"
        absent_value = 7
        off = [-1, "none"]
        [[training]]
        method = ["grow"]
        receiver = "plant"
        arguments = "some"
        requires = true
        [[option]]
        call = ["made.Choice"]
        name = "target"
        position = 0
        kind = "field"
        [[entry]]
        call = ["made.main"]
        kind = "function"
        [[statistic]]
        method = ["yield_of"]
        role = "mean"
        [[deterministic]]
        attribute = ["made.strict"]
        [[search]]
        call = ["made.any_of"]
        """,
        encoding="utf-8",
    )
    table = build_table(parse_folder(tmp_path))
    (seeder,) = table.seeders["made.util.sow"]
    assert table.seeders["made.sow"] == table.seeder_methods["sow"] == (seeder,)
    assert (seeder.framework, seeder.governs, seeder.arguments, seeder.position) == (
        "Made",
        Governs.GLOBAL,
        ("grain",),
        1,
    )
    assert (seeder.absent, seeder.absent_value, seeder.off, seeder.receiver) == ("constant", 7, (-1, "none"), "field")
    (training,) = table.training_methods["grow"]
    assert (training.receiver, training.arguments, training.requires) == ("plant", "some", True)
    assert (table.options["made.Choice"].name, table.options["made.Choice"].kind) == ("target", "field")
    assert table.entries["made.main"].kind == "function"
    assert table.statistic_methods == {"yield_of": "mean"}
    assert table.deterministic_attributes == {"made.strict"}
    assert table.search == {"made.any_of"}
    assert table.neural_packages == table.packages == {"made"}
    assert table.words == (b"sow",)


# What is known of the frameworks.


def listed(names: str) -> list[str]:
    return names.split()


GLOBAL_SEEDERS = listed("""
random.seed  numpy.random.seed
torch.manual_seed torch.random.manual_seed torch.cuda.manual_seed torch.cuda.manual_seed_all torch.mps.manual_seed
torch.xpu.manual_seed torch.xpu.manual_seed_all torch.npu.manual_seed torch.npu.manual_seed_all torch.hpu.manual_seed
tensorflow.random.set_seed tensorflow.set_random_seed tensorflow.compat.v1.set_random_seed
tensorflow.compat.v1.random.set_random_seed
keras.utils.set_random_seed tensorflow.keras.utils.set_random_seed tf_keras.utils.set_random_seed
pytorch_lightning.seed_everything lightning.seed_everything lightning.pytorch.seed_everything
lightning_fabric.seed_everything lightning.fabric.seed_everything pytorch_lightning.utilities.seed.seed_everything
lightning_fabric.utilities.seed.seed_everything
transformers.set_seed transformers.trainer_utils.set_seed transformers.enable_full_determinism
accelerate.utils.set_seed accelerate.utils.random.set_seed
allennlp.common.util.prepare_environment fairseq.utils.set_torch_seed
mmcv.runner.set_random_seed mmdet.apis.set_random_seed mmengine.runner.set_random_seed
detectron2.utils.env.seed_all_rng timm.utils.random_seed timm.utils.random.random_seed
torch_geometric.seed_everything torch_geometric.seed.seed_everything dgl.seed dgl.random.seed
paddle.seed mxnet.random.seed mxnet.np.random.seed chainer.cuda.cupy.random.seed cupy.random.seed dynet_config.set
flair.set_seed spacy.util.fix_random_seed thinc.api.fix_random_seed thinc.util.fix_random_seed
stable_baselines3.common.utils.set_random_seed fastai.torch_core.set_seed fastai.basics.set_seed
catalyst.utils.set_global_seed ignite.utils.manual_seed monai.utils.set_determinism
""")

OTHER_SEEDERS = {
    "random.Random": "generator",
    "numpy.random.RandomState": "generator",
    "numpy.random.default_rng": "generator",
    "numpy.random.SeedSequence": "generator",
    "numpy.random.PCG64": "generator",
    "torch.Generator.manual_seed": "generator",
    "tensorflow.random.Generator.from_seed": "generator",
    "jax.random.PRNGKey": "key",
    "jax.random.key": "key",
    "flax.nnx.Rngs": "key",
    "haiku.PRNGSequence": "key",
    "transformers.Seq2SeqTrainingArguments": "trainer",
    "tensorflow.estimator.RunConfig": "trainer",
    "stable_baselines3.PPO": "trainer",
    "sklearn.neural_network.MLPClassifier": "trainer",
    "keras.initializers.GlorotUniform": "initializer",
    "tensorflow.random_normal": "initializer",
    "sklearn.model_selection.train_test_split": "data",
    "datasets.Dataset.shuffle": "data",
    "tensorflow.data.Dataset.shuffle": "data",
    "gymnasium.Env.reset": "environment",
    "vllm.SamplingParams": "decoding",
    "optuna.samplers.TPESampler": "search",
    "sklearn.model_selection.RandomizedSearchCV": "search",
    "sklearn.ensemble.RandomForestClassifier": "estimator",
    "xgboost.XGBClassifier": "estimator",
    "lightgbm.LGBMClassifier": "estimator",
    "catboost.CatBoostClassifier": "estimator",
    "sklearn.cluster.KMeans": "clustering",
    "umap.UMAP": "clustering",
}

TRAINING = listed("""
transformers.Trainer.train pytorch_lightning.Trainer.fit lightning.Trainer.fit keras.Model.fit jax.grad
jax.value_and_grad optax.apply_updates flax.training.train_state.TrainState.create
accelerate.Accelerator.backward sentence_transformers.SentenceTransformer.fit skorch.NeuralNetClassifier.fit
tensorflow.GradientTape tensorflow.train.AdamOptimizer.minimize stable_baselines3.PPO.learn
""")

PACKAGES = listed("""
torch tensorflow keras jax flax haiku pytorch_lightning lightning lightning_fabric transformers accelerate
allennlp fairseq mmcv mmengine detectron2 timm torch_geometric dgl paddle mxnet chainer dynet flair spacy thinc
sentence_transformers skorch stable_baselines3 fastai catalyst ignite d3rlpy opacus trl peft setfit
simpletransformers deepspeed horovod monai torchrl tianshou texar
""")


@pytest.mark.parametrize("name", GLOBAL_SEEDERS)
def test_the_call_seeds_a_global_generator(table: ApiTable, name: str) -> None:
    assert governed(table, name) == {Governs.GLOBAL}


@pytest.mark.parametrize(("name", "governs"), OTHER_SEEDERS.items())
def test_the_call_seeds_something_of_its_own(table: ApiTable, name: str, governs: str) -> None:
    assert Governs(governs) in governed(table, name)


@pytest.mark.parametrize("name", TRAINING)
def test_the_call_trains(table: ApiTable, name: str) -> None:
    assert name in table.training


@pytest.mark.parametrize("package", PACKAGES)
def test_the_package_is_neural(table: ApiTable, package: str) -> None:
    assert package in table.neural_packages


@pytest.mark.parametrize(
    "package", ["sklearn", "xgboost", "lightgbm", "catboost", "gym", "gymnasium", "ray", "optuna", "datasets", "numpy"]
)
def test_the_package_is_known_and_no_sign_of_neural_networks(table: ApiTable, package: str) -> None:
    assert package in table.packages - table.neural_packages


def test_every_file_says_which_packages_it_knows() -> None:
    for path in FRAMEWORKS.glob("*.toml"):
        assert parse_file(path)["packages"], path.name


def test_a_call_without_its_seed_is_told_from_one_that_seeds_nothing(table: ApiTable) -> None:
    (lightning,) = table.seeders["lightning.seed_everything"]
    (numpy,) = table.seeders["numpy.random.seed"]
    (torch,) = table.seeders["torch.manual_seed"]
    assert (lightning.absent, lightning.absent_value) == ("constant", 0)
    assert (numpy.absent, torch.absent) == ("fresh", "nothing")


def test_backward_trains_wherever_it_is_called_and_step_only_on_optimisers(table: ApiTable) -> None:
    assert any(not training.requires and not training.receiver for training in table.training_methods["backward"])
    assert all(training.requires and training.receiver for training in table.training_methods["step"])


@pytest.mark.parametrize(
    ("receiver", "trains"), [("model", True), ("self.autoencoder", True), ("StandardScaler", False)]
)
def test_fit_trains_unless_its_receiver_is_a_preprocessor(table: ApiTable, receiver: str, trains: bool) -> None:
    fits = table.training_methods["fit"]
    assert all(training.requires for training in fits)
    assert any(re.search(training.receiver, receiver, re.IGNORECASE) for training in fits) is trains


@pytest.mark.parametrize(
    ("method", "receiver", "governs"),
    [
        ("seed", "rng", Governs.GENERATOR),
        ("seed", "eval_env", Governs.ENVIRONMENT),
        ("seed", "action_space", Governs.ENVIRONMENT),
        ("manual_seed", "generator", Governs.GENERATOR),
        ("seed_everything", "fabric", Governs.GLOBAL),
        ("set_random_seed", "model", Governs.GLOBAL),
        ("set_random_seed", "env", Governs.ENVIRONMENT),
    ],
)
def test_a_method_means_what_its_receiver_says(table: ApiTable, method: str, receiver: str, governs: Governs) -> None:
    fitting = [seeder for seeder in table.seeder_methods[method] if re.search(seeder.receiver, receiver)]
    assert {seeder.governs for seeder in fitting} == {governs}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("argparse.ArgumentParser.add_argument", ("flags", -1, "option")),
        ("click.option", ("flags", -1, "option")),
        ("absl.flags.DEFINE_integer", ("first", 1, "option")),
        ("tensorflow.app.flags.DEFINE_integer", ("first", 1, "option")),
        ("typer.Option", ("target", 0, "option")),
        ("dataclasses.field", ("target", -1, "field")),
        ("pydantic.Field", ("target", 0, "field")),
    ],
)
def test_the_call_declares_an_option(table: ApiTable, name: str, how: tuple[str, int, str]) -> None:
    option = table.options[name]
    assert (option.name, option.position, option.kind) == how


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("numpy.mean", "mean"),
        ("numpy.std", "spread"),
        ("scipy.stats.ttest_ind", "test"),
        ("deepsig.aso", "test"),
        ("matplotlib.pyplot.errorbar", "plot"),
        ("seaborn.lineplot", "plot"),
        ("pandas.DataFrame.groupby", "table"),
        ("numpy.argmax", "extreme"),
        ("max", "extreme"),
    ],
)
def test_the_call_is_a_statistic(table: ApiTable, name: str, role: str) -> None:
    assert table.statistics[name] == role


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("search", "ray.tune.choice"),
        ("search_methods", "suggest_int"),
        ("fresh", "time.time"),
        ("draw", "numpy.random.randint"),
        ("draw_methods", "integers"),
        ("derive", "jax.random.split"),
        ("derive_methods", "spawn"),
        ("combine", "torch.optim.swa_utils.AveragedModel"),
        ("load_methods", "from_pretrained"),
        ("not_training", "sklearn.decomposition"),
        ("not_training", "sklearn.linear_model.LogisticRegression"),
        ("deterministic_calls", "torch.use_deterministic_algorithms"),
        ("deterministic_attributes", "torch.backends.cudnn.deterministic"),
        ("entries", "transformers.HfArgumentParser"),
    ],
)
def test_the_name_is_in_its_set(table: ApiTable, names: str, name: str) -> None:
    assert name in getattr(table, names)


@pytest.mark.parametrize("name", ["linear_model", "linear_model.SGDClassifier", "pipeline", "model_selection"])
def test_what_may_train_by_gradient_is_not_ruled_out(table: ApiTable, name: str) -> None:
    assert f"sklearn.{name}" not in table.not_training


# The words that make a file worth parsing.


def test_words_are_lower_case_and_none_contains_another(table: ApiTable) -> None:
    assert b"seed" in table.words
    assert all(word == word.lower() for word in table.words)
    assert [(word, other) for word in table.words for other in table.words if word != other and other in word] == []


@pytest.mark.parametrize(
    "line",
    [
        "torch.manual_seed(0)",
        "key = jax.random.PRNGKey(0)",
        "key = jax.random.key(0)",
        "model = Net(rngs=nnx.Rngs(0))",
        "rng = np.random.RandomState(1)",
        "rng = np.random.default_rng(1)",
        "MLPClassifier(random_state=1)",
        "for run in range(args.runs): scores.append(train()); print(np.mean(scores))",
        "for trial in range(5): total += train() / 5; print('average', total)",
        "for n in range(25): scores.append(train()); print(np.mean(scores), np.std(scores))",
        "scores = [run.summary['acc'] for run in api.runs('me/project')]; print(statistics.mean(scores))",
        "results.append(train(x)); print(f'{sum(results) / 9} ± {statistics.stdev(results)}')",
    ],
)
def test_a_file_with_this_line_is_worth_parsing(table: ApiTable, line: str) -> None:
    assert table.is_worth_reading(line.encode())


@pytest.mark.parametrize("line", ["import torch", "x = random.choice(names)", "for i in range(10):", "model.train()"])
def test_a_file_with_only_this_line_is_not(table: ApiTable, line: str) -> None:
    assert not table.is_worth_reading(line.encode())


def seeder(**given: object) -> dict[str, object]:
    defaults = {"call": [], "method": [], "argument": ["seed"], "position": 0, "absent": "nothing", "word": []}
    return {**defaults, "governs": "global", **given}


def test_a_word_is_seed_or_the_keyword_or_the_last_name_or_the_one_given() -> None:
    assert seeder_words(seeder(call=["a.set_seed_everywhere"])) == ["seed"]
    assert seeder_words(seeder(call=["a.Fit"], argument=["Random_State"], position=-1)) == ["random_state"]
    assert seeder_words(seeder(call=["a.Keys"])) == ["keys"]
    assert seeder_words(seeder(call=["a.Keys"], position=-1, absent="constant")) == ["keys"]
    assert seeder_words(seeder(call=["a.key"], word=["a.Key("])) == ["a.key("]


def test_what_never_governs_training_selects_no_file() -> None:
    splits = seeder(call=["a.partition"], governs="data")
    assert find_words([splits, seeder(call=["a.seed"]), seeder(call=["b.sow"])], ["Sowing"]) == ["seed", "sow"]


# The cached copy.


def copies(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_the_cached_table_is_the_parsed_one(tmp_path: Path, table: ApiTable, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_table(FRAMEWORKS, tmp_path) == table
    assert len(copies(tmp_path)) == 1

    def never(folder: Path) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr("seedlint.code.apifiles.parse_folder", never)
    assert read_table(FRAMEWORKS, tmp_path) == table


@pytest.mark.parametrize(
    "spoilt", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"stamp": 1}', b'{"stamp": [], "table": {}}']
)
def test_a_spoilt_copy_is_parsed_afresh_and_renewed(tmp_path: Path, table: ApiTable, spoilt: bytes) -> None:
    read_table(FRAMEWORKS, tmp_path)
    (copy,) = copies(tmp_path)
    whole = copy.read_bytes()
    copy.write_bytes(spoilt)
    assert read_table(FRAMEWORKS, tmp_path) == table
    assert copy.read_bytes() == whole


def test_a_copy_with_a_table_of_another_shape_is_not_used(tmp_path: Path, table: ApiTable) -> None:
    read_table(FRAMEWORKS, tmp_path)
    (copy,) = copies(tmp_path)
    content = json.loads(copy.read_bytes())
    content["table"]["seeder"][0].pop()
    copy.write_text(json.dumps(content), encoding="utf-8")
    assert read_table(FRAMEWORKS, tmp_path) == table


def test_a_changed_file_makes_the_copy_stale(tmp_path: Path) -> None:
    folder = tmp_path / "apis"
    folder.mkdir()
    (folder / "a.toml").write_text('name = "A"\n[[fresh]]\ncall = ["a.b"]', encoding="utf-8")
    assert read_table(folder, tmp_path / "cache").fresh == {"a.b"}
    (folder / "a.toml").write_text('name = "A"\n[[fresh]]\ncall = ["a.bc"]', encoding="utf-8")
    assert read_table(folder, tmp_path / "cache").fresh == {"a.bc"}


def test_a_cache_folder_that_cannot_be_made_is_no_error(tmp_path: Path, table: ApiTable) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert read_table(FRAMEWORKS, tmp_path / "file" / "cache") == table


def test_the_table_is_loaded_once_and_its_cache_stands_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: ApiTable
) -> None:
    monkeypatch.setenv("SEEDLINT_CACHE_DIR", str(tmp_path / "mine"))
    load_apis.cache_clear()
    assert load_apis() == table
    assert load_apis() is load_apis()
    assert len(copies(tmp_path / "mine")) == 1
    load_apis.cache_clear()


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x/caches"}, "/x/caches/seedlint"),
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.cache/seedlint"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Caches/seedlint"),
        ("win32", {"LOCALAPPDATA": "/c/ada/Local"}, "/c/ada/Local/seedlint"),
        ("linux", {"SEEDLINT_CACHE_DIR": "/mine", "XDG_CACHE_HOME": "/x"}, "/mine"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="the paths are posix paths")
def test_the_cache_folder_follows_the_platform(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], folder: str
) -> None:
    for name in ("SEEDLINT_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert cache_folder() == Path(folder)
