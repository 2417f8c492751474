"""The readers of Makefiles, justfiles and Dockerfiles: variables, targets and what they run."""

from __future__ import annotations

from textwrap import dedent

import pytest
from shell_facts import assigns, commands, function, guards, loops, places, shown

from seedlint.code.facts import SHELL, FileFacts
from seedlint.code.readers.dockerfile import read_dockerfile
from seedlint.code.readers.just import read_just
from seedlint.code.readers.make import read_make
from seedlint.code.readers.unreadable import UnreadableSource


def make(text: str) -> FileFacts:
    return read_make("Makefile", dedent(text).encode())


def just(text: str) -> FileFacts:
    return read_just("justfile", dedent(text).encode())


def dockerfile(text: str) -> FileFacts:
    return read_dockerfile("Dockerfile", dedent(text).encode())


def run_by(facts: FileFacts, target: str) -> list[str]:
    return commands(facts, function(facts, target).index)


# make


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SEED := 42", "SEED = 42"),
        ("SEED = 42  # the answer", "SEED = 42"),
        ("SEED ?= 42", "SEED = Or(SEED, 42)"),
        ("export SEED = 42", "SEED = 42"),
        ("SEEDS = 1 2 3", "SEEDS = [1, 2, 3]"),
        ("SEEDS = $(shell seq 1 3)", "SEEDS = [1, 2, 3]"),
        ("SEED = $(BASE)", "SEED = BASE"),
        ("SEED != shuf -i 1-9 -n 1", "SEED = random.getrandbits()"),
        ("ARGS += --seed 3", "ARGS += '--seed 3'"),
        ("FILES = $(wildcard *.py)", "FILES = ?(wildcard)"),
    ],
)
def test_a_variable_of_make_is_bound(text: str, expected: str) -> None:
    facts = make(text + "\n")
    assert facts.language == SHELL
    assert assigns(facts) == [expected]


def test_a_target_runs_its_recipe() -> None:
    facts = make("SEED = 42\ntrain: data\n\t@echo hi\n\t-python train.py --seed $(SEED) \\\n\t  --lr 1 --s ${X}$$y\n")
    assert run_by(facts, "train") == ["echo('hi')", "python('train.py', '--seed', SEED, '--lr', 1, '--s', X + y)"]
    assert places(facts, 1) == [(5, 9)]


def test_a_target_calls_what_it_needs() -> None:
    facts = make("all: a b data.txt\na:\n\tpython a.py\nb: a ; python b.py\n")
    assert run_by(facts, "all") == ["a()", "b()"]
    assert run_by(facts, "b") == ["a()", "python('b.py')"]


def test_options_in_a_variable_of_make_are_words_of_the_command() -> None:
    facts = make("ARGS = --lr 1 \\\n  --seed 7\ntrain:\n\tpython train.py $(ARGS)\n")
    assert run_by(facts, "train") == ["python('train.py', '--lr', 1, '--seed', 7)"]
    assert places(facts, 7) == [(2, 10)]


def test_a_variable_of_one_target_is_bound_in_it() -> None:
    facts = make("train: SEED = 13\ntrain:\n\tpython train.py --seed $(SEED)\n")
    assert assigns(facts) == []
    assert assigns(facts, function(facts, "train").index) == ["SEED = 13"]


def test_a_loop_in_a_recipe_is_a_loop_of_its_target() -> None:
    facts = make("train:\n\tfor s in 1 2; do \\\n\t  python train.py --seed $$s; \\\n\tdone\n")
    scope = function(facts, "train")
    assert loops(facts, scope.index) == ["for s in [1, 2]"]
    assert run_by(facts, "train") == ["python('train.py', '--seed', s)"]
    assert [site.loops for site in scope.calls] == [(0,)]


def test_foreach_in_a_recipe_is_a_loop() -> None:
    facts = make("train:\n\t$(foreach s,1 2,python train.py --seed $(s);)\n")
    assert loops(facts, function(facts, "train").index) == ["for s in [1, 2]"]
    assert run_by(facts, "train") == ["python('train.py', '--seed', s)"]


def test_a_pattern_leaves_its_stem_to_whoever_needs_it() -> None:
    facts = make("all: run-1 run-2\nrun-%:\n\tpython train.py --seed $* --out $@\n")
    assert [param.name for param in function(facts, "run-%").params] == ["%"]
    assert run_by(facts, "all") == ["run-%(1)", "run-%(2)"]
    assert run_by(facts, "run-%") == ["python('train.py', '--seed', %, '--out', 'run-' + %)"]


@pytest.mark.parametrize(
    "needs", ["$(foreach s,$(SEEDS),run-$(s))", "$(addprefix run-,$(SEEDS))", "$(SEEDS:%=run-%)", "$(RUNS)"]
)
def test_a_list_of_targets_is_a_loop_over_their_stems(needs: str) -> None:
    facts = make(
        f"SEEDS = 1 2\nRUNS = $(patsubst %,run-%,$(SEEDS))\nall: {needs}\nrun-%:\n\tpython train.py --seed $*\n"
    )
    index = function(facts, "all").index
    assert loops(facts, index) == ["for % in SEEDS"]
    assert commands(facts, index) == ["run-%(%)"]


def test_targets_in_folders_are_made_for_each_of_a_list() -> None:
    facts = make("all: $(foreach s,1 2,out/s$(s).pt)\nout/s%.pt: train.py\n\tpython $< --seed $*\n")
    index = function(facts, "all").index
    assert loops(facts, index) == ["for % in [1, 2]"]
    assert commands(facts, index) == ["out/s%.pt(%)"]
    assert run_by(facts, "out/s%.pt") == ["python('train.py', '--seed', %)"]


@pytest.mark.parametrize(
    ("needs", "shown"), [("a.py b.pt", "'a.py'"), ("src/a.py", "'src/a.py'"), ("$(CODE)", "needs"), ("", "needs")]
)
def test_the_first_need_of_a_target_is_known_by_name(needs: str, shown: str) -> None:
    assert run_by(make(f"x: {needs}\n\tpython $<\n"), "x") == [f"python({shown})"]


def test_make_that_calls_itself_gives_the_target_its_variables() -> None:
    facts = make(
        "SEED = 1\ntrain:\n\tpython train.py --seed $(SEED)\nall:\n\tfor s in 1 2; do $(MAKE) train SEED=$$s; done\n"
    )
    assert run_by(facts, "all") == ["make('train', 'SEED=' + s)", "train(SEED=s)"]
    (param,) = function(facts, "train").params
    assert (param.name, shown(param.default)) == ("SEED", "SEED")


def test_a_condition_of_make_holds_for_what_stands_in_it() -> None:
    facts = make("ifeq ($(M),fast)\nS = 1\nelse ifdef N\nS = 2\nelse\nS = 3\nendif\nT = 4\n")
    assert [guards(item.guards) for item in facts.scopes[0].assigns] == [
        "Eq(M, 'fast')",
        "not Eq(M, 'fast'), N",
        "not Eq(M, 'fast'), not N",
        "",
    ]


def test_a_definition_of_several_lines_is_run_where_it_is_named() -> None:
    facts = make("define CMD\npython train.py --seed 3\nendef\ntrain:\n\t$(CMD)\n")
    assert run_by(facts, "train") == ["python('train.py', '--seed', 3)"]
    assert places(facts, 3) == [(2, 24)]


# just


def test_a_setting_of_just_is_bound() -> None:
    facts = just('seed := "42"\nexport n := env_var_or_default("N", "7")\ndir := "out" / seed\n')
    assert assigns(facts) == ["seed = 42", "n = Or(N, 7)", "dir = 'out' + seed"]


def test_a_recipe_has_parameters_with_defaults_and_runs_its_lines() -> None:
    facts = just(
        'train seed="42" *args: build\n  @python train.py --seed {{seed}} \\\n    {{ args }}\n\nbuild:\n  make\n'
    )
    scope = function(facts, "train")
    assert [(param.name, shown(param.default)) for param in scope.params] == [("seed", "42"), ("*args", "-")]
    assert run_by(facts, "train") == ["build()", "python('train.py', '--seed', seed, args)"]


def test_what_a_recipe_needs_is_called_with_its_arguments() -> None:
    facts = just('all: (train "3")\ntrain seed:\n  python train.py --seed {{seed}}\n')
    assert run_by(facts, "all") == ["train(3)"]


def test_a_recipe_of_the_shell_is_one_script_and_calls_other_recipes() -> None:
    facts = just(
        "sweep:\n  #!/usr/bin/env bash\n  for s in 1 2; do\n    just train $s\n  done\ntrain seed:\n  python t.py\n"
    )
    assert loops(facts, function(facts, "sweep").index) == ["for s in [1, 2]"]
    assert run_by(facts, "sweep") == ["just('train', s)", "train(s)"]


def test_a_recipe_of_another_language_is_no_script() -> None:
    assert run_by(just("plot:\n  #!/usr/bin/env python\n  import x\n"), "plot") == []


# docker


def test_a_dockerfile_binds_and_runs() -> None:
    facts = dockerfile(
        "FROM x\nARG SEED=42\nENV A=1 \\\n  B='2'\nENV C 3\nRUN a && \\\n  # why\n  python t.py --seed $SEED\n"
    )
    assert assigns(facts) == ["SEED = Or(SEED, 42)", "A = 1", "B = 2", "C = 3"]
    assert commands(facts) == ["a()", "python('t.py', '--seed', SEED)"]


@pytest.mark.parametrize(
    "text",
    [
        "CMD python train.py --seed 42",
        'CMD ["python", "train.py", "--seed", "42"]',
        'ENTRYPOINT ["python", "train.py"]\nCMD ["--seed", \\\n "42"]',
        'CMD ["old"]\nCMD python train.py --seed 42',
        'CMD ["a"]\nFROM y\nENTRYPOINT ["python", "train.py", "--seed", "42"]',
        "RUN --mount=type=cache python train.py --seed 42",
        "RUN <<EOF\npython train.py --seed 42\nEOF",
    ],
)
def test_a_dockerfile_runs_its_command(text: str) -> None:
    assert commands(dockerfile(f"FROM x\n{text}\n")) == ["python('train.py', '--seed', 42)"]


def test_a_command_given_as_a_list_stands_where_it_is_written() -> None:
    facts = dockerfile('FROM x\nCMD ["sh", "-c", \\\n  "python train.py --seed 42"]\n')
    assert places(facts, 42) == [(3, 27)]


@pytest.mark.parametrize("read", [read_make, read_just, read_dockerfile])
def test_what_is_no_text_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(UnreadableSource, match="null bytes"):
        read("x", b"a:\n\t\0")


@pytest.mark.parametrize("read", [read_make, read_just, read_dockerfile])
@pytest.mark.parametrize(
    "text",
    ["x:\n\t" + "$(" * 3000, "$(" * 3000 + ": y", "x a=" + "(" * 5000, "RUN [" + '"' * 5000, "ENV " + "a" * 100000],
)
def test_no_recipe_is_too_strange_to_be_read_or_refused(read: object, text: str) -> None:
    assert callable(read)
    reason = ""
    try:
        read("x", text.encode())
    except UnreadableSource as error:
        reason = str(error)
    assert "\n" not in reason
