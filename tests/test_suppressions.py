from __future__ import annotations

import json

import pytest
from fake_analysis import uses_in

from seedlint.judge import Judge
from seedlint.lines import Lines
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Circumstance, Finding, Place, SeedUse, Use


def outcome(source: str, **settings: object) -> tuple[list[Finding], list[Finding]]:
    """The hard-coded seeds (`seed(42)`) that stay, and what is said of comments."""
    lines = Lines("/", {"a.py": source.encode()})
    judge = Judge(load_rulebook(), Settings(**{"root": "/", **settings}), lines)
    directives = ["a.py"] if "seedlint:" in source else []
    kept, idle = suppress(judge.findings(uses_in("a.py", source)), directives, judge, lines)
    return list(kept), list(judge.findings(idle))


SILENT = {
    "at the end of the line": "seed(1)  # seedlint: ignore[SL101] why",
    "by name": "seed(1)  # seedlint: ignore[hard-coded-seed]",
    "by prefix": "seed(1)  # seedlint: ignore[SL1]",
    "all rules": "seed(1)  # seedlint: ignore",
    "all rules, with a reason": "seed(1)  # seedlint: ignore because we may",
    "without spaces": "seed(1)  #seedlint:ignore[SL101]",
    "after another comment": "seed(1)  # type: ignore  # seedlint: ignore[SL101] why",
    "before another comment": "seed(1)  # seedlint: ignore[SL101] why # noqa",
    "above": "# seedlint: ignore[SL101] why\nseed(1)",
    "above, with lines between": "# seedlint: ignore[SL101] why\n\n# note\n\nseed(1)",
    "above a statement of several lines": "# seedlint: ignore[SL101]\nx = f(\n  1,\n  seed(1),\n)",
    "above in a block": "if x:\n    # seedlint: ignore[SL101]\n    seed(1)",
    "after the last line of the statement": "x = f(\n  seed(1),\n)  # seedlint: ignore[SL101]",
    "after the first line of the statement": "x = f(  # seedlint: ignore[SL101]\n  seed(1),\n)",
    "within a statement, at the line": "x = f(\n  seed(1),  # seedlint: ignore[SL101]\n  2,\n)",
    "within a statement, above the line": "x = f(\n  # seedlint: ignore[SL101]\n  seed(1),\n  2,\n)",
    "after a continued line": "x = 1 + \\\n  seed(1)  # seedlint: ignore[SL101]",
    "after a string of several lines": "x = '''\nseed(1)\n'''  # seedlint: ignore[SL101]",
    "in a decorator": "@d(seed(1))  # seedlint: ignore[SL101]\ndef f(): pass",
    "for the file": "import x\n# seedlint: ignore-file[SL101] all of it\nx = 1\nseed(1)",
    "for the file, all rules": "seed(1)\n# seedlint: ignore-file",
    "noqa with the code": "seed(1)  # noqa: SL101",
    "noqa with several codes": "seed(1)  # NOQA: E501,SL101",
    "windows line ends": "x = 1\r\nseed(1)  # seedlint: ignore[SL101]\r\n",
    "a form feed": "x = 1\n\x0c\nseed(1)  # seedlint: ignore[SL101]\n",
}


@pytest.mark.parametrize("source", SILENT.values(), ids=SILENT.keys())
def test_silences(source):
    assert outcome(source) == ([], [])


LOUD = {
    "another line": "seed(1)\nx = 1  # noqa: SL101",
    "the statement above only": "# noqa: SL101\nx = 1\nseed(1)",
    "another line of the statement": "x = f(\n  1,  # noqa: SL101\n  seed(1),\n)",
    "noqa without codes": "seed(1)  # noqa",
    "noqa of others": "seed(1)  # noqa: E501",
    "a string": 'seed(1); x = "# seedlint: ignore[SL101]"',
    "a docstring": '"""\n# seedlint: ignore-file\n"""\nseed(1)',
    "the next line": "x = f(a)  # noqa: SL101\nseed(1)",
}


@pytest.mark.parametrize("source", LOUD.values(), ids=LOUD.keys())
def test_does_not_silence(source):
    kept, idle = outcome(source)
    assert [finding.code for finding in kept] == ["SL101"]
    assert idle == []


class TestAcknowledge:
    @pytest.mark.parametrize(
        ("source", "reason"),
        [
            ("seed(1)  # seedlint: acknowledge[SL101] one run costs 9,000 GPU hours", "one run costs 9,000 GPU hours"),
            ("# seedlint: acknowledge[hard-coded-seed] see #12\nseed(1)", "see #12"),
            ("seed(1)  # seedlint: acknowledge[SL101] too dear # noqa", "too dear"),
        ],
    )
    def test_keeps_the_finding_with_the_reason(self, source, reason):
        (finding,), idle = outcome(source)
        assert finding.acknowledged == reason
        assert idle == []

    def test_needs_a_reason(self):
        (finding,), (idle,) = outcome("seed(1)  # seedlint: acknowledge[SL101]")
        assert finding.acknowledged is None
        assert idle.message == "`acknowledge[SL101]` without a reason suppresses nothing"

    def test_is_heard_over_an_ignore(self):
        (finding,), _ = outcome("seed(1)  # seedlint: ignore[SL101] # seedlint: acknowledge[SL101] dear")
        assert finding.acknowledged == "dear"


class TestUnused:
    @pytest.mark.parametrize(
        ("source", "subject"),
        [
            ("x = 1  # seedlint: ignore[SL101] old", "`ignore[SL101]`"),
            ("x = 1  # seedlint: ignore", "`ignore`"),
            ("x = 1\n# seedlint: ignore-file[SL2]", "`ignore-file[SL2]`"),
            ("x = 1  # seedlint: acknowledge[SL101] dear", "`acknowledge[SL101]`"),
            ("seed(1)  # seedlint: ignore[SL101, SL102]", "`ignore[SL102]`"),
            ("seed(1)  # seedlint: ignore[SL101,SL999]", "`ignore[SL101, SL999]`, where SL999 names no rule,"),
            ("x = 1  # seedlint: ingore[SL101]", "`ingore`, which is none of ignore, ignore-file, acknowledge,"),
            ("x = 1\n# seedlint: ignore[SL101]", "`ignore[SL101]`"),
        ],
    )
    def test_is_reported(self, source, subject):
        kept, (idle,) = outcome(source)
        assert kept == []
        assert (idle.code, idle.message) == ("SL001", f"{subject} suppresses nothing")

    def test_stands_at_the_comment(self):
        source = "x = 1  # type: ignore  # seedlint: ignore[SL101] old  # more"
        _, (idle,) = outcome(source)
        place = idle.place
        assert (place.line, source[place.column - 1 : place.end_column - 1]) == (1, "# seedlint: ignore[SL101] old")

    def test_is_silent_where_the_run_did_not_look(self):
        source = "x = 1  # seedlint: ignore[SL101]\ny = 1  # seedlint: ignore"
        assert outcome(source, select=("SL001", "SL2")) == ([], [])
        assert outcome(source, ignore=("SL101",)) == ([], [])
        per_file = outcome("x = 1  # seedlint: ignore[SL101]", per_file_ignores=(("a.py", ("SL101",)),))
        assert per_file == ([], [])

    def test_is_silent_where_its_rule_is_not_selected(self):
        assert outcome("x = 1  # seedlint: ignore[SL101]", ignore=("SL001",)) == ([], [])

    def test_may_be_allowed_for(self):
        assert outcome("x = 1  # seedlint: ignore[SL101, SL001] on some platforms only") == ([], [])
        assert outcome("# seedlint: ignore-file[unused-suppression]\nx = 1  # seedlint: ignore[SL101]") == ([], [])

    def test_two_comments_that_meet_one_finding_are_both_of_use(self):
        assert outcome("# seedlint: ignore-file[SL101]\nseed(1)  # seedlint: ignore[SL101]") == ([], [])


def test_a_file_that_ends_within_a_bracket_is_heard_as_far_as_it_goes():
    kept, _ = outcome("seed(1)  # seedlint: ignore[SL101]\nseed(2)\nx = (")
    assert [finding.place.line for finding in kept] == [2]


def silenced(path: str, text: str, line: int, cell: int | None = None) -> bool:
    """Whether a comment takes a hard-coded seed on the line out of the report, and nothing is said of the comment."""
    lines = Lines("/", {path: text.encode()})
    judge = Judge(load_rulebook(), Settings(root="/"), lines)
    use = SeedUse(Use.FIXED_SEED, Circumstance.HARD_CODED, Place(path, line, 1, line, 2, cell))
    kept, idle = suppress(judge.findings([use]), [path], judge, lines)
    assert len(kept) == len(idle)
    return not kept


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.yaml", "seed: 1  # seedlint: ignore[SL101] why", 1),
        ("a.yaml", "model:\n  # seedlint: ignore[SL101] why\n\n  # the seed\n  seed: 1", 5),
        ("a.toml", "seed = 1 # noqa: SL101 # seedlint: ignore[SL101]", 1),
        ("a.sh", "python a.py --seed 1  # seedlint: ignore[SL101]", 1),
        ("a.sh", "# seedlint: ignore[SL101]\npython a.py \\\n  --seed 1 \\\n  --lr 1\nx=2", 3),
        ("a.sh", "python a.py \\\n  --seed 1  # seedlint: ignore[SL101]", 1),
        ("Makefile", "run:\n\tpython a.py --seed 1  # seedlint: ignore", 2),
        ("Dockerfile", "# seedlint: ignore[SL101]\nCMD python a.py --seed 1", 2),
        ("a.jsonnet", "{ seed: 1 }  // seedlint: ignore[SL101] why", 1),
        ("a.json", '{\n  // seedlint: ignore[SL101]\n  "seed": 1\n}', 3),
        ("a.yaml", "# seedlint: ignore-file[SL101]\nx: 2\nseed: 1", 3),
    ],
)
def test_comments_of_scripts_and_configs_silence_their_line(path, text, line):
    assert silenced(path, text, line)


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.yaml", "# seedlint: ignore[SL101]\nx: 2\nseed: 1", 3),
        ("a.yaml", "x: 2  # seedlint: ignore[SL101]\nseed: 1", 2),
        ("a.yaml", "seed: 1\n# seedlint: ignore[SL101]", 1),
        ("a.sh", "# seedlint: ignore[SL101]\npython a.py \\\n  --lr 1\npython a.py --seed 1", 4),
    ],
)
def test_comments_of_scripts_and_configs_silence_no_other_line(path, text, line):
    assert not silenced(path, text, line)


def cells(*sources: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": source.splitlines(True)} for source in sources]})


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x\nseed(1)  # seedlint: ignore[SL101] why", 2),
        ("# seedlint: ignore[SL101]\nseed(1)", 2),
        ("%matplotlib inline\n!ls\nseed(1)  # noqa: SL101 # seedlint: ignore", 3),
        ("!python a.py --seed 1  # seedlint: ignore[SL101]", 1),
        ("# seedlint: ignore[SL101]\n!python a.py \\\n  --seed 1", 3),
        ("!python a.py \\\n  --seed 1  # seedlint: ignore[SL101]", 2),
        ("%%bash\npython b.py\npython a.py --seed 1  # seedlint: ignore[SL101]", 3),
        ("%%bash\n# seedlint: ignore[SL101]\npython a.py --seed 1", 3),
        ("%%time\nseed(1)  # seedlint: ignore[SL101]", 2),
    ],
)
def test_comments_of_a_cell_silence_lines_of_that_cell(source, line):
    assert silenced("a.ipynb", cells("import x", source), line, cell=1)
    assert not silenced("a.ipynb", cells("seed(1)\n" * 3, source), line, cell=0)


def test_a_comment_speaks_for_the_whole_notebook():
    assert silenced("a.ipynb", cells("# seedlint: ignore-file[SL101]", "x\nseed(1)"), 2, cell=1)


def test_a_comment_in_a_cell_that_does_nothing_is_reported_in_that_cell():
    text = cells("x", "y\nx = 1  # seedlint: ignore[SL101]")
    lines = Lines("/", {"a.ipynb": text.encode()})
    judge = Judge(load_rulebook(), Settings(root="/"), lines)
    (found,) = judge.findings(suppress([], ["a.ipynb"], judge, lines)[1])
    assert (found.code, found.place) == ("SL001", Place("a.ipynb", 2, 8, 2, 33, cell=1))
    assert found.text == "x = 1  # seedlint: ignore[SL101]"
