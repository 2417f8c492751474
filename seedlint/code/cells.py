"""Where a line of a notebook's joined module stands in the notebook: its cell, and the line within it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

from seedlint.code.facts import Cell
from seedlint.uses import Evidence, Place, SeedUse


def in_cells(use: SeedUse, cells_of: Mapping[str, tuple[Cell, ...]]) -> SeedUse:
    """The use with every place that lies in a notebook told by cell and line; `cells_of` holds the notebooks' cells."""
    if use.place.path not in cells_of and not any(step.path in cells_of for step in use.evidence):
        return use
    evidence = tuple(step_in_cell(step, cells_of) for step in use.evidence)
    return replace(use, place=_place(use.place, cells_of.get(use.place.path, ())), evidence=evidence)


def joined_line(line: int, cell: int | None, cells: tuple[Cell, ...]) -> int:
    """The line of the joined module for a line of a cell."""
    start = next((item.line for item in cells if item.number == cell), None)
    return line if start is None else start + line - 1


def cell_of(line: int, cells: tuple[Cell, ...]) -> Cell | None:
    """The cell in which a line of the joined module stands."""
    position = bisect_right(cells, line, key=_first_line)
    return cells[position - 1] if position else None


def _first_line(cell: Cell) -> int:
    return cell.line


def _place(place: Place, cells: tuple[Cell, ...]) -> Place:
    cell = cell_of(place.line, cells) if place.cell is None else None
    if cell is None:
        return place
    above = cell.line - 1
    end_line = place.end_line - above if place.end_line else 0
    return replace(place, cell=cell.number, line=place.line - above, end_line=end_line)


def step_in_cell(step: Evidence, cells_of: Mapping[str, tuple[Cell, ...]]) -> Evidence:
    """A step told by cell and line where it stands in a notebook."""
    cell = cell_of(step.line, cells_of.get(step.path, ())) if step.cell is None else None
    return step if cell is None else replace(step, cell=cell.number, line=step.line - cell.line + 1)
