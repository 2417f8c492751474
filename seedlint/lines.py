"""The source lines of one run's files, read when first asked for: for findings' texts, the terminal and comments."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_LINE_END = re.compile(r"\r\n|\r|\n")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Lines:
    """Lines by reported path. `contents` holds the bytes of files that are not read from the disk (stdin)."""

    def __init__(self, root: str, contents: Mapping[str, bytes] | None = None) -> None:
        self.root = root
        self._contents = dict(contents or {})
        self._lines: dict[str, list[str]] = {}

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
        """The source line without its end; None where there is no such line, or it stands in a notebook's cell."""
        if cell is not None:
            return None
        if path not in self._lines:
            text = decoded(self.data(path))
            self._lines[path] = _LINE_END.split(text) if text else []
        lines = self._lines[path]
        return lines[line - 1] if 0 < line <= len(lines) else None


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
