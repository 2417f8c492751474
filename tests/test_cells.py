"""Lines of a notebook's joined module as cells and the lines within them."""

from __future__ import annotations

from seedlint.code.cells import in_cells
from seedlint.code.facts import Cell
from seedlint.uses import Circumstance, Evidence, Place, SeedUse, Use

CELLS = {"a.ipynb": (Cell(0, 1), Cell(3, 4), Cell(4, 4 + 10))}


def use(place: Place, *evidence: Evidence) -> SeedUse:
    return SeedUse(Use.FIXED_SEED, Circumstance.HARD_CODED, place, evidence)


def test_place_and_evidence_in_a_notebook_are_told_by_cell() -> None:
    moved = in_cells(
        use(Place("a.ipynb", 5, 3, 6, 9), Evidence("a.ipynb", 3, "x"), Evidence("a.ipynb", 99, "y")), CELLS
    )
    assert moved.place == Place("a.ipynb", 2, 3, 3, 9, cell=3)
    assert moved.evidence == (Evidence("a.ipynb", 3, "x", cell=0), Evidence("a.ipynb", 86, "y", cell=4))


def test_first_line_of_a_cell_is_line_1_and_an_unknown_end_stays_unknown() -> None:
    assert in_cells(use(Place("a.ipynb", 4)), CELLS).place == Place("a.ipynb", 1, cell=3)


def test_places_in_other_files_stay() -> None:
    mixed = use(Place("a.py", 5), Evidence("a.ipynb", 1, "x"), Evidence("a.py", 7, "y"))
    assert in_cells(mixed, CELLS).place == Place("a.py", 5)
    assert in_cells(mixed, CELLS).evidence == (Evidence("a.ipynb", 1, "x", cell=0), Evidence("a.py", 7, "y"))


def test_a_use_that_is_told_by_cell_already_stays() -> None:
    told = in_cells(use(Place("a.ipynb", 5), Evidence("a.ipynb", 5, "x")), CELLS)
    assert in_cells(told, CELLS) == told
