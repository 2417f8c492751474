"""Comments written into the cells of notebooks: where they go, and that nothing else in the file changes."""

from __future__ import annotations

import json
import re

import pytest

from seedlint.edits import EditError, Remark, write_remarks
from seedlint.judge import Judge
from seedlint.lines import Lines
from seedlint.notebook_edits import with_remarks_in_cells
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Circumstance, Place, SeedUse, Use

IGNORE = Remark("ignore", ("SL101",))


def notebook(*sources: str, **style: object) -> bytes:
    cells = [
        {
            "cell_type": "code",
            "execution_count": 3,
            "metadata": {"tags": ["<a>"]},
            "outputs": [{"data": {"text/plain": ["seed(1)\n", "é"]}}],
            "source": source.splitlines(keepends=True),
        }
        for source in sources
    ]
    document = {"cells": [{"cell_type": "markdown", "source": ["# seed"]}, *cells], "metadata": {}, "nbformat": 4}
    return json.dumps(document, **{"indent": 1, "ensure_ascii": False, **style}).encode() + b"\n"


def source_of(data: bytes, cell: int) -> str:
    source = json.loads(data)["cells"][cell]["source"]
    return source if isinstance(source, str) else "".join(source)


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        ("seed(1)", 1, "seed(1)  # seedlint: ignore[SL101]"),
        ("x = 1\nseed(1)\ny = 2", 2, "x = 1\nseed(1)  # seedlint: ignore[SL101]\ny = 2"),
        ("seed(1)  # why\n", 1, "seed(1)  # why  # seedlint: ignore[SL101]\n"),
        ("seed(1)  # seedlint: ignore[SL104] é\n", 1, "seed(1)  # seedlint: ignore[SL104, SL101] é\n"),
        ("f(\n  seed(1) + \\\n  2)", 2, "# seedlint: ignore[SL101]\nf(\n  seed(1) + \\\n  2)"),
        ("%time seed(1)", 1, "# seedlint: ignore[SL101]\n%time seed(1)"),
        ("%%time\nseed(1)", 2, "%%time\nseed(1)  # seedlint: ignore[SL101]"),
        ("!python a.py \\\n  --seed 1\nx", 2, "# seedlint: ignore[SL101]\n!python a.py \\\n  --seed 1\nx"),
        ("if x:\n    !python a.py --seed 1", 2, "if x:\n    # seedlint: ignore[SL101]\n    !python a.py --seed 1"),
        ("%run a.py --seed 1", 1, "# seedlint: ignore[SL101]\n%run a.py --seed 1"),
        (
            "%%bash\npython a.py \\\n  --seed 1\nls",
            3,
            "%%bash\n# seedlint: ignore[SL101]\npython a.py \\\n  --seed 1\nls",
        ),
        (
            "x = '\\n<é>\\u00e9\\\\'; seed(1)\r\ny",
            1,
            "x = '\\n<é>\\u00e9\\\\'; seed(1)  # seedlint: ignore[SL101]\r\ny",
        ),
        ("x = '😀'; seed(1) # 😀\n", 1, "x = '😀'; seed(1) # 😀  # seedlint: ignore[SL101]\n"),
    ],
)
@pytest.mark.parametrize("style", [{}, {"ensure_ascii": True}, {"indent": None}, {"indent": "\t"}])
def test_a_remark_is_written_and_heard(source: str, line: int, expected: str, style: dict[str, object]) -> None:
    before = notebook("x", source, "seed(1)", **style)
    after = with_remarks_in_cells(before, {1: {line: IGNORE}})
    assert source_of(after, 2) == expected
    assert after == notebook("x", expected, "seed(1)", **style)

    place = Place("a.ipynb", line + expected.count("\n") - source.count("\n"), 1, cell=1)
    lines = Lines("/", {"a.ipynb": after})
    judge = Judge(load_rulebook(), Settings(root="/", ignore=("SL001",)), lines)
    seed = SeedUse(Use.FIXED_SEED, Circumstance.HARD_CODED, place)
    assert suppress(judge.findings([seed]), ["a.ipynb"], judge, lines)[0] == ()


def test_several_remarks_go_into_several_cells_at_once() -> None:
    before = notebook("seed(1)\nseed(2)\n%time seed(3)", "x\nseed(4)")
    after = with_remarks_in_cells(before, {1: {2: IGNORE}, 0: {1: IGNORE, 3: IGNORE, 2: IGNORE}})
    mark = "# seedlint: ignore[SL101]"
    assert source_of(after, 1) == f"seed(1)  {mark}\nseed(2)  {mark}\n{mark}\n%time seed(3)"
    assert source_of(after, 2) == f"x\nseed(4)  {mark}"


@pytest.mark.parametrize(
    "before",
    [
        b'\xef\xbb\xbf{"cells": [{"cell_type": "code", "source": "\\u003cx\\u003e = 1\\n\\u0073eed(1)\\n%time seed(2)"}]}',
        b'{ "cells":[ {"source":["\\u003cx\\u003e = 1\\n"\n,\r\n"\\u0073eed(1)\\n" , "%time seed(2)" ],"cell_type":"code"} ] }',
    ],
)
def test_odd_spellings_stay(before: bytes) -> None:
    before = before.replace(rb"\u003cx\u003e", rb"x \u003c 1; y")
    after = with_remarks_in_cells(before, {0: {2: IGNORE, 3: IGNORE}})
    mark = "# seedlint: ignore[SL101]"
    assert source_of(after.removeprefix(b"\xef\xbb\xbf"), 0) == f"x < 1; y = 1\nseed(1)  {mark}\n{mark}\n%time seed(2)"
    ours = re.compile(
        rb'(?:  # seedlint: ignore\[SL101\]|"# seedlint: ignore\[SL101\]\\n", |# seedlint: ignore\[SL101\]\\n)'
    )
    assert ours.sub(b"", after) == before


@pytest.mark.parametrize(
    "data",
    [
        b'{"cells": [{"cell_type": "code", "source": ["see", "d(1)"]}]}',
        b'{"cells": [{"cell_type": "code", "source": "seed(1"}]}',
        b'{"cells": [',
        b'{"cells": []}',
        b'{"cells": [{"cell_type": "code", "source": []}]}',
    ],
)
def test_a_notebook_that_cannot_be_edited_is_left_and_says_why_in_one_line(data: bytes) -> None:
    with pytest.raises(EditError, match="no comment is written") as caught:
        with_remarks_in_cells(data, {0: {1: IGNORE}})
    assert "\n" not in str(caught.value)


def test_findings_in_cells_are_written_to_the_file(tmp_path) -> None:
    (tmp_path / "a.ipynb").write_bytes(notebook("x", "seed(1)"))
    lines = Lines(str(tmp_path))
    judge = Judge(load_rulebook(), Settings(root=str(tmp_path)), lines)
    findings = judge.findings([SeedUse(Use.FIXED_SEED, Circumstance.HARD_CODED, Place("a.ipynb", 1, cell=1))])
    edited = write_remarks(findings, "acknowledge", "scarce\ncompute", str(tmp_path))
    assert source_of((tmp_path / "a.ipynb").read_bytes(), 2) == "seed(1)  # seedlint: acknowledge[SL101] scarce compute"
    assert (edited.comments, edited.files, edited.errors) == (1, 1, ())
