"""The commands that a notebook's cells run, read from shell lines, `%run` and whole cells of shell code."""

from __future__ import annotations

import json

import pytest

from seedlint.code.facts import FileFacts
from seedlint.code.readers.notebook import read_notebook
from seedlint.code.syntax import Const, Expr, Group, Name, Op, Text, command_name, dotted


def read(*cells: str) -> FileFacts:
    listed = [{"cell_type": "code", "source": cell} for cell in cells]
    return read_notebook("a.ipynb", json.dumps({"cells": listed}).encode())


def shown(word: Expr) -> str:
    match word:
        case Const():
            return repr(word.value)
        case Name():
            return f"<{word.id}>"
        case Text():
            return "".join(map(shown, word.parts))
        case Group():
            return f"[{' '.join(map(shown, word.items))}]"
        case Op():
            return f"({word.operator} {' '.join(map(shown, word.operands))})"
    return type(word).__name__


def commands(facts: FileFacts) -> list[str]:
    """Each command, with the line of the joined module on which it stands."""
    return [
        f"{site.call.line}: {' '.join([name, *map(shown, site.call.args)])}"
        for scope in facts.scopes
        for site in scope.calls
        if (name := command_name(site.call))
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("!python train.py --seed 3", ["1: python 'train.py' '--seed' 3"]),
        ("x = 1\n!!python train.py", ["2: python 'train.py'"]),
        ("%run train.py --seed 3", ["1: python 'train.py' '--seed' 3"]),
        ("%run -i -n train.py", ["1: python 'train.py'"]),
        ("%run -m train --seed 3", ["1: python '-m' 'train' '--seed' 3"]),
        ("run train.py --seed 3 ...", ["1: python 'train.py' '--seed' 3 '...'"]),
        ("%sx python train.py", ["1: python 'train.py'"]),
        ("%time !python train.py", ["1: python 'train.py'"]),
        ("%cd experiments", ["1: cd 'experiments'"]),
        ("!cd x && python train.py", ["1: cd 'x'", "1: python 'train.py'"]),
        ("!python train.py \\\n  --seed 3\nx = 1", ["1: python 'train.py' '--seed' 3"]),
        ("!python train.py --seed {seed} $lr", ["1: python 'train.py' '--seed' <seed> <lr>"]),
        ("!python train.py --seed={seed:03d}", ["1: python 'train.py' '--seed='<seed>"]),
        ("!python train.py seed={seed + 1}", ["1: python 'train.py' 'seed='(Add <seed> 1)"]),
        ("!echo {{not}} {1..3} | python a.py", ["1: echo '{not}' [1 2 3]", "1: python 'a.py'", "1: | Call Call"]),
        ("%%bash\n\npython train.py --seed 3", ["3: python 'train.py' '--seed' 3"]),
        ("%%sh\npython train.py", ["2: python 'train.py'"]),
        ("%%script bash --bg\npython train.py", ["2: python 'train.py'"]),
        ("%sh python train.py\npython test.py", ["1: python 'train.py'", "2: python 'test.py'"]),
        ("%%writefile run.sh\npython train.py", []),
        ("!pip install torch && echo", ["1: pip 'install' 'torch'", "1: echo"]),
        ("!pip install torch", []),
        ("!", []),
        ("%run", []),
    ],
)
def test_a_cell_runs_commands(source: str, expected: list[str]) -> None:
    assert commands(read(source)) == expected


def test_lines_are_those_of_the_joined_module() -> None:
    assert commands(read("x\ny", "z\n!python a.py \\\n --seed 3")) == ["4: python 'a.py' '--seed' 3"]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("!python train.py --seed 34", 1, 25),
        ("for s in x:\n    !python {s} --seed 34", 2, 24),
        ("!python {a} {b:.2f} {c!r} --seed=34", 1, 34),
        ("%run train.py --seed 34", 1, 22),
        ("%run -i train.py {x} --seed 34", 1, 29),
        ("out = !python train.py {x} --seed 34", 1, 35),
        ("!python {a} \\\n  {b} --seed 34", 2, 14),
        ("%%bash\npython train.py --seed 34", 2, 24),
        ("%time !python {a} --seed 34", 1, 26),
    ],
)
def test_a_word_keeps_its_place(source: str, line: int, column: int) -> None:
    facts = read(source)
    (word,) = [
        part
        for site in facts.scopes[0].calls
        for arg in site.call.args
        for part in (arg.parts if isinstance(arg, Text) else (arg,))
        if isinstance(part, Const) and part.value == 34
    ]
    assert (word.line, word.column, word.end_column) == (line, column, column + 2)
    assert source.split("\n")[line - 1][column - 1 : column + 1] == "34"


def test_a_command_stands_under_the_loops_and_conditions_of_the_code_around_it() -> None:
    facts = read("for seed in range(3):\n    if x:\n        !for lr in 1 2; do python a.py $lr {seed}; done")
    (site,) = [site for site in facts.scopes[0].calls if command_name(site.call) == "python"]
    outer, inner = facts.scopes[0].loops
    assert (site.loops, inner.parents, inner.number, len(site.guards)) == ((0, 1), (0,), 1, 1)
    assert [shown(arg) for arg in site.call.args] == ["'a.py'", "<$lr>", "<seed>"]
    assert [outer.line, inner.line] == [1, 3]


def test_a_command_in_a_function_stands_in_its_scope() -> None:
    facts = read("def train(seed):\n    !python a.py {seed}\n\ntrain(3)")
    assert [command_name(site.call) for site in facts.scopes[1].calls] == ["python"]
    assert commands(FileFacts("", facts.scopes[:1], {}, ())) == []


def test_what_a_command_prints_is_bound_to_the_python_name() -> None:
    facts = read("seeds = !seq 1 3\nfiles = !find . -name {x}\nhere = %pwd")
    assigns = {shown(assign.target): assign.value for assign in facts.scopes[0].assigns}
    assert shown(assigns["<seeds>"]) == "[1 2 3]"
    assert [shown(word) for word in assigns["<files>"].args] == ["'.'", "'-name'", "<x>"]
    assert list(assigns) == ["<seeds>", "<files>", "<here>"]


def test_variables_of_a_shell_cell_are_not_those_of_python() -> None:
    facts = read("seed = 1", "%%bash\nseed=2\nrun() {\n  python a.py $1 $seed\n}\nrun $seed $other", "train(seed)")
    assert [shown(assign.target) for assign in facts.scopes[0].assigns] == ["<seed>", "<$seed>"]
    function = facts.scopes[1]
    assert (function.name, function.index, function.parent, facts.scopes[0].children) == ("$run", 1, 0, [1])
    handed = [(param.name, param.default and shown(param.default)) for param in function.params]
    assert handed == [("$1", None), ("$seed", "<$seed>")]
    assert [shown(arg) for arg in function.calls[0].call.args] == ["'a.py'", "<$1>", "<$seed>"]
    run, train = facts.scopes[0].calls
    assert (shown(run.call.func), [shown(arg) for arg in run.call.args]) == ("<$run>", ["<$seed>", "<$other>"])
    assert [(name, shown(value)) for name, value in run.call.keywords] == [("$seed", "<$seed>")]
    assert [shown(arg) for arg in train.call.args] == ["<seed>"]


def test_the_environment_of_a_command_in_a_shell_cell_keeps_its_names() -> None:
    facts = read("%%bash\nfor s in 1 2; do SEED=$s bash job.sh; done")
    assert [(name, shown(value)) for name, value in facts.scopes[0].calls[0].call.keywords] == [("SEED", "<$s>")]


def test_a_fresh_draw_in_a_shell_is_known_as_one() -> None:
    facts = read("from random import random\n!python a.py --seed $RANDOM")
    assert facts.imports == {"random": "random.random", "$random": "random"}


def test_functions_of_several_cells_keep_apart() -> None:
    facts = read("%%bash\nf() { python a.py; }\nf", "def g(): pass", "%%bash\nh() { f2() { python b.py; }; }\nh")
    assert [(scope.index, scope.parent, scope.name) for scope in facts.scopes[:3]] == [
        (0, -1, ""),
        (1, 0, "g"),
        (2, 0, "$f"),
    ]
    assert all(facts.scopes[child].parent == 0 for child in facts.scopes[0].children)
    assert len(facts.scopes[0].children) == len({*facts.scopes[0].children})


@pytest.mark.parametrize("line", ["!{command}", "! $command", "if x:\n    !{command}  "])
def test_a_command_that_a_python_value_holds_is_run_by_the_system(line: str) -> None:
    facts = read(f"command = 'python a.py'\n{line}")
    (site,) = facts.scopes[0].calls
    assert (dotted(site.call.func), facts.imports) == ("__os__.system", {"__os__": "os"})
    assert [shown(arg) for arg in site.call.args] == ["<command>"]


def test_a_command_longer_than_any_person_writes_is_left_out() -> None:
    assert commands(read("!python a.py " + "x " * 20_000, "%%sh\n" + "ls x\n" * 50_000, "!python b.py")) == [
        "50004: python 'b.py'"
    ]


def test_text_that_no_shell_understands_is_left_out_alone() -> None:
    facts = read("!)(\nx = 1", "y = 2")
    assert [shown(assign.target) for assign in facts.scopes[0].assigns] == ["<x>", "<y>"]
