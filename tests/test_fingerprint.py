from __future__ import annotations

from dataclasses import replace

import pytest
from sample_findings import HARD_CODED

from seedlint.fingerprint import fingerprints, identity
from seedlint.uses import Place, Severity

FINDING = HARD_CODED


@pytest.mark.parametrize(
    "changed",
    [
        replace(FINDING, place=Place("src/train.py", 99, 1, 99, 3)),
        replace(FINDING, place=Place("src/train.py", 2, 1, cell=4)),
        replace(FINDING, place=Place("./src/train.py", 12)),
        replace(FINDING, place=Place("src\\train.py", 12)),
        replace(FINDING, text="\t seed_all(42)  "),
        replace(FINDING, message="another wording", help="", severity=Severity.NOTE, acknowledged="dear"),
    ],
)
def test_moving_indenting_and_rewording_keep_the_fingerprint(changed):
    assert fingerprints([changed]) == fingerprints([FINDING])
    assert identity(changed) == identity(FINDING) == ("SL101", "src/train.py", "seed_all(42)")


@pytest.mark.parametrize(
    "changed",
    [
        replace(FINDING, code="SL102"),
        replace(FINDING, place=Place("train.py", 12)),
        replace(FINDING, text="seed_all(43)"),
    ],
)
def test_another_rule_file_or_text_is_another_finding(changed):
    assert fingerprints([changed]) != fingerprints([FINDING])


def test_equal_lines_are_told_apart_from_the_top_down_in_whatever_order_they_are_reported():
    first, second, third = (replace(FINDING, place=Place("src/train.py", line)) for line in (3, 9, 10))
    marks = fingerprints([first, second, third])
    assert len(set(marks)) == 3
    assert fingerprints([third, first, second]) == [marks[2], marks[0], marks[1]]
    assert fingerprints([second]) == marks[:1]


def test_nothing_has_no_fingerprints():
    assert fingerprints([]) == []
