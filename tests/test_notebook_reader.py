"""What the reader of notebooks makes of cells: Python with IPython's syntax taken out, and the commands that they run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seedlint.code.facts import NOTEBOOK, FileFacts
from seedlint.code.readers.notebook import joined_lines, read_notebook
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Const, dotted
from seedlint.notebooks import file_lines


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "metadata": {}, "outputs": [], **more}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": [source], "metadata": {}}


def notebook(*cells: dict[str, Any] | str, **metadata: Any) -> bytes:
    listed = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return json.dumps({"nbformat": 4, "metadata": metadata, "cells": listed}, indent=1).encode()


def read(*cells: dict[str, Any] | str) -> FileFacts:
    return read_notebook("a.ipynb", notebook(*cells))


def seedings(facts: FileFacts) -> list[tuple[int, int]]:
    """(line of the joined module, seed) of each call of `manual_seed`."""
    return [
        (site.call.line, arg.value)
        for scope in facts.scopes
        for site in scope.calls
        if (dotted(site.call.func) or "").endswith("manual_seed")
        for arg in site.call.args
        if isinstance(arg, Const) and isinstance(arg.value, int)
    ]


SEED = "torch.manual_seed(7)"


def test_code_cells_are_one_module_in_order() -> None:
    facts = read("import torch", markdown("# Training"), f"seed = 7\n{SEED}", "", "def f():\n    pass\n")
    assert facts.language == NOTEBOOK
    assert facts.imports == {"torch": "torch"}
    assert seedings(facts) == [(3, 7)]
    assert [tuple(cell) for cell in facts.cells] == [(0, 1), (1, 2), (2, 4), (3, 5)]
    assert [scope.name for scope in facts.scopes] == ["", "f"]
    assert facts.scopes[1].line == 5


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline",
        "    %matplotlib inline",
        "%load_ext autoreload  # reloads",
        "%%time",
        "%%time\n%%capture",
        "# a title\n%%capture out",
        "\n%%timeit -n 1",
        "%env SEED=3",
        "!pip install torch",
        "!pip install torch \\\n  --upgrade",
        "!!ls",
        "?torch.manual_seed",
        "torch.manual_seed??",
        "torch?",
        "%timeit?",
        "files = !ls *.pt",
        "a.b, c = !ls *.pt",
        "here = %pwd",
        "if True:\n    !nvidia-smi",
        "if True:\n    %cd data",
        "%pip install x \\\n  y",
        'text = ("%s"\n  %(3))\n%pylab',
        'text = """\n!not a command\n%nor this?\n"""\n%pylab',
        "pip install torch",
        "cd ../data",
        "print 'starting'",
        "print 'epoch %d' % 3",
        "def broken(:",
        "print(3)s",
        "torch.nn.Linear(3,",
        "x = 'unclosed",
    ],
)
def test_what_is_not_python_takes_nothing_else_with_it(source: str) -> None:
    facts = read(source + "\n" + SEED, SEED)
    lines = source.count("\n") + 2
    assert seedings(facts) == [(lines, 7), (lines + 1, 7)]


def test_cell_with_a_name_that_is_a_keyword_now_keeps_its_lines() -> None:
    facts = read("x = x.cuda(async=True); torch.manual_seed(3)", "this is (no code", "torch.manual_seed(4)")
    assert seedings(facts) == [(1, 3), (3, 4)]


def test_cell_that_is_no_python_at_all_loses_only_itself() -> None:
    facts = read(SEED, "so\nwe\nfound that\nthe seed\nmatters a lot\nin each of\nthe runs we made\nfor it", SEED)
    assert seedings(facts) == [(1, 7), (10, 7)]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("%time torch.manual_seed(7)", 1),
        ("%timeit -n 3 -r1 torch.manual_seed(7)", 1),
        ("for i in x:\n    %time y = torch.manual_seed(7)", 2),
        ("   import torch\n   torch.manual_seed(7)", 2),
        ("%%time\ntorch.manual_seed(7)", 2),
        ("%%capture out\n%%time\n\ntorch.manual_seed(7)", 4),
        ("%%unheard_of\ntorch.manual_seed(7)", 2),
        ("seed = 7 #@param {type: 'integer'}\ntorch.manual_seed(7)", 2),
        ("# -*- coding: latin-1 -*-\nx = 'é'\ntorch.manual_seed(7)", 3),
        ("await setup()\ntorch.manual_seed(7)", 2),
    ],
)
def test_python_that_ipython_runs_is_read(source: str, line: int) -> None:
    assert seedings(read(source)) == [(line, 7)]


def test_timed_statement_keeps_its_columns() -> None:
    (scope,) = read("for i in x:\n    %time torch.manual_seed(7)").scopes
    (seeding,) = [site for site in scope.calls if site.call.args]
    assert (seeding.call.column, seeding.loops) == (11, (0,))


@pytest.mark.parametrize(
    "magic", ["writefile train.py", "html", "javascript", "latex", "R", "sql", "script false", "file x.py"]
)
def test_body_of_a_cell_in_another_language_is_left_out(magic: str) -> None:
    facts = read(f"%%{magic}\ntorch.manual_seed(3)\nand more", SEED)
    assert seedings(facts) == [(4, 7)]


def test_cell_that_the_editor_notes_as_another_language_is_left_out() -> None:
    other = code("torch.manual_seed(3)", metadata={"vscode": {"languageId": "csharp"}})
    python = code(SEED, metadata={"vscode": {"languageId": "python"}})
    assert seedings(read(other, python)) == [(2, 7)]


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "R", "name": "ir"}},
        {"kernelspec": {"name": "ir"}},
        {"language_info": {"name": "julia"}},
    ],
)
def test_notebook_of_another_kernel_is_an_empty_module(metadata: dict[str, Any]) -> None:
    facts = read_notebook("a.ipynb", notebook(SEED, **metadata))
    assert (facts.language, len(facts.scopes), facts.scopes[0].calls) == (NOTEBOOK, 1, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b'{"cells": []}',
        b'{"cells": [], "metadata": {}}',
        b'{"cells": [{"cell_type": "code"}, {"cell_type": "code", "source": null}, 3, null]}',
        b'{"cells": [{"cell_type": "code", "source": "", "metadata": 3}], "metadata": []}',
        b'{"worksheets": []}',
    ],
)
def test_notebook_without_code_is_an_empty_module(content: bytes) -> None:
    facts = read_notebook("a.ipynb", content)
    assert [(scope.kind, scope.calls) for scope in facts.scopes] == [("module", [])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"cells": [', "line 1: is no JSON"),
        (b'{"cells":\n<<<<<<< HEAD\n', "line 2: is no JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b"[1, 2]", "no JSON object"),
        (b'{"name": "package"}', "no list of cells"),
        (b"\xff\xfe{\x00}\x00", "cannot be decoded"),
        (b'{"cells": ' + b"[" * 200_000, "nested too deeply"),
        (b'{"cells": [' + b"9" * 10_000 + b"]}", "too many digits"),
    ],
)
def test_what_is_no_notebook_is_unreadable_for_a_reason_in_one_line(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason) as caught:
        read_notebook("a.ipynb", content)
    assert "\n" not in str(caught.value)


def test_older_and_other_forms_of_the_file_are_read() -> None:
    cells = [{"cell_type": "heading", "source": "A"}, {"cell_type": "code", "input": [SEED], "language": "python"}]
    old = read_notebook("a.ipynb", json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode())
    assert (seedings(old), tuple(old.cells[0])) == ([(1, 7)], (0, 1))
    one_string = {"cells": [{"cell_type": "code", "source": f"import torch\n{SEED}"}]}
    assert seedings(read_notebook("a.ipynb", json.dumps(one_string).encode("utf-8-sig"))) == [(2, 7)]
    carriage = {"cells": [{"cell_type": "code", "source": ["import torch\r\n", SEED]}]}
    assert seedings(read_notebook("a.ipynb", json.dumps(carriage).encode())) == [(2, 7)]


def test_characters_that_python_source_cannot_hold_lose_their_cell_only() -> None:
    assert seedings(read("x = '\0'", SEED)) == [(2, 7)]
    assert seedings(read("x = '\ud800'", SEED)) == [(2, 7)]


def test_joined_lines_are_what_the_author_wrote() -> None:
    content = notebook("%time x\n# why", markdown("no"), "y")
    assert joined_lines(content) == ["%time x", "# why", "y"]
    assert joined_lines(b"{") == []


def test_lines_of_the_file_are_found_for_the_lines_of_cells() -> None:
    text = """{"cells": [
 {"cell_type": "markdown", "source": ["a\\n",
   "b"]},
 {"outputs": [{"source": ["no"], "cells": [{"source": "no"}]}], "cell_type": "code",
  "source": [
   "one\\n",

   "two\\n", "three"
  ]},
 {"source": "x\\ny\\n", "cell_type": "code"},
 {"source": [], "cell_type": "code"},
 {"source": ["p", "q\\n", "", "r\\ns"]}
]}"""
    assert file_lines(text) == {0: [2, 3], 1: [6, 8, 8], 2: [10, 10], 4: [12, 12, 12]}
