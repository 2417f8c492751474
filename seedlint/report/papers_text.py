"""Reviews of papers for the terminal: the sentences, their use, and what their authors could do instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill

from seedlint.paper.document import Status
from seedlint.paper.review import PaperUse, Review
from seedlint.report.taxonomy import ADVICE, NAMES


def render(reviews: Iterable[Review], *, show_all: bool = False, width: int = 100) -> str:
    """All documents, one under the other. Safe uses and the rest are listed where `show_all` asks for them."""
    return "\n".join(line for one in reviews for line in _document(one, show_all, width)) + "\n"


def _document(review: Review, show_all: bool, width: int) -> Iterator[str]:
    document = review.document
    risky = [one for one in review.uses if one.risky]
    safe = [one for one in review.uses if one.use is not None and one.use.safe]
    yield f"{document.path}: {_summary(review, len(risky), len(safe))}"
    if document.reason:
        yield f"  {document.status.value}: {document.reason}"
    for one in review.uses if show_all else risky:
        yield from _use(one, width)
    yield ""


def _summary(review: Review, risky: int, safe: int) -> str:
    if review.document.status not in (Status.OK, Status.PARTIAL):
        return "could not be read"
    pages = f"{review.document.pages} pages" if review.document.pages else "text"
    whole = "" if review.document.status is Status.OK else ", not all of them read"
    return f"{pages}{whole}; {risky} risky, {safe} safe and {len(review.uses) - risky - safe} other sentences on seeds"


def _use(one: PaperUse, width: int) -> Iterator[str]:
    name = NAMES[one.use] if one.use else "another sense"
    kind = "risky" if one.risky else "safe" if one.use else "no use"
    stated = "; the risk is stated" if one.acknowledged else ""
    yield ""
    yield f"  page {one.page}, {one.section or one.kind.value}: {name} ({kind}, confidence {one.confidence:.2f}{stated})"
    yield fill(f"“{one.sentence}”", width, initial_indent="    ", subsequent_indent="    ")
    if one.why:
        yield fill(f"= {', '.join(one.why)}", width, initial_indent="    ", subsequent_indent="      ")
    if one.use in ADVICE and not one.acknowledged:
        yield fill(f"= instead: {ADVICE[one.use]}", width, initial_indent="    ", subsequent_indent="      ")
