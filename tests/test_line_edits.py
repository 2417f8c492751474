"""Comments written into scripts and configs: where they go, that they are heard, and when none is written."""

from __future__ import annotations

import pytest

from seedlint.edits import EditError, Remark, write_remarks
from seedlint.judge import Judge
from seedlint.line_edits import with_remarks_above
from seedlint.lines import Lines
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Circumstance, Place, SeedUse, Use

IGNORE = Remark("ignore", ("SL103",))
MARK = "# seedlint: ignore[SL103]"


@pytest.mark.parametrize(
    ("path", "text", "line", "expected"),
    [
        ("a.yaml", "x: 1\nseed: 2\n", 2, f"x: 1\n{MARK}\nseed: 2\n"),
        ("a.yaml", "model:\r\n  seed: 2", 2, f"model:\r\n  {MARK}\r\n  seed: 2"),
        ("a.yaml", "# the seed\nseed: 2\n", 2, f"# the seed\n{MARK}\nseed: 2\n"),
        (
            "a.yaml",
            "# seedlint: ignore[SL104] known\nseed: 2\n",
            2,
            "# seedlint: ignore[SL104, SL103] known\nseed: 2\n",
        ),
        (
            "a.yaml",
            "# seedlint: acknowledge[SL104] known\nseed: 2\n",
            2,
            f"# seedlint: acknowledge[SL104] known\n{MARK}\nseed: 2\n",
        ),
        ("a.toml", "[a]\nseed = 2 # why\n", 2, f"[a]\n{MARK}\nseed = 2 # why\n"),
        ("a.sh", "ls\npython a.py \\\n  --seed 2\n", 3, f"ls\n{MARK}\npython a.py \\\n  --seed 2\n"),
        ("a.sh", "if x; then\n\tpython a.py --seed 2\nfi\n", 2, f"if x; then\n\t{MARK}\n\tpython a.py --seed 2\nfi\n"),
        ("Makefile", "run:\n\tpython a.py --seed 2\n", 2, f"run:\n\t{MARK}\n\tpython a.py --seed 2\n"),
        ("Makefile", "SEED := 2\n", 1, f"{MARK}\nSEED := 2\n"),
        (
            "Dockerfile",
            'FROM x\nCMD ["python", \\\n "a.py", "--seed", "2"]\n',
            3,
            f'FROM x\n{MARK}\nCMD ["python", \\\n "a.py", "--seed", "2"]\n',
        ),
        ("a.jsonnet", "{\n  seed: 2,\n}\n", 2, "{\n  // seedlint: ignore[SL103]\n  seed: 2,\n}\n"),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    steps:\n      - run: |\n          ls\n          python a.py --seed 2\n",
            6,
            f"jobs:\n  a:\n    steps:\n      - run: |\n          ls\n          {MARK}\n          python a.py --seed 2\n",
        ),
        ("a.yaml", "run: |\n  ls\nseed: 2\n", 3, f"run: |\n  ls\n{MARK}\nseed: 2\n"),
    ],
)
def test_a_remark_is_written_above_and_heard(path: str, text: str, line: int, expected: str) -> None:
    after = with_remarks_above(path, text.encode(), {line: IGNORE})
    assert after == expected.encode()
    place = Place(path, line + expected.count("\n") - text.count("\n"))
    lines = Lines("/", {path: after})
    judge = Judge(load_rulebook(), Settings(root="/", ignore=("SL001",)), lines)
    findings = judge.findings([SeedUse(Use.FIXED_SEED, Circumstance.PINNED, place)])
    assert len(findings) == 1
    assert suppress(findings, [path], judge, lines)[0] == ()


def test_several_remarks_each_stand_above_their_own_line() -> None:
    after = with_remarks_above("a.yaml", b"a:\n  seed: 1\nb:\n  seed: 2\n", {2: IGNORE, 4: IGNORE})
    assert after.decode() == f"a:\n  {MARK}\n  seed: 1\nb:\n  {MARK}\n  seed: 2\n"


@pytest.mark.parametrize(
    ("path", "text", "line", "why"),
    [
        ("a.json", '{"seed": 2}', 1, "JSON has no comments"),
        ("a.yaml", "run: >\n  python a.py\n  --seed 2\n", 3, "above line 3 would change what the file says"),
        ("a.sh", "cat <<EOF\nseed\nEOF\npython a.py 'x\n--seed 2'\n", 5, "would change what the file says"),
        ("a.yaml", "seed: [", 1, "no comment is written"),
        ("a.yaml", "seed: 2", 7, "has changed since"),
    ],
)
def test_no_remark_is_written_where_it_would_be_more_than_a_comment(path: str, text: str, line: int, why: str) -> None:
    with pytest.raises(EditError, match=why):
        with_remarks_above(path, text.encode(), {line: IGNORE})


def test_text_of_another_encoding_is_left_alone() -> None:
    with pytest.raises(EditError, match="not UTF-8"):
        with_remarks_above("a.yaml", "seed: 2  # é".encode("latin-1"), {1: IGNORE})


def test_what_cannot_be_written_is_said_and_the_rest_is_written(tmp_path) -> None:
    (tmp_path / "a.json").write_text('{"seed": 1}')
    (tmp_path / "run.sh").write_text("python a.py --seed 1\n")
    judge = Judge(load_rulebook(), Settings(root=str(tmp_path)), Lines(str(tmp_path)))
    places = [Place("a.json", 1), Place("run.sh", 1)]
    findings = judge.findings([SeedUse(Use.FIXED_SEED, Circumstance.PINNED, place) for place in places])
    edited = write_remarks(findings, "acknowledge", "scarce\ncompute", str(tmp_path))
    written = (tmp_path / "run.sh").read_text()
    assert written == "# seedlint: acknowledge[SL103] scarce compute\npython a.py --seed 1\n"
    assert (edited.comments, edited.files, [error.path for error in edited.errors]) == (1, 1, ["a.json"])
