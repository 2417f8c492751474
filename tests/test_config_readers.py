"""Configuration files become the expressions of the facts: every key and value with its place, references as names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from textwrap import dedent

import pytest

from seedlint.code.configs import Setting, interpolated, is_record, lookup, settings, shape
from seedlint.code.encoding import decode, encode
from seedlint.code.facts import CONFIG, FileFacts, is_given
from seedlint.code.readers.gin import read_gin
from seedlint.code.readers.ini_file import read_ini
from seedlint.code.readers.json_file import read_json
from seedlint.code.readers.jsonnet import read_jsonnet
from seedlint.code.readers.python import read_python
from seedlint.code.readers.python_config import as_config
from seedlint.code.readers.toml_file import read_toml
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.readers.yaml_file import read_yaml
from seedlint.code.syntax import Attr, Call, Choice, Const, Expr, Group, Item, Name, Op, Other, Table, Text, access_path

Reader = Callable[[str, bytes], FileFacts]

READERS: dict[str, Reader] = {
    "yaml": read_yaml,
    "json": read_json,
    "jsonnet": read_jsonnet,
    "toml": read_toml,
    "ini": read_ini,
    "gin": read_gin,
}


def read(kind: str, text: str) -> FileFacts:
    return READERS[kind](f"config.{kind}", dedent(text).encode())


def plain(expr: Expr | None) -> object:
    """An expression as Python would show it, for short comparisons."""
    match expr:
        case Const():
            return expr.value
        case Group():
            return [plain(item) for item in expr.items]
        case Table():
            return {plain(key): plain(value) for key, value in expr.pairs}
        case Text():
            return "+".join(str(plain(part)) for part in expr.parts)
        case Attr() | Name():
            return f"<{access_path(expr)}>"
        case Item():
            return f"{plain(expr.base)}[{plain(expr.key)}]"
        case Call():
            given = [str(plain(arg)) for arg in expr.args] + [f"{name}={plain(arg)}" for name, arg in expr.keywords]
            return f"{plain(expr.func)}({', '.join(given)})"
        case Op():
            return f"{expr.operator}{[plain(operand) for operand in expr.operands]}"
        case Choice():
            return f"{expr.operator}{[plain(option) for option in expr.options]}"
        case Other():
            return "?" + ",".join(str(plain(child)) for child in expr.children)
    return "?"


def values(facts: FileFacts) -> dict[str, object]:
    return {".".join(setting.keys): plain(setting.value) for setting in settings(facts)}


def value(kind: str, text: str, path: str = "a") -> object:
    return plain(lookup(read(kind, text), path))


@pytest.mark.parametrize(
    ("kind", "text", "line", "column"),
    [
        ("yaml", "train:\n  seed: 42  # fixed\n", 2, 9),
        ("yaml", "é: ü\ntrain: {ü: 1, seed: 42}\n", 2, 21),
        ("yaml", "train:\r\n  lr: 1\r\n  seed: 42\r\n", 3, 9),
        ("json", '{\n  "train": {"ü": "ü", "seed": 42}\n}', 2, 31),
        ("json", "{ // why\n  train: {seed: +42,},\n}", 2, 17),
        ("jsonnet", "local x = 1;\n{\n  train+: { seed: 42 },\n}", 3, 19),
        ("toml", "[train]  # here\nseed = 42\n", 2, 8),
        ("toml", 'x = "ü"\ntrain = { "ü" = "ü", seed = 42 }\n', 2, 29),
        ("ini", "[train]\n# one\nseed = 42  ; fixed\n", 3, 8),
        ("gin", "# why\ntrain.seed = 42\n", 2, 14),
        ("gin", "train:\n    seed = 42\n", 2, 12),
    ],
)
def test_a_setting_stands_where_its_value_stands(kind: str, text: str, line: int, column: int) -> None:
    found = [setting for setting in settings(READERS[kind]("c", text.encode())) if setting.keys == ("train", "seed")]
    assert [(plain(setting.value), setting.line, setting.column) for setting in found] == [(42, line, column)]
    [setting] = found
    assert isinstance(setting.value, Const)
    assert (setting.value.end_line, setting.value.end_column - setting.value.column) == (line, 2 + (text.count("+4")))


@pytest.mark.parametrize("kind", READERS)
def test_every_reader_binds_one_tree_in_a_module_of_its_language(kind: str) -> None:
    facts = read(kind, "")
    assert facts.language == CONFIG
    assert [plain(assign.target) for assign in facts.scopes[0].assigns] == ["<config>"]
    assert values(facts) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 0x10", 16),
        ("a: 1.5e+3", 1500.0),
        ("a: 1e-3", "1e-3"),
        ("a: yes", True),
        ("a: ~", None),
        ("a: '42'", "42"),
        ("a: !!int '42'", 42),
        ("a: 2024-01-01", "2024-01-01"),
        ("a: |\n  x\n  y\n", "x\ny\n"),
        ("a: [1, [2]]", [1, [2]]),
        ("a:\n- b: 1\n- b: 2\n", [{"b": 1}, {"b": 2}]),
        ("a: 1\nb: 2\na: 3\n", 3),
        ("b: &x {s: 1, t: 2}\na:\n  <<: *x\n  s: 3\n", {"s": 3, "t": 2}),
        ("b: &x 5\na: *x\n", 5),
        ("a: {{ seed }}", "<seed>"),
        ("a: !include other.yaml", "?other.yaml"),
        ("a: !ref <b.c>", "<config.b.c>"),
        ("a: !ref <b> + 1", "Add['<config.b>', 1]"),
        ("a: !ref <folder>/<seed>", "<config.folder>+/+<config.seed>"),
        ("a: !new:torch.nn.Linear {n: 3}", "<torch.nn.Linear>(n=3)"),
        ("a: !!python/tuple [1, 2]", [1, 2]),
    ],
)
def test_yaml_values(text: str, expected: object) -> None:
    assert value("yaml", text) == expected


def test_documents_of_one_yaml_file_are_a_list() -> None:
    assert values(read("yaml", "---\na: 1\n---\nb: 2\n")) == {"0.a": 1, "1.b": 2}


def test_a_call_that_a_yaml_file_makes_is_a_call_of_its_module() -> None:
    facts = read("yaml", "seed: 1234\n__set_seed: !apply:torch.manual_seed [!ref <seed>]\n")
    [site] = facts.scopes[0].calls
    assert plain(site.call) == "<torch.manual_seed>(<config.seed>)"
    assert facts.imports["torch"] == "torch"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("yaml", "a: ${train.seed}", "<config.train.seed>"),
        ("yaml", "a: run_${train.seed}_x", "run_+<config.train.seed>+_x"),
        ("yaml", "b:\n  c: 1\n  a: ${.c}\n", None),
        ("yaml", "a: ${oc.env:SEED}", "<os.environ>[SEED]"),
        ("yaml", "a: ${oc.env:SEED,42}", "<os.environ.get>(SEED, 42)"),
        ("yaml", "a: ${oc.env:SEED,${b}}", "<os.environ.get>(SEED, <config.b>)"),
        ("yaml", "a: ${now:%Y}", "?"),
        ("yaml", "a: ${add:${seed},1}", "?<config.seed>+,1"),
        ("yaml", 'a: "${{ matrix.seed }}"', "<matrix.seed>"),
        ("yaml", 'a: "{{inputs.parameters.seed}}"', "<inputs.parameters.seed>"),
        ("json", '{"a": "${train.seed}"}', "<config.train.seed>"),
        ("toml", 'a = "${train.seed}"', "<config.train.seed>"),
        ("ini", "[x]\nseed = 1\n[y]\na = ${x.seed}\n", None),
        ("ini", "a = ${x:seed}\n", "<config.x.seed>"),
        ("gin", "a = %SEED\n", "<config.SEED>"),
        ("gin", "a = @models.big()\n", "<models.big>()"),
    ],
)
def test_references_are_the_names_of_what_they_refer_to(kind: str, text: str, expected: object) -> None:
    facts = read(kind, text)
    [found] = [plain(setting.value) for setting in settings(facts) if setting.keys[-1] == "a"]
    assert found == (expected or {"yaml": "<config.b.c>", "ini": "<config.x.seed>"}[kind])


def test_a_value_that_must_be_given_is_given_from_outside() -> None:
    assert is_given(lookup(read("yaml", "seed: ???\n"), "seed"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, 2,], /* x */ "b": 0}', [1, 2]),
        ("{a: .5}", 0.5),
        ("{a: -0x1F}", -31),
        ("{a: 'it\\'s'}", "it's"),
        ('{"a": "\\ud83d\\ude00"}', "😀"),
        ('{"a": 1, "a": 2}', 2),
        ("local s = 3; {a: s}", "<s>"),
        ("{a: std.parseInt(std.extVar('SEED'))}", "<int>(<os.environ>[SEED])"),
        ("{b: 1, a: self.b}", "<config.b>"),
        ("{a: {b: $.c}}", {"b": "<config.c>"}),
        ("local base = {a: {x: 1, y: 2}}; base {a+: {y: 3}}", {"x": 1, "y": 3}),
        ("{a: {x: 1}} + {a: {y: 3}}", {"y": 3}),
        ("(import 'base.jsonnet') + {a: 1}", 1),
        ("{a: std.range(0, 4)}", "<range>(0, 5)"),
        ("{a: if x then 1 else 2}", "IfExp[1, 2]"),
        ("{a: [i for i in [1, 2]]}", "?<i>"),
        ("{f(x):: x + 1, a: 1}", 1),
        ("function(x) {a: 1}", 1),
        ("{a: |||\n  one\n    two\n|||}", "one\n  two\n"),
        ("{a: 1 + 2 * 3}", "Add[1, 'Mult[2, 3]']"),
        ("{assert true, local b = 2, a: b}", "<b>"),
    ],
)
def test_json_and_jsonnet_values(text: str, expected: object) -> None:
    assert value("jsonnet", text) == expected


def test_locals_of_jsonnet_are_names_of_the_module_and_none_hides_its_tree() -> None:
    facts = read("jsonnet", "local config = {seed: 1};\nlocal n = 2;\n{a: config.seed}\n")
    assert [plain(assign.target) for assign in facts.scopes[0].assigns] == ["<config_>", "<n>", "<config>"]
    assert values(facts) == {"a": "<config_.seed>"}


def test_toml_tables_of_every_kind_are_one_tree() -> None:
    facts = read(
        "toml",
        """\
        a.b = 1
        [x.y]
        l = [1, # one
          'two']
        t = { c = 1_000, d.e = "\\u00e9" }
        "q.k" = 1979-05-27
        [[runs]]
        seed = 0x10
        [[runs]]
        seed = true
        [runs.sub]
        z = 1e3
        """,
    )
    assert values(facts) == {
        "a.b": 1, "x.y.l.0": 1, "x.y.l.1": "two", "x.y.t.c": 1000, "x.y.t.d.e": "é", "x.y.q.k": "1979-05-27",
        "runs.0.seed": 16, "runs.1.seed": True, "runs.1.sub.z": 1000.0,
    }  # fmt: skip


def test_ini_values_are_json_words_and_text_that_goes_on() -> None:
    facts = read(
        "ini",
        """\
        top: 'quoted'
        [training]
        rate = 1e-3
        rows = [5000,
          # between
          {"n": 2}
          ]
        name = "Adam.v1"
        none = null
        [training.optimizer]
        text = one
          two
        broken = [a
        """,
    )
    assert values(facts) == {
        "top": "quoted", "training.rate": 0.001, "training.rows.0": 5000, "training.rows.1.n": 2,
        "training.name": "Adam.v1", "training.none": None, "training.optimizer.text": "one\n  two",
        "training.optimizer.broken": "[a",
    }  # fmt: skip


def test_gin_bindings_are_nested_by_scope_module_and_parameter() -> None:
    facts = read(
        "gin",
        """\
        include 'base.gin'
        import experiments.models
        SEED = 42
        run/pkg.train.seed = %SEED
        x.table = {
            'a': (1, -2.5,),  # one
            'b': None,
        }
        y.text = ("one "
                  "two")
        """,
    )
    assert facts.stars == ("base.gin",)
    assert values(facts) == {
        "SEED": 42, "run/pkg.train.seed": "<config.SEED>", "x.table.a.0": 1, "x.table.a.1": -2.5, "x.table.b": None,
        "y.text": "one two",
    }  # fmt: skip


BAD = {
    "NUL": b"a: 1\0\n",
    "brackets": b"[" * 100_000,
    "objects": b'{"a":' * 50_000,
    "dashes": b"- " * 100_000,
    "parentheses": b"a = " + b"(" * 100_000,
    "arrays": b"a = " + b"[" * 100_000,
    "header": b"[" + b"a." * 100_000 + b"a]\n",
    "name": b"a" + b".a" * 100_000 + b" = 1\n",
    "sum": b"{a: 1" + b"+1" * 50_000 + b"}",
    "quote": b'"\\' * 100_000,
    "multiplied": b"a0: &a0 [x, x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
    "chained": b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 500)),
    "merged": b"local a0 = {x: 1, y: 1};\n"
    + b"".join(b"local a%d = {x: a%d {z: 1}, y: a%d {z: 1}};\n" % (n, n - 1, n - 1) for n in range(1, 40))
    + b"{z: a39 {z: 1}}",
    "block": b"# {% if x %}\na: 1\n{% endif %}\n  b: 2\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_configuration_is_said_to_be_none_in_one_line(kind: str, name: str) -> None:
    with suppress(UnreadableSource):
        assert len(list(settings(READERS[kind]("c", BAD[name])))) < 100_000
        return
    with pytest.raises(UnreadableSource, match=r"\A[^\n]+\Z"):
        READERS[kind]("c", BAD[name])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("yaml", "NUL"),
        ("yaml", "brackets"),
        ("yaml", "dashes"),
        ("yaml", "multiplied"),
        ("yaml", "chained"),
        ("yaml", "block"),
        ("json", "objects"),
        ("json", "sum"),
        ("json", "quote"),
        ("jsonnet", "merged"),
        ("toml", "arrays"),
        ("toml", "header"),
        ("toml", "name"),
        ("gin", "parentheses"),
        ("gin", "name"),
        ("gin", "quote"),
    ],
)
def test_attacks_on_readers_are_refused(kind: str, name: str) -> None:
    with pytest.raises(UnreadableSource):
        READERS[kind]("c", BAD[name])


def test_a_list_that_holds_itself_does_not_go_round_in_circles() -> None:
    assert values(read("yaml", "a: &a [1, *a]\n")) == {"a.0": 1, "a.1": "?"}


@pytest.mark.parametrize("text", ['[{"a": 1}, ' + '{"a": 2}, ' * 10_000 + '{"a": 3}]', '{"a": 1}\n{"a": 2}\n'])
def test_records_in_json_are_no_settings(text: str) -> None:
    with pytest.raises(UnreadableSource, match="records"):
        read("json", text)


def test_text_in_old_encodings_is_read() -> None:
    assert values(read_yaml("c", "name: café\nseed: 1\n".encode("latin-1"))) == {"name": "café", "seed": 1}
    assert values(read_json("c", '{"seed": 1}'.encode("utf-16"))) == {"seed": 1}
    assert values(read_toml("c", b"\xef\xbb\xbfseed = 1\n")) == {"seed": 1}


def test_facts_of_a_configuration_survive_the_cache() -> None:
    facts = read("yaml", "seed: 1\na: ${seed}\nb: !new:x.Y {c: [1]}\n")
    encoded = encode(facts)
    assert encoded is not None
    again = decode("elsewhere.yaml", encoded)
    assert again is not None
    assert values(again) == values(facts)


# the view of a configuration


def test_settings_come_in_the_order_of_the_file_and_empty_ones_too() -> None:
    facts = read("yaml", "b: 1\na: [2, {c: 3}]\nd: {}\n")
    assert [setting.keys for setting in settings(facts)] == [("b",), ("a", "0"), ("a", "1", "c"), ("d",)]


def test_keys_are_looked_up_in_tables_lists_and_with_dots_in_them() -> None:
    facts = read("yaml", "a: [{b: 1}]\nc.d: {e.f: 2}\n")
    assert plain(lookup(facts, "a.0.b")) == 1
    assert plain(lookup(facts, ("c", "d", "e", "f"))) == 2
    assert lookup(facts, "a.b") is None
    assert lookup(read_python("x.py", b"a = 1\n"), "a") is None


def test_references_within_a_file_are_followed_but_not_in_circles() -> None:
    facts = read("yaml", "a: ${b.c}\nb: {c: '${d}'}\nd: 42\nx: ${y}\ny: ${x}\nz: ${nothing}\n")
    follow = {setting.keys[0]: plain(interpolated(facts, setting.value)) for setting in settings(facts)}
    assert follow["a"] == 42
    assert follow["z"] == "<config.nothing>"
    assert follow["x"] in ("<config.x>", "<config.y>")


def is_seed(setting: Setting) -> bool:
    return setting.keys[-1] == "seed"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("seed: 1\nlr: 2\n", "lr: 2\nseed: 7\n", True),
        ("seed: 1\nlr: 2\n", "seed: 7\nlr: 3\n", False),
        ("seed: 1\nlr: 2\n", "seed: 7\nlr: 2\nextra: 1\n", False),
        ("seed: 42\nout: runs/x_seed42\n", "seed: 43\nout: runs/x_seed43\n", True),
        ("seed: 42\nout: runs/42/x\n", "seed: 43\nout: runs/43/x\n", True),
        ("seed: 1\nmodel: gpt1\n", "seed: 2\nmodel: gpt2\n", False),
        ("seed: 1\nx: 1\n", "seed: 1\nx: '1'\n", False),
        ("seed: 1\nx: ${a}\n", "seed: 1\nx: ${b}\n", False),
    ],
)
def test_files_that_differ_only_by_the_seed_have_one_shape(one: str, other: str, same: bool) -> None:
    shapes = {shape(read("yaml", text), is_seed) for text in (one, other)}
    assert (len(shapes) == 1) == same


@pytest.mark.parametrize(
    ("path", "text", "record"),
    [
        ("configs/train.yaml", "seed: 1\n", False),
        ("output/mlp/tuned/0.toml", "seed: 1\n", False),
        ("results/config.yaml", "seed: 1\n", True),
        ("conf/results/x.yaml", "seed: 1\n", False),
        ("wandb/run-2024_x/files/config.yaml", "seed: 1\n", True),
        ("outputs/2024-01-02/10-11-12/.hydra/config.yaml", "seed: 1\n", True),
        ("exp/tuning/0/stats.json", "seed: 1\n", True),
        ("checkpoints/big/args.json", "seed: 1\n", True),
        ("args.json", "seed: 1\n", False),
        ("x/all_results.json", "seed: 1\n", True),
        ("run.yaml", "seed: 1\nbest_val_acc: 0.91\ntest_loss: 0.2\n", True),
        ("run.yaml", "seed: 1\nloss: mse\ntest_size: 0.2\n", False),
        ("run.yaml", "seed: 1\nwandb_version: 1\n", True),
    ],
)
def test_records_of_runs_are_told_from_configurations(path: str, text: str, record: bool) -> None:
    assert is_record(path, read("yaml", text)) == record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("_base_ = ['../base.py']\nseed = 42\nn = f(1)\n", {"_base_": ["../base.py"], "seed": 42, "n": "<f>(1)"}),
        ("seed = 42\nmodel = dict(type='X', heads=[dict(n=1)])\n", {"seed": 42, "model": {"type": "X", "heads": [{"n": 1}]}}),
        (
            "import ml_collections\ndef get_config():\n  c = ml_collections.ConfigDict({'lr': 1})\n  c.seed = 42\n"
            "  c.model = ml_collections.ConfigDict()\n  c.model.dim = 3\n  return c\n",
            {"lr": 1, "seed": 42, "model": {"dim": 3}},
        ),
        (
            "from yacs.config import CfgNode as Node\n_C = Node()\n_C.SEED = 1\n_C.MODEL = Node()\n_C.MODEL.X = 3\n",
            {"SEED": 1, "MODEL": {"X": 3}},
        ),
        ("import torch\ntorch.manual_seed(0)\nseed = 42\n", None),
        ("seed = 42\ndef train(): ...\n", None),
        ("for i in range(3):\n  seed = i\n", None),
        ("__version__ = '1'\n", None),
    ],
)  # fmt: skip
def test_python_that_only_configures_is_a_table(text: str, expected: object) -> None:
    table = as_config(read_python("config.py", text.encode()))
    assert (None if table is None else plain(table)) == expected
