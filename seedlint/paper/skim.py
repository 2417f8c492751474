"""Reads of a PDF the pages that its first pass shows to be worth it, for a survey; all of it wherever that is in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from seedlint.paper.document import Document, Status
from seedlint.paper.findings import SlimReview, document_findings
from seedlint.paper.first_pass import Glance
from seedlint.paper.limits import TimeUp
from seedlint.paper.pdf import Limits, read_pdf
from seedlint.paper.pdfium import page_texts
from seedlint.paper.review import Review, review
from seedlint.paper.source import read

LIMITS = Limits()


def skim(path: Path) -> Review:
    """Review a file; of a PDF with a text to trust only the chosen pages. What its rules say of a whole paper is said of all.

    The reason of the document names the pages that were not read.
    """
    glance = _glance(path)
    if glance is None or len(chosen := glance.chosen()) == len(glance.texts):
        return review(read(path))
    document = read_pdf(path, LIMITS, chosen)
    if document.status is not Status.OK or document.pages != len(glance.texts):
        return review(_all_of(path, document))
    left_out = _named(set(range(1, document.pages + 1)) - chosen)
    reason = f"not read, as no word of seeds or runs is there: {left_out}"
    found = review(replace(document, reason="; ".join(filter(None, (document.reason, reason)))))
    whole = document_findings(replace(found, document=glance.document(document.path)))
    return SlimReview(found.document, found.uses, whole)


def _glance(path: Path) -> Glance | None:
    """The first pass over a PDF; None where there is none, or nothing to trust."""
    try:
        with path.open("rb") as file:
            if b"%PDF-" not in file.read(1024) or path.stat().st_size > LIMITS.bytes:
                return None
        texts = page_texts(path, LIMITS.pages)
    except OSError:
        return None
    glance = Glance(tuple(texts)) if texts else None
    return glance if glance and glance.is_trusted else None


def _all_of(path: Path, document: Document) -> Document:
    """All of a file, some pages of which are no plain case; what was read of it where the time does not suffice for more."""
    try:
        return read(path)
    except TimeUp:
        return document


def _named(pages: Iterable[int]) -> str:
    """Name pages, those that follow one another together: "pages 2-4, 7"."""
    runs = [[page for _, page in run] for _, run in groupby(enumerate(sorted(pages)), lambda pair: pair[1] - pair[0])]
    parts = [f"{run[0]}-{run[-1]}" if run[1:] else str(run[0]) for run in runs]
    return f"page{'s' if len(runs) > 1 or runs[0][1:] else ''} {', '.join(parts)}"
