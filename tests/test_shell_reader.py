"""The reader of shell scripts: words, assignments, loops, conditions and functions as facts."""

from __future__ import annotations

import subprocess
import sys

import pytest
from shell_facts import assigns, commands, function, guards, loops, places, script, shown

from seedlint.code.facts import SHELL
from seedlint.code.readers.shell import read_script, read_shell
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Const, command_name


def test_a_command_is_a_call_of_its_program_with_its_words() -> None:
    facts = script("CUDA_VISIBLE_DEVICES=0 python train.py --seed 42 lr=0.1\n")
    assert facts.language == SHELL
    assert commands(facts) == ["python('train.py', '--seed', 42, 'lr=' + '0.1', CUDA_VISIBLE_DEVICES=0)"]
    assert command_name(facts.scopes[0].calls[0].call) == "python"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("42", "42"),
        ("'42'", "42"),
        ("007", "7"),
        ("-1", "-1"),
        ("-0", "'-0'"),
        ("1e-3", "'1e-3'"),
        ("99999999999999999999", "'99999999999999999999'"),
        ("$s", "s"),
        ("${s}", "s"),
        ('"$s"', "s"),
        ("--seed=42", "'--seed=' + 42"),
        ("--seed=$s", "'--seed=' + s"),
        ('--seed="$s"', "'--seed=' + s"),
        ('--seed="42"', "'--seed=' + 42"),
        ("+a.b=c", "'+a.b=' + 'c'"),
        ("seed=1,2,3", "'seed=' + '1,2,3'"),
        ("torch==2.0", "'torch==2.0'"),
        ("'a b=c'", "'a b=c'"),
        ('"--seed $s"', "'--seed ' + s"),
        ("out/$s.log", "'out/' + s + '.log'"),
        ("$a/$b-$c", "a + '/' + b + '-' + c"),
        ("data/$a/$b-${c}_$d", "'data/' + a + '/' + b + '-' + c + '_' + d"),
        ("$((s + 2))", "Add(s, 2)"),
        ("$((seed*10+$i))", "Add(Mult(seed, 10), i)"),
        ("$[1+2]", "Add(1, 2)"),
        ("${S:-42}", "Or(S, 42)"),
        ('"${S:-42}"', "Or(S, 42)"),
        ("${S-42}", "Or(S, 42)"),
        ("${S:?give a seed}", "S"),
        ("${S:+x}", "IfExp('x', '' if S)"),
        ("${seeds[i]}", "seeds[i]"),
        ("${seeds[$i]}", "seeds[i]"),
        ("${seeds[$((i-1))]}", "seeds[Sub(i, 1)]"),
        ("${seeds[$i % 5]}", "seeds[Mod(i, 5)]"),
        ('"${seeds[@]}"', "seeds"),
        ("${#seeds[@]}", "len(seeds)"),
        ("${x%.py}", "?(x)"),
        ("$(seq 1 3)", "[1, 2, 3]"),
        ("`seq 3`", "[1, 2, 3]"),
        ("$(seq 0 2 4)", "[0, 2, 4]"),
        ("$(seq 1 $n)", "range(1, Add(n, 1))"),
        ("{1..3}", "[1, 2, 3]"),
        ("{3..1}", "[3, 2, 1]"),
        ("{0..6..3}", "[0, 3, 6]"),
        ("{1,2,9}", "[1, 2, 9]"),
        ("run_{1,2}", "'run_' + [1, 2]"),
        ("$RANDOM", "random.getrandbits()"),
        ("$((RANDOM % 100))", "Mod(random.getrandbits(), 100)"),
        ("$(date +%s)", "random.getrandbits()"),
        ("$(shuf -i 1-9 -n 1)", "random.getrandbits()"),
        ("$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')", "random.getrandbits()"),
        ("$(python -c 'import random; print(random.randint(0, 9))')", "random.getrandbits()"),
        ("$$", "random.getrandbits()"),
        ("$(cat seeds.txt)", "cat('seeds.txt')"),
        ("$(<seeds.txt)", "cat('seeds.txt')"),
        ("$(echo $a)", "a"),
        ("$(expr $i + 1)", "Add(i, 1)"),
        ("$1", "1"),
        ("${10}", "10"),
        ('"$@"', "@"),
    ],
)
def test_a_word_is_what_it_is_put_together_from(word: str, expected: str) -> None:
    call = script(f"run {word}\n").scopes[0].calls[-1].call
    assert [shown(argument) for argument in call.args] == [expected]


def test_a_long_sequence_is_a_range_and_not_a_list() -> None:
    assert loops(script("for s in $(seq 1 100000); do run $s; done")) == ["for s in range(1, 100001, 1)"]


def test_words_stand_where_they_are_written() -> None:
    facts = script("run --a \\\n  --seed 42 \\\n  --x=7\n")
    assert places(facts, 42) == [(2, 10)]
    assert places(facts, 7) == [(3, 7)]


def test_code_inside_a_file_has_the_lines_of_the_file() -> None:
    facts = read_script("notes.md", "\npython train.py --seed 42\n", first_line=10)
    assert places(facts, 42) == [(11, 24)]
    assert facts.scopes[0].calls[0].call.line == 11


def test_a_value_in_quotes_spans_what_is_inside_of_them() -> None:
    (assign,) = script('SEED="42"\n').scopes[0].assigns
    value = assign.value
    assert type(value) is Const
    assert (value.line, value.column, value.end_column) == (1, 7, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SEED=42", "SEED = 42"),
        ("export SEED=42", "SEED = 42"),
        ("local seed=$1", "seed = 1"),
        ("readonly SEED=42", "SEED = 42"),
        ("declare -a seeds=(1 2)", "seeds = [1, 2]"),
        ("seeds=(1 2 $(seq 5 6))", "seeds = [1, 2, 5, 6]"),
        ("seeds+=(4 5)", "seeds += [4, 5]"),
        ("seeds[2]=7", "seeds[2] = 7"),
        ('SEEDS="1 2 3"', "SEEDS = [1, 2, 3]"),
        ("SEEDS=${SEEDS:-1 2 3}", "SEEDS = Or(SEEDS, [1, 2, 3])"),
        (": ${SEED:=42}", "SEED = Or(SEED, 42)"),
        ("x=$((y+1))", "x = Add(y, 1)"),
        ("x=$((x+1))", "x += 1"),
        ("x=`expr $x + 1`", "x += 1"),
        ("((x++))", "x += 1"),
        ("((x += 2))", "x += 2"),
        ("let x++", "x += 1"),
        ('let "x = x + 1"', "x += 1"),
        (": $((x++))", "x += 1"),
        ("x=", "x = ''"),
        ("read -p 'seed? ' seed", "seed = ?()"),
        ('read -ra seeds <<< "$LIST"', "seeds = LIST"),
        ("mapfile -t seeds < seeds.txt", "seeds = cat('seeds.txt')"),
        ("s=$(shuf -i 1-9 -n1)", "s = random.getrandbits()"),
    ],
)
def test_an_assignment_binds_its_value(text: str, expected: str) -> None:
    assert assigns(script(text + "\n")) == [expected]


def test_assignments_on_lines_before_a_command_are_not_its_environment() -> None:
    facts = script("A=1 B=2\nC=3 python train.py\n")
    assert assigns(facts) == ["A = 1", "B = 2"]
    assert commands(facts) == ["python('train.py', C=3)"]
    assert facts.scopes[0].calls[0].call.line == 2


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("for s in 1 2 3; do", "for s in [1, 2, 3]"),
        ("for s in {1..3} 9; do", "for s in [1, 2, 3, 9]"),
        ("for s in $(seq 2); do", "for s in [1, 2]"),
        ("for s in $SEEDS; do", "for s in SEEDS"),
        ('for s in "${seeds[@]}"; do', "for s in seeds"),
        ('for i in "${!seeds[@]}"; do', "for i in range(len(seeds))"),
        ("for s; do", "for s in @"),
        ("for ((i=0; i<3; i++)); do", "for i in [0, 1, 2]"),
        ("for ((i=1; i<=9; i+=4)); do", "for i in [1, 5, 9]"),
        ("for ((i=3; i>0; i--)); do", "for i in [3, 2, 1]"),
        ("for ((i=0; i<$n; i++)); do", "for i in range(0, n)"),
        ("select s in 1 2; do", "for s in [1, 2]"),
        ("while [ $i -lt 3 ]; do", "while - in Lt(i, 3)"),
        ("until (( i >= 3 )); do", "while - in GtE(i, 3)"),
        ("while true; do", "while - in True"),
        ("while read -r s; do", "while s in ?()"),
        ("while IFS=, read -r s lr; do", "while [s, lr] in ?()"),
    ],
)
def test_a_loop_has_its_target_and_what_it_goes_over(header: str, expected: str) -> None:
    assert loops(script(f"{header}\n  run\ndone\n")) == [expected]


def test_lines_that_a_loop_reads_come_from_a_file_or_a_pipe() -> None:
    assert loops(script("while read s; do run $s; done < seeds.txt")) == ["while s in cat('seeds.txt')"]
    assert loops(script("seq 3 | while read s; do run $s; done")) == ["while s in [1, 2, 3]"]
    assert loops(script("while read s; do run $s; done < <(seq 3)")) == ["while s in [1, 2, 3]"]


def test_commands_know_the_loops_around_them() -> None:
    facts = script("for a in 1 2; do\n  for s in 3 4; do run $s; done\n  run\ndone\n")
    assert [loop.parents for loop in facts.scopes[0].loops] == [(), (0,)]
    assert [site.loops for site in facts.scopes[0].calls] == [(0, 1), (0,)]
    assert [(loop.line, loop.end_line) for loop in facts.scopes[0].loops] == [(1, 4), (2, 2)]


def test_a_counter_is_added_to_inside_its_loop() -> None:
    facts = script("i=0\nwhile [ $i -lt 3 ]; do\n  run --seed $i\n  i=$((i+1))\ndone\n")
    assert [(item.augmented, item.loops) for item in facts.scopes[0].assigns] == [(False, ()), (True, (0,))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if [ "$x" = 1 ]; then run; fi', "Eq(x, 1)"),
        ('if test "$x" = 1; then run; fi', "Eq(x, 1)"),
        ("if [[ $x == a ]]; then run; fi", "Eq(x, 'a')"),
        ("if (( x > 3 )); then run; fi", "Gt(x, 3)"),
        ('if [ -z "$x" ]; then run; fi', "Not(x)"),
        ('if [ -n "$x" ]; then run; fi', "x"),
        ("if [ ! -f x ]; then run; fi", "Not(?('x'))"),
        ('if [ $a -gt 3 -a "$b" = x ]; then run; fi', "And(Gt(a, 3), Eq(b, 'x'))"),
        ("if [[ $a == 1 && $b != 2 ]]; then run; fi", "And(Eq(a, 1), NotEq(b, 2))"),
        ("if [ $a = 1 ] || [ $b = 2 ]; then run; fi", "Or(Eq(a, 1), Eq(b, 2))"),
        ("if false; then run; fi", "False"),
        ('[ -z "$x" ] && run', "Not(x)"),
        ('[ -z "$x" ] || run', "not Not(x)"),
        ("[ $# -ge 1 ] || exit 1; run", "GtE(#, 1)"),
        ("if [ $a = 1 ]; then exit; fi; run", "not Eq(a, 1)"),
        ("if [ $a = 1 ]; then :; elif [ $b = 2 ]; then run; fi", "not Eq(a, 1), Eq(b, 2)"),
        ("if [ $a = 1 ]; then :; elif [ $b = 2 ]; then :; else run; fi", "not Eq(a, 1), not Eq(b, 2)"),
        ("case $x in a) run;; esac", "Eq(x, 'a')"),
        ("case $x in a|b) run;; esac", "Or(Eq(x, 'a'), Eq(x, 'b'))"),
        ("case $x in a) ;; *) run;; esac", "not Eq(x, 'a')"),
        ('case "$1" in --seed=*) run;; esac', "Eq(1, '--seed=*')"),
    ],
)
def test_a_command_knows_the_condition_under_which_it_runs(text: str, expected: str) -> None:
    site = next(site for site in script(text + "\n").scopes[0].calls if command_name(site.call) == "run")
    assert guards(site.guards) == expected


def test_the_success_of_a_command_is_no_condition() -> None:
    facts = script("cd x && python a.py && python b.py || exit 1\n")
    assert [site.guards for site in facts.scopes[0].calls] == [(), (), (), ()]


def test_the_condition_of_a_branch_runs_its_commands() -> None:
    assert commands(script("if python check.py; then run; fi")) == ["python('check.py')", "run()"]


def test_comments_and_texts_are_no_commands() -> None:
    facts = script(
        "# python train.py --seed 1\necho 'python train.py --seed 2'\ncat <<EOF\npython train.py --seed 3\nEOF\n"
    )
    assert [command_name(site.call) for site in facts.scopes[0].calls] == ["echo", "cat"]


def test_a_comment_between_the_words_of_a_command_hides_nothing_behind_it() -> None:
    assert commands(script("python train.py `# which` \\\n  --seed 4\n")) == ["python('train.py', '--seed', 4)"]


def test_a_function_has_its_positional_parameters_and_is_called_by_its_name() -> None:
    facts = script(
        """\
        run() {
          local seed=$1
          shift
          python train.py --seed $seed --lr $1 "$@"
        }
        run 3 0.1
        """
    )
    scope = function(facts, "run")
    assert scope.kind == "function"
    assert [param.name for param in scope.params] == ["1", "2", "*@"]
    assert facts.scopes[0].children == [scope.index]
    assert commands(facts) == ["run(3, '0.1')"]
    assert commands(facts, scope.index) == ["python('train.py', '--seed', seed, '--lr', 2, @)"]


def test_loops_of_a_function_are_counted_from_its_own_first() -> None:
    facts = script("for a in 1; do :; done\nfunction f {\n  for s in 1 2; do run; done\n}\n")
    scope = function(facts, "f")
    assert [loop.number for loop in scope.loops] == [0]
    assert scope.calls[0].loops == (0,)


def test_a_function_sees_the_variables_of_whoever_calls_it() -> None:
    facts = script("run() { python train.py --seed $seed; }\nboth() { run; }\nfor seed in 1 2; do both; done\n")
    assert [param.name for param in function(facts, "run").params] == ["seed"]
    assert commands(facts) == ["both(seed=seed)"]
    assert commands(facts, function(facts, "both").index) == ["run(seed=seed)"]


def test_what_a_function_prints_is_what_it_gives() -> None:
    facts = script("draw() { echo $((RANDOM)); }\nseed=$(draw)\n")
    assert assigns(facts) == ["seed = draw()"]
    assert [shown(item.value) for item in function(facts, "draw").returns] == ["random.getrandbits()"]


def test_a_function_named_after_an_interpreter_does_not_hide_what_is_run() -> None:
    assert commands(script('python() { python3 "$@"; }\npython train.py\n')) == ["python('train.py')"]


def test_scripts_that_are_sourced_are_named() -> None:
    assert script(". ./env.sh\nsource $HOME/lib.sh\n").stars == ("./env.sh", "${HOME}/lib.sh")


def test_commands_in_the_background_in_groups_and_subshells_are_commands() -> None:
    facts = script("(cd x; run a) & { run b; }\nwait\n! run c\n")
    assert commands(facts) == ["cd('x')", "run('a')", "run('b')", "wait()", "run('c')"]


def test_a_script_that_lacks_its_last_done_is_read_with_its_loops() -> None:
    facts = script("for a in 1 2\ndo\nfor s in 3 4\ndo\npython train.py --seed $s\ndone\n")
    assert loops(facts) == ["for a in [1, 2]", "for s in [3, 4]"]
    assert facts.scopes[0].calls[0].loops == (0, 1)


def test_a_script_that_is_broken_as_a_whole_is_read_line_by_line() -> None:
    facts = script("for s in 1 2\n  python train.py --seed 42\ndone\n")
    assert commands(facts) == ["python('train.py', '--seed', 42)"]
    assert places(facts, 42) == [(2, 26)]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    facts = read_shell("a.sh", b"\xef\xbb\xbfpython train.py \\\r\n  --seed 42\r\n")
    assert commands(facts) == ["python('train.py', '--seed', 42)"]
    assert places(facts, 42) == [(2, 10)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\0\1\2", "null bytes"), (b"((((((((", "cannot be parsed"), (b"a | " * 5000, "too many pipes")],
)
def test_a_file_that_is_no_script_has_a_reason_in_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as caught:
        read_shell("a.sh", content)
    assert "\n" not in str(caught.value)


def test_the_parser_is_loaded_with_the_first_script_and_not_before() -> None:
    code = (
        "import sys; from seedlint.code.readers import shell; assert 'tree_sitter' not in sys.modules; "
        "shell.read_script('a.sh', 'x'); assert 'tree_sitter' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_empty_script_has_nothing_to_say() -> None:
    assert not commands(read_shell("a.sh", b""))
    assert not commands(read_shell("a.sh", b"#!/bin/bash\n# nothing\n"))


@pytest.mark.parametrize(
    "text",
    [
        "x=$((" + "(" * 3000 + "1" + ")" * 3000 + "))",
        "run " + "$(" * 3000,
        "if true; then " * 3000,
        "a && " * 20000 + "b",
        "run " + "--x 1 " * 20000,
        "A='--x 1'\n" + 'A="$A --x 1"\n' * 2000 + "python $A\n",
        "".join(f'if [ $x = {i} ]; then A="$A --seed {i}"; fi\n' for i in range(300)) + "python $A\n",
        "C='eval $C'\n" * 10 + "eval $C\n",
        "for s in $(seq 1 1000000000); do run; done\n" * 50,
    ],
)
def test_no_script_is_too_strange_to_be_read_or_refused(text: str) -> None:
    reason = ""
    try:
        facts = read_script("a.sh", text)
    except UnreadableSource as error:
        reason = str(error)
    else:
        assert sum(len(scope.calls) for scope in facts.scopes) < 50000
    assert "\n" not in reason
