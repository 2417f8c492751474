from __future__ import annotations

import ast
import os
import re

import pytest
from fake_analysis import uses_in

from seedlint.edits import EditError, Remark, merged, with_remarks, write_remarks
from seedlint.judge import Judge
from seedlint.lines import Lines, decoded
from seedlint.rulebook import load_rulebook
from seedlint.settings import Settings
from seedlint.suppressions import suppress
from seedlint.uses import Finding

ODD_SOURCES = {
    "one line": b"seed(1)\n",
    "no line end at the end": b"x = 1\nseed(1)",
    "windows line ends": b"x = 1\r\nseed(1)\r\ny = 2\r\n",
    "old mac line ends": b"x = 1\rseed(1)\ry = 2\r",
    "mixed line ends": b"x = 1\r\nseed(1)\ny = 2\r\n\r",
    "a byte order mark": b"\xef\xbb\xbfseed(1)\n",
    "latin-1": "# coding: latin-1\nx = 'é'; seed(1)\n".encode("latin-1"),
    "utf-8": "x = 'é→😀'; seed(1)  # ünï\n".encode(),
    "a form feed at the start": b"\x0cseed(1)\n",
    "form feeds": b"x = 1\n\x0c\nseed(1)\n\x0c",
    "tabs": b"if x:\n\tif y:\n\t\tseed(1)\n",
    "spaces at the end": b"seed(1)   \t\nx = 1   \n",
    "blank lines": b"\n\n  \nseed(1)\n\n \n",
    "a comment": b"seed(1)  # why not\n",
    "a call of several lines": b"f(\n  1,\n  seed(1),\n  2\n)\n",
    "a comment in the call": b"f(\n  seed(1),  # c\n)\n",
    "a closing bracket at once": b"f(1,\n  seed(1))\n",
    "a string of several lines": b"x = '''a\nseed(1)\n'''  # z\n",
    "the end of such a string": b"if x:\n\tx = '''\nseed(1)''' + y\n",
    "a string that starts at the line": b"x = seed(1) + '''\n\n'''\n",
    "a continued line": b"x = seed(1) + \\\n  2\n",
    "a line that continues": b"x = 1 + \\\n  seed(1)\n",
    "a continued header": b"with a, \\\n  seed(1), \\\n  b:\n    pass\n",
    "an f-string of several lines": b"x = f'''{\nseed(1)\n}'''\n",
    "a decorator": b"@a\n@b(seed(1))\n@c('''\n''')\ndef f():\n    pass\n",
    "a decorator with a string": b"@a\n@b('''\nseed(1)\n''')\ndef f():\n    pass\n",
    "a default": b"def f(a,\n      b=seed(1),\n      c='''\n'''):\n    pass\n",
    "a default before a string": b"class A:\n    def f(a, b=seed(1), c='''\n'''):\n        pass\n",
    "an else on one line": b"if x:\n  pass\nelse: y = '''\nseed(1) \n'''\n",
    "an elif": b"if x:\n  pass\nelif seed(1) or \\\n  y:\n  pass\n",
    "an except": b"try:\n  pass\nexcept seed(1) or \\\n  y:\n  pass\nfinally:\n  pass\n",
    "a case": b"match x:\n    case 1 if '''\nseed(1)''' or \\\n  y: pass\n",
    "two statements": b"seed(1); seed(2)\n",
    "a lambda": b"f = lambda: seed(1)\n",
    "a class on one line": b"class A: x = seed(1)\n",
    "a shebang": b"#!/usr/bin/env python\n# coding: utf-8\nseed(1) + \\\n 1\n",
    "an own comment of ours": b"seed(1)  # seedlint: ignore[SL104] known  # noqa\n",
    "an own acknowledgement": b"seed(1)  # seedlint: acknowledge[SL104] known\n",
    "an acknowledgement without a reason": b"seed(1)  # seedlint: acknowledge[SL101]\n",
}
OUR_COMMENT = re.compile(r"[ \t]*# seedlint:[^\r\n]*")


def findings(data: bytes) -> list[Finding]:
    lines = Lines("/", {"a.py": data})
    judge = Judge(load_rulebook(), Settings(root="/", ignore=("SL001",)), lines)
    return list(suppress(judge.findings(uses_in("a.py", decoded(data))), ["a.py"], judge, lines)[0])


def remarks(data: bytes, kind: str, reason: str = "") -> dict[int, Remark]:
    return {finding.place.line: Remark(kind, (finding.code,), reason) for finding in findings(data)}


def without_comments(data: bytes) -> list[str]:
    """The lines as they were but for our comments and the space before them; lines of nothing else are left out."""
    text = data.decode("latin-1")
    lines = re.split(r"(\r\n|\r|\n)", text)
    pairs = zip(lines[::2], [*lines[1::2], ""], strict=True)
    return [OUR_COMMENT.sub("", line).rstrip(" \t") + end for line, end in pairs if not OUR_COMMENT.fullmatch(line)]


@pytest.mark.parametrize("source", ODD_SOURCES.values(), ids=ODD_SOURCES.keys())
class TestOddSources:
    def test_an_ignored_finding_is_silent_afterwards(self, source):
        edited = with_remarks(source, remarks(source, "ignore"))
        assert findings(source)
        assert findings(edited) == []

    def test_an_acknowledged_finding_says_so_afterwards(self, source):
        edited = with_remarks(source, remarks(source, "acknowledge", "too dear"))
        assert {finding.acknowledged for finding in findings(edited)} == {"too dear"}

    def test_all_else_stays_byte_for_byte(self, source):
        edited = with_remarks(source, remarks(source, "ignore"))
        assert edited != source
        assert without_comments(edited) == without_comments(source)

    def test_the_code_still_means_the_same(self, source):
        edited = with_remarks(source, remarks(source, "ignore"))
        assert ast.dump(ast.parse(edited)) == ast.dump(ast.parse(source))

    def test_nothing_to_say_changes_nothing(self, source):
        assert with_remarks(source, {}) == source


def test_the_comment_stands_where_one_would_write_it():
    source = b"import torch\n\nif x:\n\tseed(1)\n\ty = seed(2) + \\\n\t\t3\n"
    assert with_remarks(source, remarks(source, "ignore")) == (
        b"import torch\n\nif x:\n\tseed(1)  # seedlint: ignore[SL101]\n"
        b"\t# seedlint: ignore[SL101]\n\ty = seed(2) + \\\n\t\t3\n"
    )


@pytest.mark.parametrize(
    ("comment", "remark", "expected"),
    [
        ("", Remark("ignore", ("SL101",)), "# seedlint: ignore[SL101]"),
        ("# noqa", Remark("ignore", ("SL101",)), "# noqa  # seedlint: ignore[SL101]"),
        (
            "# seedlint: ignore[SL104] why  # b",
            Remark("ignore", ("SL101",)),
            "# seedlint: ignore[SL104, SL101] why  # b",
        ),
        ("# seedlint: ignore[SL101]", Remark("ignore", ("SL101",)), "# seedlint: ignore[SL101]"),
        (
            "# seedlint: acknowledge[SL104] a",
            Remark("acknowledge", ("SL101",), "b"),
            "# seedlint: acknowledge[SL104] a  # seedlint: acknowledge[SL101] b",
        ),
        (
            "# seedlint: acknowledge[SL104] a",
            Remark("acknowledge", ("SL101",), "a"),
            "# seedlint: acknowledge[SL104, SL101] a",
        ),
        ("# seedlint: acknowledge[SL101]", Remark("acknowledge", ("SL101",), "a"), "# seedlint: acknowledge[SL101] a"),
    ],
)
def test_a_comment_takes_the_remark_in(comment, remark, expected):
    assert merged(comment, remark) == expected


class TestFiles:
    def test_are_written_in_place_with_their_permissions(self, tmp_path):
        (tmp_path / "a.py").write_bytes(b"seed(1)\r\n")
        (tmp_path / "a.py").chmod(0o750)
        edited = write_remarks(findings(b"seed(1)\n"), "acknowledge", " too\n dear ", str(tmp_path))
        assert (edited.comments, edited.files, edited.errors) == (1, 1, ())
        assert (tmp_path / "a.py").read_bytes() == b"seed(1)  # seedlint: acknowledge[SL101] too dear\r\n"
        assert (tmp_path / "a.py").stat().st_mode & 0o777 == 0o750
        assert os.listdir(tmp_path) == ["a.py"]

    def test_are_written_through_links(self, tmp_path):
        (tmp_path / "real.py").write_bytes(b"seed(1)\n")
        (tmp_path / "a.py").symlink_to("real.py")
        write_remarks(findings(b"seed(1)\n"), "ignore", "", str(tmp_path))
        assert (tmp_path / "a.py").is_symlink()
        assert b"ignore" in (tmp_path / "real.py").read_bytes()

    def test_that_cannot_be_edited_are_named_and_left_as_they_were(self, tmp_path):
        (tmp_path / "a.py").write_bytes(b"seed(1)\nx = (")
        edited = write_remarks(findings(b"seed(1)\n"), "ignore", "", str(tmp_path))
        assert (edited.comments, edited.files) == (0, 0)
        assert [error.path for error in edited.errors] == ["a.py"]
        assert (tmp_path / "a.py").read_bytes() == b"seed(1)\nx = ("

    def test_whose_encoding_cannot_hold_the_reason_are_refused(self):
        source = b"# coding: latin-1\nseed(1)\n"
        with pytest.raises(EditError, match="iso-8859-1, cannot hold"):
            with_remarks(source, remarks(source, "acknowledge", "→"))
