from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_findings import HARD_CODED

from seedlint.baseline import BaselineError, Entry, apply, read, shrink, write
from seedlint.uses import Confidence, Place, Severity

A = HARD_CODED
B = replace(A, code="SL102", place=Place("a.py", 3), text='add_argument("--seed", default=42)')
C = replace(A, place=Place("src/train.py", 40))
EXCUSED = replace(A, acknowledged="one run is all we have")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "baseline.json"


def test_the_file_reads_well_and_knows_no_line(file):
    assert write(file, [A, B, C]) == 3
    assert file.read_text(encoding="utf-8") == (
        "{\n"
        '  "version": 1,\n'
        '  "findings": [\n'
        '    {"path": "a.py", "rule": "SL102", "text": "add_argument(\\"--seed\\", default=42)", "count": 1},\n'
        '    {"path": "src/train.py", "rule": "SL101", "text": "seed_all(42)", "count": 2}\n'
        "  ]\n"
        "}\n"
    )
    json.loads(file.read_text(encoding="utf-8"))


def test_the_file_is_the_same_whatever_the_order(file, tmp_path):
    other = tmp_path / "other.json"
    write(file, [A, B, C])
    write(other, [C, A, B])
    assert file.read_bytes() == other.read_bytes()


def test_an_empty_baseline_hides_nothing(file):
    assert write(file, []) == 0
    applied = apply(file, [A, B])
    assert (applied.kept, applied.matched, applied.stale) == ((A, B), (), ())


def test_known_findings_are_hidden_and_new_ones_kept(file):
    write(file, [A])
    applied = apply(file, [B, A])
    assert (applied.kept, applied.matched, applied.stale) == ((B,), (A,), ())


@pytest.mark.parametrize(
    "now",
    [
        replace(A, place=Place("src/train.py", 999, 1)),
        replace(A, place=Place("./src/train.py", 12)),
        replace(A, place=Place("src\\train.py", 12)),
        replace(A, text="        seed_all(42)"),
        replace(A, severity=Severity.NOTE, message="reworded", confidence=Confidence.LOW),
    ],
)
def test_a_moved_renamed_alike_or_reworded_finding_is_still_known(file, now):
    write(file, [A])
    assert apply(file, [now]).matched == (now,)
    write(file, [now])
    assert apply(file, [A]).matched == (A,)


@pytest.mark.parametrize(
    "now", [replace(A, code="SL301"), replace(A, text="seed_all(43)"), replace(A, place=Place("train.py", 12))]
)
def test_another_finding_is_new_and_the_old_entry_stale(file, now):
    write(file, [A])
    applied = apply(file, [now])
    assert applied.kept == (now,)
    assert applied.stale == (Entry("src/train.py", "SL101", "seed_all(42)"),)


def test_of_equal_lines_only_as_many_as_were_known_are_hidden_from_the_top(file):
    write(file, [A])
    applied = apply(file, [C, A])
    assert (applied.kept, applied.matched, applied.stale) == ((C,), (A,), ())


def test_the_part_of_a_count_that_matches_nothing_is_stale(file):
    write(file, [A, C, replace(A, place=Place("src/train.py", 50))])
    assert apply(file, [A]).stale == (Entry("src/train.py", "SL101", "seed_all(42)", 2),)


def test_the_file_only_shrinks(file):
    write(file, [A, B, C])
    shrink(file, apply(file, [A]).stale)
    assert dict(read(file)) == {("SL101", "src/train.py", "seed_all(42)"): 1}
    assert apply(file, [A, B]).kept == (B,)
    shrink(file, apply(file, []).stale)
    assert not read(file)


def test_files_that_were_not_looked_at_are_not_stale(file):
    write(file, [A, B])
    applied = apply(file, [], judged=lambda entry: entry.path == "a.py")
    assert [entry.path for entry in applied.stale] == ["a.py"]
    shrink(file, applied.stale)
    assert apply(file, [A]).matched == (A,)


def test_an_acknowledged_finding_needs_no_baseline(file):
    assert write(file, [EXCUSED]) == 0
    write(file, [A])
    applied = apply(file, [EXCUSED])
    assert (applied.kept, applied.matched) == ((EXCUSED,), ())
    assert applied.stale == (Entry("src/train.py", "SL101", "seed_all(42)"),)


def test_hand_made_spellings_and_doubled_entries_are_understood(file):
    entries = [
        {"path": ".\\src\\train.py", "rule": "SL101", "text": "  seed_all(42) ", "count": 1},
        {"path": "src/train.py", "rule": "SL101", "text": "seed_all(42)", "count": 1},
    ]
    file.write_text(json.dumps({"version": 1, "findings": entries}), encoding="utf-8")
    assert apply(file, [A, C]).kept == ()


def test_any_text_and_any_path_survive(file):
    odd = replace(A, place=Place("caf\udce9/種.py", 1), text='x = "\\"種\u2028\x00" % 42')
    write(file, [odd])
    assert apply(file, [odd]).matched == (odd,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"<<<<<<< HEAD\n{}", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is not a baseline of version 1"),
        (b"{}", "is not a baseline of version 1"),
        (b'{"version": 2, "findings": []}', "is not a baseline of version 1"),
        (b'{"version": 1}', "has no list of findings"),
        (b'{"version": 1, "findings": {}}', "has no list of findings"),
        (b'{"version": 1, "findings": ["SL101"]}', "entry 1 needs"),
        (b'{"version": 1, "findings": [{"path": "a", "rule": "SL101", "text": 1, "count": 1}]}', "entry 1 needs"),
        (b'{"version": 1, "findings": [{"path": "a", "rule": "SL101", "text": "", "count": 0}]}', "entry 1 needs"),
        (b'{"version": 1, "findings": [{"path": "a", "rule": "SL101", "text": "", "count": true}]}', "entry 1 needs"),
        (b'{"version": 1, "findings": [{"path": "a", "rule": "SL101", "text": ""}]}', "entry 1 needs"),
    ],
)
def test_a_corrupt_baseline_is_one_clear_line(file, content, message):
    file.write_bytes(content)
    with pytest.raises(BaselineError, match=message) as caught:
        apply(file, [])
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_baseline_says_how_to_make_one(file, tmp_path):
    with pytest.raises(BaselineError, match="no such baseline; write one with --write-baseline"):
        apply(file, [])
    with pytest.raises(BaselineError, match="cannot be read"):
        apply(tmp_path, [])
    with pytest.raises(BaselineError, match="cannot be written"):
        write(tmp_path / "nowhere" / "baseline.json", [A])
