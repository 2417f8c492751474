"""A notebook as its file holds it: the source of each cell, and on which line of the JSON each of its lines stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python; `str.splitlines` knows more."""


class NoNotebook(ValueError):
    """Bytes that hold no notebook, and why, in one line."""


@dataclass(frozen=True)
class CodeCell:
    """A code cell: its index among the code cells, from 0, and its source.

    `position` is its index in the file's list of cells of all kinds; `language` is there where the cell names its own.
    """

    index: int
    position: int
    source: str
    language: str = ""

    @property
    def lines(self) -> list[str]:
        """The lines of the source, without their ends."""
        return LINE_END.split(self.source)


@dataclass(frozen=True)
class Notebook:
    """The code of a notebook; `language` is that of its kernel, in lower case, empty where the file does not say."""

    language: str
    cells: tuple[CodeCell, ...]


def read_notebook_file(content: bytes) -> Notebook:
    """The code cells of nbformat 3 and 4; NoNotebook where the bytes hold something else."""
    if not content.strip():
        return Notebook("", ())
    document = _document(content)
    if not isinstance(document, dict):
        raise NoNotebook("is no notebook: it holds no JSON object")
    cells = _cells(document)
    if cells is None:
        raise NoNotebook("is no notebook: it has no list of cells")
    metadata = document.get("metadata")
    listed = [
        (position, cell)
        for position, cell in enumerate(cells)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    code = [
        CodeCell(index, position, _source(cell), _cell_language(cell)) for index, (position, cell) in enumerate(listed)
    ]
    return Notebook(_language(metadata if isinstance(metadata, dict) else {}), tuple(code))


def _document(content: bytes) -> object:
    import json

    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NoNotebook(f"cannot be decoded: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        if content.startswith(b"version https://git-lfs"):
            raise NoNotebook("is a pointer of Git LFS, not the notebook itself") from error
        raise NoNotebook(f"line {error.lineno}: is no JSON: {error.msg}") from error
    except (RecursionError, ValueError) as error:
        raise NoNotebook(
            "is no notebook: its JSON is nested too deeply or holds a number of too many digits"
        ) from error


def _cells(document: dict[str, Any]) -> list[Any] | None:
    """The cells of all kinds; those of all worksheets in nbformat 3."""
    cells, sheets = document.get("cells"), document.get("worksheets")
    if isinstance(cells, list):
        return cells
    if not isinstance(sheets, list):
        return None
    of_sheets = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for cells in of_sheets if isinstance(cells, list) for cell in cells]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _language(metadata: dict[str, Any]) -> str:
    """The language of the kernel; the name of R's kernel says it where nothing else does."""
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    info, kernel = info if isinstance(info, dict) else {}, kernel if isinstance(kernel, dict) else {}
    name = info.get("name") or kernel.get("language") or {"ir": "r"}.get(str(kernel.get("name")))
    return name.lower() if isinstance(name, str) else ""


def _cell_language(cell: dict[str, Any]) -> str:
    """The language that an editor for several languages, or nbformat 3, notes for a cell."""
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    editor = metadata.get("vscode")
    name = editor.get("languageId") if isinstance(editor, dict) else metadata.get("kernel", cell.get("language"))
    return name.lower() if isinstance(name, str) else ""


@dataclass(frozen=True)
class Literal:
    """A JSON string that holds a cell's source or a part of it: where it begins and ends in the file's text."""

    start: int
    end: int


_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_SOURCES = {("cells", "source"): 3, ("worksheets", "input"): 5}
"""The first key on the way to a source and the last one, and how many containers are open there."""


@dataclass
class _Container:
    """An object or a list that the scan is in; `key` is the present key or index, None where a key is to come."""

    is_object: bool
    key: str | int | None = field(default=None)


def source_literals(text: str) -> dict[int, list[Literal]]:
    """The strings that hold the source of each cell of any kind, by its position, found without building the document."""
    found: dict[int, list[Literal]] = {}
    stack: list[_Container] = []
    cell = -1
    for match in _TOKEN.finditer(text):
        token = match[0]
        top = stack[-1] if stack else None
        if token in "{[":
            cell += token == "{" and _is_list_of_cells(stack)
            stack.append(_Container(token == "{", None if token == "{" else 0))
        elif token in "}]":
            del stack[-1:]
        elif top is None:
            continue
        elif token == ",":
            top.key = None if top.is_object else int(top.key or 0) + 1
        elif top.is_object and top.key is None:
            top.key = token[1:-1]
        elif _is_source(stack):
            found.setdefault(cell, []).append(Literal(*match.span()))
    return found


def _is_list_of_cells(stack: Sequence[_Container]) -> bool:
    depth = {"cells": 2, "worksheets": 4}.get(str(stack[0].key)) if stack else None
    return len(stack) == depth and (depth == 2 or stack[2].key == "cells")


def _is_source(stack: Sequence[_Container]) -> bool:
    """Whether a string found here is a cell's source, or a part of one."""
    within = stack if stack[-1].is_object else stack[:-1]
    return _SOURCES.get((str(stack[0].key), str(within[-1].key))) == len(within)


def file_lines(text: str) -> dict[int, list[int]]:
    """For each cell of any kind, by position, the line of the file on which each line of its source stands."""
    import json

    result: dict[int, list[int]] = {}
    line, seen = 1, 0
    for cell, literals in source_literals(text).items():
        starts: list[tuple[int, str]] = []
        for literal in literals:
            line += text.count("\n", seen, literal.start)
            seen = literal.start
            starts.append((line, json.loads(text[literal.start : literal.end], strict=False)))
        result[cell] = list(_line_starts(starts))
    return result


def _line_starts(parts: Sequence[tuple[int, str]]) -> Iterator[int]:
    """The file's line for each line of a source that is written in parts, each with its line of the file."""
    fresh = True
    for line, part in parts:
        if part:
            closed = part.endswith(("\n", "\r"))
            yield from [line] * (fresh + len(LINE_END.findall(part)) - closed)
            fresh = closed
