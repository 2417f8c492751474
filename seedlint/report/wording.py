"""The words that several renderers share: how a place is written, how things are counted and ordered."""

from __future__ import annotations

from collections.abc import Iterable

from seedlint.report import View
from seedlint.uses import Finding, Place


def locate(path: str, line: int, cell: int | None = None, column: int | None = None) -> str:
    """`train.py:3`, `train.py:3:5` or `study.ipynb:cell 2:3:5`, as editors and people read it."""
    parts = [path] if cell is None else [path, f"cell {cell}"]
    numbers = [line] if column is None else [line, column]
    return ":".join(parts + [str(number) for number in numbers])


def in_cell(place: Place) -> str:
    """`cell 2, line 3: ` for a place in a notebook, else nothing: formats that know only lines of a file need it."""
    return "" if place.cell is None else f"cell {place.cell}, line {place.line}: "


def known_line(view: View, path: str, line: int, cell: int | None) -> int | None:
    """The line of the file: for a line of a notebook's cell that of the JSON; None where it cannot be found."""
    if cell is None or view.file_line is None:
        return line if cell is None else None
    return view.file_line(path, line, cell)


def file_line(view: View, path: str, line: int, cell: int | None) -> int:
    """The line of the file, the first where it cannot be found."""
    return known_line(view, path, line, cell) or 1


def end_line(place: Place) -> int:
    """The last line of the place; its first where the end is not known."""
    return max(place.end_line, place.line)


def end_column(place: Place) -> int:
    """The column after the place; its first, hence an empty span, where the end is not known."""
    if place.end_line > place.line:
        return place.end_column or 1
    return max(place.end_column, place.column)


def one_line(text: str) -> str:
    """The text with each run of white space, line ends included, as one space."""
    return " ".join(text.split())


def count(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def title(finding: Finding) -> str:
    """`SL101 hard-coded-seed`."""
    return f"{finding.code} {finding.name}"


def reason(finding: Finding) -> str:
    """Why the author acknowledged the finding, in one line."""
    return one_line(finding.acknowledged or "") or "no reason given"


def urgent_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before warnings before notes, the acknowledged last, and within each as reported."""
    return sorted(findings, key=lambda finding: (finding.acknowledged is not None, -finding.severity.rank))


def rule_address(view: View, code: str, name: str) -> str | None:
    """Where the rule's page stands, if the view knows."""
    return None if view.rule_url is None else view.rule_url.format(code=code, name=name)
