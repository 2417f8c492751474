"""The source lines of one run's files, read when first asked for: for findings' texts, the terminal and comments."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedlint.notebooks import CodeCell

_LINE_END = re.compile(r"\r\n|\r|\n")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Lines:
    """Lines by reported path. `contents` holds the bytes of files that are not read from the disk (stdin)."""

    def __init__(self, root: str, contents: Mapping[str, bytes] | None = None) -> None:
        self.root = root
        self._contents = dict(contents or {})
        self._lines: dict[str, list[str]] = {}
        self._cells: dict[str, tuple[CodeCell, ...]] = {}
        self._file_lines: dict[str, Mapping[int, list[int]]] = {}

    def data(self, path: str) -> bytes:
        """The file's bytes; none where it cannot be read."""
        if path not in self._contents:
            try:
                with open(os.path.join(self.root, path), "rb") as file:
                    self._contents[path] = file.read()
            except OSError:
                self._contents[path] = b""
        return self._contents[path]

    def read_line(self, path: str, line: int, cell: int | None = None) -> str | None:
        """The source line of a file, or of a notebook's cell, without its end; None where there is no such line."""
        lines = self._lines_of(path) if cell is None else self._lines_of_cell(path, cell)
        return lines[line - 1] if 0 < line <= len(lines) else None

    def file_line(self, path: str, line: int, cell: int | None = None) -> int | None:
        """The line of the file on which a line stands that is told by cell; None where it cannot be found."""
        if cell is None:
            return line
        if path not in self._file_lines:
            from seedlint.notebooks import file_lines

            by_position = file_lines(self.data(path).decode("utf-8-sig", "replace")) if self._cells_of(path) else {}
            self._file_lines[path] = {one.index: by_position.get(one.position, []) for one in self._cells_of(path)}
        lines = self._file_lines[path].get(cell, [])
        return lines[line - 1] if 0 < line <= len(lines) else None

    def _lines_of(self, path: str) -> list[str]:
        if path not in self._lines:
            text = decoded(self.data(path))
            self._lines[path] = _LINE_END.split(text) if text else []
        return self._lines[path]

    def _lines_of_cell(self, path: str, cell: int) -> list[str]:
        cells = self._cells_of(path)
        return cells[cell].lines if 0 <= cell < len(cells) else []

    def _cells_of(self, path: str) -> tuple[CodeCell, ...]:
        """A notebook's code cells; none where the file holds no notebook."""
        if path not in self._cells:
            from seedlint.notebooks import NoNotebook, read_notebook_file

            try:
                self._cells[path] = read_notebook_file(self.data(path)).cells
            except NoNotebook:
                self._cells[path] = ()
        return self._cells[path]


def decoded(data: bytes) -> str:
    """Python source as text, in the encoding that its first two lines declare; what cannot be decoded is replaced."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace")
    for line in data.split(b"\n", 2)[:2]:
        declared = _CODING.match(line)
        if declared:
            try:
                return data.decode(declared[1].decode(), "replace")
            except (LookupError, ValueError):
                break
    return data.decode("utf-8", "replace")
