"""Reads a Jupyter notebook into facts: its code cells, in order, as one Python module with the commands that they run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from seedlint.code.facts import NOTEBOOK, Cell, FileFacts, Scope
from seedlint.code.readers.notebook_commands import with_commands
from seedlint.code.readers.notebook_scripts import OS, SYSTEM, first_error, is_python
from seedlint.code.readers.notebook_syntax import SHELLS, Masked, masked, shell_cell
from seedlint.code.readers.python import read_python, with_new_names
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.notebooks import CodeCell, NoNotebook, read_notebook_file

PYTHONS = frozenset({"", "python", "python3", "python2", "ipython", "ipython3"})
"""What a file calls Python; the empty name is that of a notebook which names no language."""

MAX_STRAY = 5
"""A cell with more lines than this that are no Python is no Python."""

_CODING = re.compile(r"[ \t\f]*#.*?coding[:=]")


def read_notebook(path: str, content: bytes) -> FileFacts:
    """The facts of one notebook. Raises UnreadableSource with a one-line reason."""
    try:
        notebook = read_notebook_file(content)
    except NoNotebook as error:
        raise UnreadableSource(str(error)) from error
    if notebook.language not in PYTHONS:
        return FileFacts(path, [Scope(0, -1, "module", "", 1, 1)], {}, (), NOTEBOOK)
    cells = [masked_cell(cell) for cell in notebook.cells]
    try:
        facts = read_python(path, _joined(cells))
    except UnreadableSource:
        cells = [_readable(cell, mask) for cell, mask in zip(notebook.cells, cells, strict=True)]
        facts = read_python(path, _joined(cells))
    starts = _starts(cells)
    facts.language = NOTEBOOK
    if any(SYSTEM in cell.text for cell in cells):
        facts.imports[OS] = "os"
    facts.cells = tuple(Cell(cell.index, line) for cell, line in zip(notebook.cells, starts, strict=True))
    escapes = {
        start + escape.line - 1: escape for start, cell in zip(starts, cells, strict=True) for escape in cell.escapes
    }
    try:
        with_commands(facts, escapes)
    except RecursionError as error:
        raise UnreadableSource("nested too deeply to analyse") from error
    return facts


def joined_lines(content: bytes) -> list[str]:
    """The lines of the module that the code cells make when joined, as their author wrote them; none of no notebook."""
    try:
        notebook = read_notebook_file(content)
    except NoNotebook:
        return []
    return [line for cell in notebook.cells for line in cell.lines]


def masked_cell(cell: CodeCell) -> Masked:
    """A cell as plain Python; blank where an editor notes it as one in another language."""
    if cell.language in PYTHONS:
        return masked(cell.source)
    return shell_cell(cell.source) if cell.language in SHELLS else _blank(cell)


def _readable(cell: CodeCell, mask: Masked) -> Masked:
    """The cell as far as it parses, perhaps with more taken out; blank, so that only this cell is lost, where it does not."""
    mask = _with_new_names(mask)
    if is_python(mask.text):
        return mask
    relaxed = _with_new_names(masked(cell.source, relaxed=True))
    text = _without_stray_lines(relaxed.text)
    return _blank(cell) if text is None else Masked(text, relaxed.escapes)


def _with_new_names(mask: Masked) -> Masked:
    """The cell with names that are keywords now replaced, where it is not Python for want of that."""
    if is_python(mask.text):
        return mask
    text = with_new_names(mask.text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
    return Masked(text, mask.escapes)


def _without_stray_lines(text: str) -> str | None:
    """The text without the lines at which parsing stops; None where those are too many."""
    lines = text.split("\n")
    for _ in range(MAX_STRAY):
        wrong = first_error("\n".join(lines))
        if wrong is None:
            return "\n".join(lines)
        if not 0 < wrong <= len(lines):
            return None
        line = lines[wrong - 1]
        lines[wrong - 1] = line[: len(line) - len(line.lstrip())] + "pass"
    return None


def _blank(cell: CodeCell) -> Masked:
    return Masked("\n" * (len(cell.lines) - 1))


def _joined(cells: Sequence[Masked]) -> bytes:
    """The cells as one file in UTF-8; what a declaration of another encoding says is no longer true."""
    lines = "\n".join(cell.text for cell in cells).split("\n", 2)
    head = ["" if _CODING.match(line) else line for line in lines[:2]]
    return ("\n".join([*head, *lines[2:]]) + "\n").encode("utf-8", "replace")


def _starts(cells: Sequence[Masked]) -> list[int]:
    """The line of the joined file on which each cell begins."""
    return list(accumulate((cell.text.count("\n") + 1 for cell in cells), initial=1))[: len(cells)]
