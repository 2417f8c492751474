from __future__ import annotations

from dataclasses import replace

import pytest

from seedlint.judge import Judge
from seedlint.lines import Lines, decoded
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings, SettingsError
from seedlint.uses import Circumstance, Confidence, Evidence, Finding, Place, SeedUse, Severity, Use

ROOT = "/project"
SOURCE = b"import torch\n\n    torch.manual_seed(42)  \nx = 1\n"
HARD = SeedUse(
    Use.FIXED_SEED,
    Circumstance.HARD_CODED,
    Place("src/a.py", 3, 5, 3, 26),
    (Evidence("src/a.py", 3, "seeds torch"),),
    Confidence.MEDIUM,
    subject="seed {42}",
    sink="torch.manual_seed",
)
COMPARED = replace(
    HARD, use=Use.PERFORMANCE_COMPARISON, circumstance=Circumstance.COMPARISON, place=Place("src/a.py", 1)
)
SAFE = replace(HARD, use=Use.ENSEMBLE_CREATION, circumstance=Circumstance.COMBINED)


def judged(*uses: SeedUse, **settings: object) -> tuple[Finding, ...]:
    lines = Lines(ROOT, {"src/a.py": SOURCE, "src/b.py": b""})
    return Judge(load_rulebook(), Settings(**{"root": ROOT, **settings}), lines).findings(uses)


def codes(*uses: SeedUse, **settings: object) -> list[str]:
    return [finding.code for finding in judged(*uses, **settings)]


def test_a_finding_says_what_the_rule_and_the_use_say():
    (finding,) = judged(HARD)
    rule = load_rulebook().find("SL101")
    assert (finding.code, finding.name, finding.severity, finding.help) == (
        "SL101",
        "hard-coded-seed",
        Severity.ERROR,
        rule.help,
    )
    assert finding.message == rule.message.format(subject="seed {42}", sink="torch.manual_seed")
    assert (finding.use, finding.confidence, finding.place, finding.evidence) == (
        Use.FIXED_SEED,
        Confidence.MEDIUM,
        HARD.place,
        HARD.evidence,
    )
    assert finding.text == "torch.manual_seed(42)"
    assert finding.acknowledged is None


def test_safe_uses_are_not_findings():
    assert judged(SAFE) == ()


def test_findings_come_once_and_in_the_order_of_their_places():
    other = replace(HARD, place=Place("src/b.py", 1))
    later = replace(HARD, place=replace(HARD.place, column=9))
    assert [finding.place for finding in judged(other, later, HARD, HARD, COMPARED)] == [
        COMPARED.place,
        HARD.place,
        later.place,
        other.place,
    ]


def test_every_risky_circumstance_has_its_rule():
    for rule in load_rulebook():
        use = replace(HARD, circumstance=rule.circumstance, use=rule.use or Use.FIXED_SEED)
        assert codes(use) == [rule.code]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["SL201", "SL101"]),
        ({"select": ("SL101",)}, ["SL101"]),
        ({"select": ("hard-coded-seed",)}, ["SL101"]),
        ({"select": ("SL2",)}, ["SL201"]),
        ({"select": ("SL2",), "extend_select": ("SL101",)}, ["SL201", "SL101"]),
        ({"ignore": ("SL1",)}, ["SL201"]),
        ({"select": ("SL101",), "ignore": ("hard-coded-seed",)}, []),
        ({"per_file_ignores": (("src/*.py", ("SL101",)),)}, ["SL201"]),
        ({"per_file_ignores": (("src", ("ALL",)),)}, []),
        ({"per_file_ignores": (("src/b.py", ("ALL",)), ("a.py", ("SL2",)))}, ["SL101"]),
        ({"per_file_ignores": (("/a.py", ("ALL",)),)}, ["SL201", "SL101"]),
        ({"root": "/project/src", "per_file_ignores": (("/a.py", ("ALL",)),)}, []),
    ],
)
def test_settings_choose_the_rules(settings, expected):
    assert codes(HARD, COMPARED, **settings) == expected


def test_settings_grade_the_rules():
    (finding,) = judged(HARD, severity=(("hard-coded-seed", Severity.NOTE),))
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize(
    "settings",
    [
        {"select": ("SL999",)},
        {"ignore": ("hard-coded-sed",)},
        {"extend_select": ("x",)},
        {"per_file_ignores": (("a.py", ("SL999",)),)},
        {"severity": (("SL999", Severity.NOTE),)},
    ],
)
def test_an_unknown_rule_is_an_error_that_names_the_file(settings):
    with pytest.raises(SettingsError, match=r"^seedlint\.toml: unknown rule '"):
        judged(HARD, origin="seedlint.toml", **settings)


class TestLines:
    def test_are_read_as_python_counts_them(self):
        lines = Lines(ROOT, {"a.py": b"one\r\ntwo\x0c\rthree\n\xe2\x80\xa8four"})
        assert [lines.read_line("a.py", number) for number in range(6)] == [
            None,
            "one",
            "two\x0c",
            "three",
            "\u2028four",
            None,
        ]
        assert lines.read_line("a.py", 1, cell=1) is None
        assert lines.file_line("a.py", 3) == 3

    def test_of_cells_are_counted_within_the_cell_and_found_in_the_file(self):
        cells = b'{"cells": [{"cell_type": "raw", "source": "no"},\n{"cell_type": "code",\n"source": ["a\\n",\n"\\u00e9"]}]}'
        lines = Lines(ROOT, {"a.ipynb": cells})
        assert [lines.read_line("a.ipynb", number, cell=0) for number in range(4)] == [None, "a", "é", None]
        assert [lines.file_line("a.ipynb", number, cell=0) for number in range(4)] == [None, 3, 4, None]
        assert lines.read_line("a.ipynb", 1, cell=1) is None
        assert lines.file_line("a.ipynb", 1, cell=1) is None

    def test_of_cells_of_a_broken_notebook_are_none(self):
        lines = Lines(ROOT, {"a.ipynb": b'{"cells": [{"source": ["a"'})
        assert (lines.read_line("a.ipynb", 1, cell=0), lines.file_line("a.ipynb", 1, cell=0)) == (None, None)

    def test_of_a_missing_file_are_none(self, tmp_path):
        assert Lines(str(tmp_path)).read_line("none.py", 1) is None

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"\xef\xbb\xbfx", "x"),
            ("# coding: latin-1\né".encode("latin-1"), "# coding: latin-1\né"),
            ("\n# -*- coding: cp1252 -*-\n€".encode("cp1252"), "\n# -*- coding: cp1252 -*-\n€"),
            (b"# coding: none\n\xff", "# coding: none\n\ufffd"),
            (b"\xff", "\ufffd"),
        ],
    )
    def test_are_decoded_as_the_file_declares(self, data, text):
        assert decoded(data) == text
