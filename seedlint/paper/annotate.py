"""The PDF itself with highlights: exactly on the sentences, each with a comment that says its use and what to do instead."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from seedlint.chunks import one_line
from seedlint.files import write_file
from seedlint.paper.document import Box
from seedlint.paper.findings import deciding_words, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.uses import Circumstance

if TYPE_CHECKING:
    from pypdf import PdfWriter

RISKY_COLOUR, SAFE_COLOUR = "ffd166", "b7e4c7"
AUTHOR = "seedlint"
TOUCHING = 0.5
"""Points between two characters of turned text that still make one stretch."""


class AnnotationError(ValueError):
    """A PDF of which no annotated copy can be made, with the reason."""


class UnwrittenError(AnnotationError):
    """A copy that was made and cannot be written to the disk, with the reason."""


def places(papers: Sequence[Path], folder: Path) -> list[Path]:
    """Return where the copies of papers go: into `folder`, under their names; those of one name with that of their folders before.

    Where a name is taken, by a copy of this run or by a file that is no earlier copy, it says whose it is and a number: neither
    a paper nor anything else that is not ours is ever replaced.
    """
    sources = {paper.resolve() for paper in papers}
    files = Counter(paper.name for paper in papers)
    found: list[Path] = []
    for paper in papers:
        home = paper.resolve().parent.name if files[paper.name] > 1 else ""
        names = (folder / name for name in _names(f"{home}-{paper.stem}" if home else paper.stem, paper.suffix))
        found.append(next(place for place in names if place not in found and _is_free(place, sources)))
    return found


def _names(stem: str, suffix: str) -> Iterator[str]:
    yield f"{stem}{suffix}"
    yield f"{stem}.{AUTHOR}{suffix}"
    yield from (f"{stem}.{AUTHOR}-{number}{suffix}" for number in count(2))


def _is_free(place: Path, sources: set[Path]) -> bool:
    if place.resolve() in sources or place.is_dir():
        return False
    try:
        return f"/T ({AUTHOR})".encode() in place.read_bytes()
    except OSError:
        return not place.exists()


def annotate(review: Review, target: Path, risks: Mapping[Circumstance, str]) -> None:
    """Write a copy of the PDF to `target`, whose folder is made.

    Sentences in one of the five uses are highlighted, those of which a rule speaks with why it is risky, from `risks`, and what
    to do instead; one that goes on over the page has a highlight on each. AnnotationError where the file is encrypted or cannot
    be written anew; there is no part of a copy then.
    """
    source = Path(review.document.path)
    try:
        content = _annotated(source, review, risks)
    except (AnnotationError, MemoryError):
        raise
    except Exception as error:
        raise AnnotationError(f"{source}: no annotated copy: {one_line(error)}") from error
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(str(target), content)
    except OSError as error:
        raise UnwrittenError(f"{target}: no annotated copy: {error.strerror or error}") from error


def _annotated(source: Path, review: Review, risks: Mapping[Circumstance, str]) -> bytes:
    from pypdf import PdfReader, PdfWriter

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(source)
    if reader.is_encrypted:
        raise AnnotationError(f"{source}: encrypted, so no annotated copy is written")
    writer = PdfWriter(clone_from=reader)
    for one in review.uses:
        if one.use is not None:
            _highlight(writer, one, risks)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _highlight(writer: PdfWriter, one: PaperUse, risks: Mapping[Circumstance, str]) -> None:
    from pypdf.annotations import Highlight
    from pypdf.generic import ArrayObject, FloatObject, NameObject, TextStringObject

    for page in dict.fromkeys(box.page for box in one.boxes):
        boxes = stretches([box for box in one.boxes if box.page == page])
        quads = ArrayObject([FloatObject(number) for box in boxes for number in _quad(box)])
        colour = RISKY_COLOUR if rule_of(one) else SAFE_COLOUR
        mark = Highlight(rect=_around(boxes), quad_points=quads, highlight_color=colour, printing=True)
        mark[NameObject("/Contents")] = TextStringObject(_comment(one, risks))
        mark[NameObject("/T")] = TextStringObject(AUTHOR)
        writer.add_annotation(page_number=page - 1, annotation=mark)


def stretches(boxes: Sequence[Box]) -> list[Box]:
    """Return boxes with those joined that stand on one another, as the characters of text that runs up or down do."""
    found: list[Box] = []
    for box in boxes:
        last = found[-1] if found else None
        if last and (last.page, last.x0, last.x1) == (box.page, box.x0, box.x1) and _touch(last, box):
            found[-1] = Box(box.page, box.x0, min(last.y0, box.y0), box.x1, max(last.y1, box.y1))
        else:
            found.append(box)
    return found


def _touch(one: Box, other: Box) -> bool:
    return max(one.y0, other.y0) - min(one.y1, other.y1) <= TOUCHING


def _comment(one: PaperUse, risks: Mapping[Circumstance, str]) -> str:
    """The use, the words that decided it, why it is risky, and what to do instead: a line each."""
    assert one.use is not None
    name, rule = one.use.value.replace("_", " "), rule_of(one)
    words = [f"Decided by: {', '.join(deciding_words(one))}."] if one.why else []
    if rule is None:
        return "\n".join([f"{name} (safe)", *words])
    stated = ["The text states the risk or a limit of resources."] if one.acknowledged else []
    why = [f"Why it is risky: {risks[rule.circumstance]}."] if rule.circumstance in risks else []
    return "\n".join([f"{name} (risky, {rule.code} {rule.name})", *words, *stated, *why, f"Instead: {rule.help}."])


def _quad(box: Box) -> tuple[float, ...]:
    """The corners as readers expect them: upper left, upper right, lower left, lower right of the text.

    Text that runs up has its upper left corner at the lower left of the page. Readers round off the ends of a line: taken for
    its sides, these would swell over the lines beside it.
    """
    if box.y1 - box.y0 > box.x1 - box.x0:
        return box.x0, box.y0, box.x0, box.y1, box.x1, box.y0, box.x1, box.y1
    return box.x0, box.y1, box.x1, box.y1, box.x0, box.y0, box.x1, box.y0


def _around(boxes: list[Box]) -> tuple[float, float, float, float]:
    return min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes)
