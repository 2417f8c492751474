from __future__ import annotations

import pytest
from fake_analysis import uses_in

from seedlint.judge import Judge
from seedlint.lines import Lines
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Finding


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
