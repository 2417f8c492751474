"""The text that a notebook's cell hands to a shell, as a shell may read it: Python in braces becomes shell variables."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

PLACEHOLDER = "__escaped__"
"""The function whose call stands where a cell hands text to a shell; its arguments are the Python values in that text."""

OS = "__os__"
SYSTEM = f"{OS}.system"
"""What runs a command that a Python value holds whole; the reader says that it is `os.system`."""

PYTHON_VALUE = "__python_value_"
"""The shell variables that stand for those values, numbered as the arguments are."""

MAX_VALUES = 50
"""More braces than this on one line are data."""

_BRACES = re.compile(r"(?<!\$)(?:\{\{|\}\}|\{([^{}\n]+)\})")


@dataclass(frozen=True)
class Escape:
    """Text that a cell hands to a shell: its first line's number in the cell, and lines that keep their columns.

    Where parts of lines had to move, `moved` says so: (line, column from which on, how far to the right), counting from 0.
    `own_names` is whether its variables are all its own, as in a cell that is one script; `captured` whether the text
    assigns to a shell variable what the cell assigns to a Python one.
    """

    line: int
    text: str
    moved: tuple[tuple[int, int, int], ...] = ()
    own_names: bool = False
    captured: bool = False


class Script:
    """The text of a cell from a column on, as a shell may read it, and what in it has moved."""

    def __init__(self, text: str, start: int, opening: str = "", closing: str = "") -> None:
        self.values: list[str] = []
        self.moved: list[tuple[int, int, int]] = []
        self.captured = bool(closing)
        padding = " " * max(0, start - len(opening))
        first, *rest = text[start:].split("\n")
        lines = [self._line(0, padding + opening, first, start)]
        lines += [self._line(number, "", line, 0) for number, line in enumerate(rest, start=1)]
        self.text = "\n".join(lines) + closing

    def _line(self, number: int, opening: str, line: str, start: int) -> str:
        """A line with `{python}` as shell variables; `start` is the column at which it stands in the cell."""
        pieces, seen, length = [opening], 0, len(opening)
        self._note(number, length, length - start)
        for match in _BRACES.finditer(line):
            value = match[0][0] if match[1] is None else self._variable(match[1])
            if value:
                pieces += [line[seen : match.start()], value]
                length += match.start() - seen + len(value)
                seen = match.end()
                self._note(number, length, length - start - seen)
        return "".join([*pieces, line[seen:]])

    def _note(self, number: int, column: int, ahead: int) -> None:
        if ahead or self.moved:
            self.moved.append((number, column, ahead))

    def _variable(self, text: str) -> str:
        """The shell variable for the Python expression in braces; empty where braces of the shell's own stand there."""
        if len(self.values) >= MAX_VALUES:
            return ""
        for candidate in (text, text.rpartition(":")[0], text.rpartition("!")[0]):
            if candidate.strip() and is_python(f"({candidate.strip()})"):
                self.values.append(f"({candidate.strip()})")
                return f"${{{PYTHON_VALUE}{len(self.values) - 1}}}"
        return ""


def is_python(text: str) -> bool:
    """Whether text is a statement, or several."""
    return first_error(text) is None


def first_error(text: str) -> int | None:
    """The line at which text stops being Python, 0 where the parser names none; None where all of it is Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return 0
    return None
