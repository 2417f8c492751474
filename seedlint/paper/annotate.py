"""The PDF itself with highlights: exactly on the sentences, each with a comment that says its use and what to do instead."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from seedlint.paper.document import Box
from seedlint.paper.review import PaperUse, Review
from seedlint.uses import Use

RISKY_COLOUR, SAFE_COLOUR = "ffd166", "b7e4c7"


class AnnotationError(ValueError):
    """A PDF of which no annotated copy can be written, with the reason."""


def annotate(review: Review, into: Path, advice: Mapping[Use, str]) -> Path:
    """Write a copy of the PDF into the folder `into`, under its own name, and return its path.

    Sentences in one of the five uses are highlighted, risky ones with `advice`; one that goes on over the page has a highlight
    on each. AnnotationError where the file is encrypted or cannot be written anew.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError

    source = Path(review.document.path)
    target = into / source.name
    if target.exists() and target.samefile(source):
        raise AnnotationError(f"{source}: the annotated copy would replace the paper itself")
    try:
        reader = PdfReader(source)
        if reader.is_encrypted:
            raise AnnotationError(f"{source}: encrypted, so no annotated copy is written")
        writer = PdfWriter(clone_from=reader)
        for one in review.uses:
            if one.use is not None:
                _highlight(writer, one, advice)
        into.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(target.name + ".new")
        with beside.open("wb") as file:
            writer.write(file)
        os.replace(beside, target)
    except (PyPdfError, OSError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise AnnotationError(f"{source}: no annotated copy: {type(error).__name__}: {error}") from error
    return target


def _highlight(writer: object, one: PaperUse, advice: Mapping[Use, str]) -> None:
    from pypdf.annotations import Highlight
    from pypdf.generic import ArrayObject, FloatObject, NameObject, TextStringObject

    for page in dict.fromkeys(box.page for box in one.boxes):
        boxes = [box for box in one.boxes if box.page == page]
        quads = ArrayObject([FloatObject(number) for box in boxes for number in _quad(box)])
        colour = RISKY_COLOUR if one.risky else SAFE_COLOUR
        mark = Highlight(rect=_around(boxes), quad_points=quads, highlight_color=colour, printing=True)
        mark[NameObject("/Contents")] = TextStringObject(_comment(one, advice))
        mark[NameObject("/T")] = TextStringObject("seedlint")
        writer.add_annotation(page_number=page - 1, annotation=mark)  # type: ignore[attr-defined]


def _comment(one: PaperUse, advice: Mapping[Use, str]) -> str:
    assert one.use is not None
    name = one.use.value.replace("_", " ")
    if one.use not in advice:
        return f"{name} (safe)"
    stated = " The risk is stated." if one.acknowledged else ""
    return f"{name} (risky).{stated} Instead: {advice[one.use]}."


def _quad(box: Box) -> tuple[float, ...]:
    """The corners as readers expect them: upper left, upper right, lower left, lower right."""
    return box.x0, box.y1, box.x1, box.y1, box.x0, box.y0, box.x1, box.y0


def _around(boxes: list[Box]) -> tuple[float, float, float, float]:
    return min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes)
