"""Commands in YAML: what steps, containers and stages run, under which matrix, each word with its place in the file."""

from __future__ import annotations

from textwrap import dedent

from seedlint.code.configs import settings
from seedlint.code.facts import FileFacts
from seedlint.code.readers.yaml_file import read_yaml
from seedlint.code.syntax import Attr, Choice, Const, Expr, Group, Name, Text, access_path, command_name


def read(text: str) -> FileFacts:
    return read_yaml("job.yml", dedent(text).encode())


def shown(expr: Expr) -> str:
    match expr:
        case Const():
            return str(expr.value)
        case Attr() | Name():
            return f"<{access_path(expr)}>"
        case Text():
            return "".join(shown(part) for part in expr.parts)
        case Choice():
            return "|".join(shown(option) for option in expr.options)
        case Group():
            return ",".join(shown(item) for item in expr.items)
    return "?"


def commands(facts: FileFacts) -> list[str]:
    """Every command, with the targets of the loops around it."""
    module, found = facts.scopes[0], []
    for call, loops, _ in module.calls:
        words = " ".join([command_name(call) or "?", *map(shown, call.args)])
        targets = [shown(module.loops[number].target or Name("", 0)) for number in loops]
        found.append(" ".join([*targets, words]))
    return found


def bound(facts: FileFacts) -> dict[str, str]:
    return {access_path(assign.target) or "": shown(assign.value) for assign in facts.scopes[0].assigns[:-1]}


def test_a_step_of_a_workflow_runs_once_for_every_value_of_its_matrix() -> None:
    facts = read(
        """\
        jobs:
          train:
            strategy:
              matrix:
                seed: [1, 2, 3]
            steps:
              - run: python train.py --seed ${{ matrix.seed }} --lr=${{matrix.lr}}
        """
    )
    assert commands(facts) == ["<matrix.seed> python train.py --seed <matrix.seed> --lr=<matrix.lr>"]
    [loop] = facts.scopes[0].loops
    assert loop.iterable is not None
    assert (loop.line, loop.column, shown(loop.iterable)) == (5, 8, "1,2,3")


def test_words_of_a_script_in_a_block_stand_where_they_stand_in_the_file() -> None:
    facts = read(
        """\
        steps:
          - name: train
            run: |
              # first
              python train.py \\
                --seed 1234
        """
    )
    assert commands(facts) == ["python train.py --seed 1234"]
    seed = facts.scopes[0].calls[0].call.args[-1]
    assert isinstance(seed, Const)
    assert (seed.value, seed.line, seed.column, seed.end_column) == (1234, 6, 16, 20)


def test_lines_that_yaml_folds_keep_their_numbers() -> None:
    for head in ("cmd: >", "cmd: python", "cmd: >-"):
        facts = read(f"stages:\n  a:\n    {head}\n      python train.py\n      --seed 3\n")
        seed = facts.scopes[0].calls[0].call.args[-1]
        assert (shown(seed), seed.line) == ("3", 5)


def test_a_loop_of_the_script_stands_inside_the_loops_around_it() -> None:
    facts = read(
        """\
        train:
          parallel:
            matrix:
              - LR: [0.1, 0.2]
          script:
            - cd work
            - for s in 1 2; do python train.py seed=$s lr=$LR; done
        """
    )
    assert commands(facts) == ["<LR> cd work", "<LR> <s> python train.py seed=<s> lr=<LR>"]
    assert facts.scopes[0].loops[1].parents == (0,)


def test_what_a_matrix_includes_alone_are_rows_of_values() -> None:
    facts = read(
        """\
        jobs:
          train:
            strategy:
              matrix:
                include:
                  - {seed: 1, lr: 0.1}
                  - {seed: 2, lr: 0.2}
            steps:
              - run: python train.py --seed ${{ matrix.seed }}
        """
    )
    assert commands(facts) == ["<matrix.seed>,<matrix.lr> python train.py --seed <matrix.seed>"]


def test_containers_run_a_list_of_words_or_the_script_they_hand_to_a_shell() -> None:
    facts = read(
        """\
        containers:
          - image: x
            command: ["python", "train.py"]
            args: ["--seed", "42", "--lr=0.1", "--n=$(N)"]
            env: [{name: N, value: "3"}]
          - image: y
            command: [/bin/bash, -c]
            args: ["cd /work && python eval.py --seed 9"]
          - image: z
            args: ["--seed", "1"]
        """
    )
    assert commands(facts) == [
        "python train.py --seed 42 --lr=0.1 --n=<N>",
        "cd /work",
        "python eval.py --seed 9",
    ]
    seed = facts.scopes[0].calls[0].call.args[2]
    assert isinstance(seed, Const)
    assert (seed.value, seed.line) == (42, 4)
    assert bound(facts) == {"N": "3"}


def test_steps_of_argo_repeat_for_their_items_and_hand_them_on() -> None:
    facts = read(
        """\
        steps:
          - - name: train
              template: train
              arguments: {parameters: [{name: seed, value: "{{item}}"}]}
              withItems: [1, 2]
        templates:
          - name: train
            container:
              image: x
              command: [python, train.py]
              args: ["--seed={{inputs.parameters.seed}}"]
        """
    )
    assert commands(facts) == ["python train.py --seed=<inputs.parameters.seed>"]
    assert bound(facts)["inputs.parameters.seed"] == "<item>"
    assert [shown(loop.target or Name("", 0)) for loop in facts.scopes[0].loops] == ["<item>"]


def test_stages_of_dvc_read_the_parameters_of_the_file_and_repeat_for_each() -> None:
    facts = read(
        """\
        stages:
          one:
            cmd: python train.py --seed ${train.seed} ${n}
          many:
            foreach: [{seed: 1}, {seed: 2}]
            do:
              cmd: python train.py --seed ${item.seed}
        """
    )
    assert commands(facts) == [
        "python train.py --seed <config.train.seed> <config.n>",
        "<item.seed> python train.py --seed <item.seed>",
    ]


def test_what_surrounds_the_commands_is_bound_before_them() -> None:
    facts = read(
        """\
        on:
          workflow_dispatch:
            inputs:
              seed: {default: 3}
        env: {SEED: "5"}
        jobs:
          train:
            steps:
              - run: python train.py --seed $SEED --other '${{ inputs.seed || 42 }}' ${{ env.SEED }}
        """
    )
    assert commands(facts) == ["python train.py --seed <SEED> --other <inputs.seed>|42 <SEED>"]
    assert bound(facts) == {"SEED": "5", "inputs.seed": "3", "github.event.inputs.seed": "3"}


def test_neither_sweeps_nor_other_programs_nor_plain_settings_are_commands() -> None:
    sweep = "program: train.py\nmethod: grid\nparameters: {seed: {values: [1, 2]}}\ncommand: [python, '${program}', 'x y']\n"
    python = "steps:\n  - shell: python\n    run: |\n      import train\n      train.main(seed=3)\n"
    plain = "seed: 1\nrun: 3\nargs: [--seed, 3]\nenv: {seed: 4}\ncommands: {a: b}\n"
    for text in (sweep, python, plain):
        facts = read(text)
        assert commands(facts) == []
        assert len(facts.scopes[0].assigns) == 1


def test_a_script_that_a_shell_cannot_read_leaves_the_rest_of_the_file() -> None:
    facts = read("seed: 1\nrun: |\n  ((((\n")
    assert "seed" in {setting.keys[0] for setting in settings(facts)}
