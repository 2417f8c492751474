"""The reader of shell scripts: commands in variables, in quotes, in heredocs, behind launchers, fanned out and in pipes."""

from __future__ import annotations

import pytest
from shell_facts import assigns, commands, guards, loops, places, script, shown

from seedlint.code.facts import FileFacts
from seedlint.code.syntax import command_name


def trained(facts: FileFacts) -> list[str]:
    """The words of the commands that run a Python program."""
    found = []
    for scope in facts.scopes:
        for site in scope.calls:
            if (command_name(site.call) or "").startswith("python"):
                found.append(" ".join(shown(word).strip("'") for word in site.call.args))
    return found


@pytest.mark.parametrize(
    "text",
    [
        'ARGS="--lr 1 --seed 42"\npython train.py $ARGS',
        'ARGS="--lr 1"\nARGS="$ARGS --seed 42"\npython train.py $ARGS',
        'ARGS="--lr 1"\nARGS+=" --seed 42"\npython train.py ${ARGS}',
        'A="--lr 1"\nB="$A --seed 42"\npython train.py $B',
        'args=(--lr 1 --seed 42)\npython train.py "${args[@]}"',
        "args=(--lr 1)\nargs+=(--seed 42)\npython train.py ${args[@]}",
        'args=(--lr 1)\nall=("${args[@]}" --seed 42)\npython train.py "${all[@]}"',
        'CMD="python train.py --lr 1 --seed 42"\n$CMD',
        'CMD="python train.py --lr 1"\nCMD+=" --seed 42"\neval $CMD',
        'CMD="python train.py --lr 1 --seed 42"\neval "$CMD"',
        'CMD="cd x && python train.py --lr 1 --seed 42"\neval "$CMD"',
        'CMD="python train.py"\n$CMD --lr 1 --seed 42',
        "PY=python\n$PY train.py --lr 1 --seed 42",
        'sbatch --mem=4G "$JOB"\necho "python train.py --lr 1 --seed 42" >> "$JOB"',
        '"${PYTHON:-python}" train.py --lr 1 --seed 42',
        "bash -c 'python train.py --lr 1 --seed 42'",
        'CMD="python train.py --lr 1 --seed 42"\nbash -c "$CMD"',
        "sh -lc 'cd x; python train.py --lr 1 --seed 42'",
        'sbatch --wrap "python train.py --lr 1 --seed 42"',
        'sbatch --gres=gpu:1 --wrap="python train.py --lr 1 --seed 42"',
        "ssh host 'cd x && python train.py --lr 1 --seed 42'",
        'tmux send-keys -t a "python train.py --lr 1 --seed 42" C-m',
        "screen -dmS a bash -c 'python train.py --lr 1 --seed 42; exec sh'",
        'submit() { sbatch --wrap "$1"; }\nsubmit "python train.py --lr 1 --seed 42"',
        "nohup python train.py --lr 1 --seed 42 > log 2>&1 &",
        "time python train.py --lr 1 --seed 42",
        "srun -n 1 --gres=gpu:1 python train.py --lr 1 --seed 42",
        "conda run -n env python train.py --lr 1 --seed 42",
        "uv run python train.py --lr 1 --seed 42",
        "docker run --gpus all image python train.py --lr 1 --seed 42",
        "sbatch <<EOF\n#!/bin/bash\npython train.py --lr 1 --seed 42\nEOF",
        "bash <<'EOF'\npython train.py --lr 1 --seed 42\nEOF",
        "cat <<EOF | sbatch\npython train.py --lr 1 --seed 42\nEOF",
        "cat > job.sh <<EOF\npython train.py --lr 1 --seed 42\nEOF\nsbatch job.sh",
        'cat > "$JOB" <<EOF\npython train.py --lr 1 --seed 42\nEOF\nsbatch "$JOB"',
        'echo "python train.py --lr 1 --seed 42" | bash',
        'echo "python train.py --lr 1 --seed 42" > job.sh',
        'echo "python train.py --lr 1 --seed 42" >> $$tmp\nsbatch $$tmp',
        'echo python train.py --lr 1 --seed 42 | xargs -I{} bash -c "{}"',
    ],
)
def test_a_command_is_found_wherever_it_is_put_together(text: str) -> None:
    assert trained(script(text + "\n")) == ["train.py --lr 1 --seed 42"]


def test_words_that_variables_hold_stand_where_they_are_written() -> None:
    facts = script('ARGS="--lr 1 \\\n  --seed 42"\nargs=(\n  --seed 7  # the seed\n)\npython a.py $ARGS "${args[@]}"\n')
    assert places(facts, 42) == [(2, 10)]
    assert places(facts, 7) == [(4, 10)]
    assert facts.scopes[0].calls[0].call.line == 6


def test_words_in_quotes_and_heredocs_stand_where_they_are_written() -> None:
    facts = script(
        'bash -c "cd \\"$x\\" &&\n  python a.py --seed 42"\nsbatch <<EOF\npython b.py --s=\\$1 --seed 7\nEOF\n'
    )
    assert places(facts, 42) == [(2, 22)]
    assert places(facts, 7) == [(4, 28)]


def test_a_command_that_a_variable_holds_runs_where_it_is_used() -> None:
    facts = script('CMD="python train.py --seed 1"\nfor i in 1 2; do\n  $CMD\n  eval $CMD\ndone\n')
    assert [(site.call.line, site.loops) for site in facts.scopes[0].calls] == [(3, (0,)), (4, (0,))]


def test_a_single_value_stays_a_name_to_be_followed() -> None:
    assert commands(script("SEED=42\nSEEDS='1 2'\npython train.py --seed $SEED --seeds $SEEDS\n")) == [
        "python('train.py', '--seed', SEED, '--seeds', SEEDS)"
    ]


def test_options_in_quotes_are_one_word() -> None:
    assert commands(script('ARGS="--seed 1"\npython train.py --args "$ARGS"\n')) == [
        "python('train.py', '--args', ARGS)"
    ]


def test_options_that_depend_on_a_condition_make_a_command_for_each() -> None:
    facts = script("case $t in\n  a) O='--seed 1';;\n  b) O='--seed 2';;\nesac\npython train.py $O\n")
    assert commands(facts) == ["python('train.py', '--seed', 1)", "python('train.py', '--seed', 2)"]
    assert [guards(site.guards) for site in facts.scopes[0].calls] == ["Eq(t, 'a')", "Eq(t, 'b')"]


def test_both_branches_of_an_assignment_leave_nothing_of_what_was_before() -> None:
    facts = script("O='--seed 1'\nif [ $x = 1 ]; then O='--seed 2'; else O='--seed 3'; fi\npython train.py $O\n")
    assert trained(facts) == ["train.py --seed 2", "train.py --seed 3"]


def test_options_that_tell_no_seeds_apart_make_no_copies_of_a_command() -> None:
    facts = script("if [ $x = 1 ]; then O='--lr 1'; else O='--lr 2'; fi\npython train.py --seed 3 $O\n")
    assert trained(facts) == ["train.py --seed 3 O"]


def test_a_branch_knows_what_its_own_branch_assigned() -> None:
    facts = script("if [ $x = 1 ]; then O='--seed 1'; python a.py $O; else O='--seed 2'; python b.py $O; fi\n")
    assert trained(facts) == ["a.py --seed 1", "b.py --seed 2"]


def test_a_loop_over_options_makes_a_command_for_each() -> None:
    facts = script('for o in "--lr 1 --seed 1" "--lr 2 --seed 2"; do python train.py $o; done\n')
    assert trained(facts) == ["train.py --lr 1 --seed 1", "train.py --lr 2 --seed 2"]
    assert all(site.loops == (0,) for site in facts.scopes[0].calls)


def test_a_loop_over_an_array_of_commands_runs_each() -> None:
    facts = script('all=("python a.py --seed 1"\n"python b.py --seed 2")\nfor c in "${all[@]}"; do eval "$c"; done\n')
    assert trained(facts) == ["a.py --seed 1", "b.py --seed 2"]
    assert places(facts, 2) == [(2, 21)]


def test_a_loop_goes_over_the_words_that_a_variable_lists() -> None:
    assert loops(script('D="mnist cifar"\nfor d in $D; do run $d; done\n')) == ["for d in ['mnist', 'cifar']"]
    assert loops(script('S="1 2"\nfor s in $S; do run $s; done\n')) == ["for s in S"]


def test_a_function_is_given_options_that_are_bound_before_it_is_called() -> None:
    assert trained(script("run() { python train.py $O; }\nO='--seed 5'\nrun\n")) == ["train.py --seed 5"]


@pytest.mark.parametrize(
    "text",
    [
        "seq 3 | xargs -I{} python train.py --seed {}",
        "seq 3 | xargs -n1 -P 4 python train.py --seed",
        "seq 3 | xargs -i python train.py --seed {}",
        "seq 3 | xargs -I % sh -c 'python train.py --seed %'",
        "echo 1 2 3 | xargs -n 1 python train.py --seed",
        "printf '%s\\n' 1 2 3 | xargs -n 1 python train.py --seed",
        "seq 3 | parallel -j 2 python train.py --seed {}",
        "parallel python train.py --seed {} ::: 1 2 3",
        "parallel -j4 --bar 'python train.py --seed {}' ::: {1..3}",
        "parallel python train.py --seed ::: $(seq 3)",
        "parallel --header : python train.py --seed {seed} ::: seed 1 2 3",
    ],
)
def test_a_fan_out_is_a_loop_around_its_command(text: str) -> None:
    facts = script(text + "\n")
    assert loops(facts) == ["parallel {} in [1, 2, 3]"]
    assert trained(facts) == ["train.py --seed {}"]
    (site,) = (site for site in facts.scopes[0].calls if command_name(site.call) == "python")
    assert site.loops == (0,)


def test_several_lists_of_a_fan_out_are_loops_in_each_other() -> None:
    facts = script("parallel python train.py --seed={1} --lr {2} ::: 1 2 ::: 0.1 0.2\n")
    assert loops(facts) == ["parallel {1} in [1, 2]", "parallel {2} in ['0.1', '0.2']"]
    assert commands(facts) == ["python('train.py', '--seed=' + {1}, '--lr', {2})"]
    assert facts.scopes[0].calls[0].loops == (0, 1)


def test_linked_lists_of_a_fan_out_are_one_loop() -> None:
    facts = script("parallel python train.py --seed {1} --lr {2} ::: 1 2 :::+ 0.1 0.2\n")
    assert loops(facts) == ["parallel {1} in [1, 2]"]
    assert assigns(facts) == ["{2} = ['0.1', '0.2'][{1}]"]


def test_all_words_at_once_are_no_loop() -> None:
    facts = script("echo 1 2 | xargs python train.py --seeds\n")
    assert loops(facts) == []
    assert trained(facts) == ["train.py --seeds [1, 2]"]


def test_printed_commands_that_are_fanned_out_are_run() -> None:
    facts = script('for s in 1 2; do echo "python train.py --seed $s"; done | parallel -j2\n')
    assert trained(facts) == ["train.py --seed s"]


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("#SBATCH --array=1-5%2", "array SLURM_ARRAY_TASK_ID in [1, 2, 3, 4, 5]"),
        ("#SBATCH -a 0,3,7", "array SLURM_ARRAY_TASK_ID in [0, 3, 7]"),
        ("#SBATCH --gres=gpu:1 --array 1-10:3", "array SLURM_ARRAY_TASK_ID in [1, 4, 7, 10]"),
        ("#PBS -J 1-3", "array PBS_ARRAY_INDEX in [1, 2, 3]"),
        ("#PBS -t 1-3", "array PBS_ARRAYID in [1, 2, 3]"),
        ("#$ -t 1-3", "array SGE_TASK_ID in [1, 2, 3]"),
        ('#BSUB -J "train[1-3]"', "array LSB_JOBINDEX in [1, 2, 3]"),
    ],
)
def test_a_job_array_is_a_loop_around_the_script(directive: str, expected: str) -> None:
    facts = script(f"#!/bin/bash\n\n{directive}\npython train.py --seed $X\n")
    assert loops(facts) == [expected]
    assert facts.scopes[0].loops[0].line == 3
    assert facts.scopes[0].calls[0].loops == (0,)


@pytest.mark.parametrize("text", ["##SBATCH --array=1-5", "#SBATCH --account=3", "cd x\n#SBATCH --array=1-5"])
def test_a_directive_that_no_scheduler_obeys_makes_no_array(text: str) -> None:
    assert loops(script(text + "\npython train.py\n")) == []


def test_a_job_in_a_heredoc_has_its_own_array() -> None:
    facts = script(
        "run a\nsbatch <<EOF\n#!/bin/bash\n#SBATCH --array=1-2\npython b.py --seed \\$SLURM_ARRAY_TASK_ID\nEOF\n"
    )
    assert [(command_name(site.call), site.loops) for site in facts.scopes[0].calls] == [
        ("run", ()),
        ("sbatch", ()),
        ("python", (0,)),
    ]
    assert trained(facts) == ["b.py --seed SLURM_ARRAY_TASK_ID"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python a.py > out.log", "python('a.py', >='out.log')"),
        ("python a.py >> out.log", "python('a.py', >='out.log')"),
        ("python a.py &> out.log", "python('a.py', >='out.log')"),
        ("python a.py 2> err.log", "python('a.py')"),
        ("python a.py 2>&1 | tee -a out.log", "python('a.py', >='out.log')"),
        ("{ python a.py; } > out.log", "python('a.py', >='out.log')"),
        ("for s in 1; do python a.py; done | tee out.log", "python('a.py', >='out.log')"),
        ("python a.py > run_$s.log", "python('a.py', >='run_' + s + '.log')"),
    ],
)
def test_a_command_says_where_its_output_goes(text: str, expected: str) -> None:
    assert commands(script(text + "\n"))[0] == expected


def test_a_pipeline_is_recorded_beside_its_commands() -> None:
    facts = script("python a.py | grep acc | python mean.py\n")
    assert [shown(site.call) for site in facts.scopes[0].calls] == [
        "python('a.py')",
        "grep('acc')",
        "python('mean.py')",
        "|(python('a.py'), grep('acc'), python('mean.py'))",
    ]


def test_the_environment_that_env_gives_is_that_of_the_command() -> None:
    assert commands(script("env SEED=3 python train.py\n")) == ["python('train.py', SEED=3)"]


def test_a_text_that_only_speaks_of_a_command_is_none() -> None:
    facts = script(
        'echo "python train.py --seed 1"\ngit commit -m "python train.py --seed 2"\nx="python a.py --seed 3"\n'
    )
    assert trained(facts) == []


def test_what_a_command_prints_for_eval_is_not_known() -> None:
    assert commands(script('eval "$(conda shell.bash hook)"\n')) == [
        "conda('shell.bash', 'hook')",
        "eval(conda('shell.bash', 'hook'))",
    ]


def test_a_script_that_repeats_a_long_command_loses_none() -> None:
    text = "C='python train.py " + "--option value " * 1000 + "--seed 1'\n" + "$C\n" * 100
    assert len(trained(script(text))) == 100
