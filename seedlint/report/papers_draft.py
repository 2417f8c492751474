"""A courteous paragraph on a paper's seeds, with page references, for a reviewer to edit and paste."""

from __future__ import annotations

from collections.abc import Iterable

from seedlint.paper.review import PaperUse, Review
from seedlint.report.taxonomy import ADVICE, NAMES
from seedlint.uses import Use

OPENINGS = {
    Use.FIXED_SEED: "The experiments seem to rest on a single random seed",
    Use.PERFORMANCE_COMPARISON: "Methods seem to be compared by scores over runs that differ only in their random seeds",
}
REQUESTS = {
    Use.FIXED_SEED: ("A single seed reports one draw of the method. If resources allow, I would suggest to {advice}."),
    Use.PERFORMANCE_COMPARISON: (
        "Such scores describe one setting of the other hyperparameters. For a claim about the methods, I would suggest to {advice}."
    ),
}
QUOTED = 2
"""So many sentences are quoted for each use; of the others the pages are given."""


def render(reviews: Iterable[Review]) -> str:
    """One paragraph for each paper."""
    return "\n\n".join(f"{one.document.path}\n\n{paragraph(one)}" for one in reviews) + "\n"


def paragraph(review: Review) -> str:
    """Return what a reviewer might write, which is nothing but thanks where nothing risky was found."""
    parts = [_part(use, found) for use in REQUESTS if (found := _of(review, use))]
    safe = sorted({NAMES[one.use] for one in review.uses if one.use is not None and one.use.safe})
    if safe:
        parts.append(f"The paper also uses seeds in ways that are sound ({', '.join(safe)}), which I appreciate.")
    if not parts:
        return "I found no sentence that rests on random seeds in a risky way."
    return " ".join([*parts, "See Bethard (2022), “We need to talk about random seeds”, for the reasons."])


def _of(review: Review, use: Use) -> list[PaperUse]:
    return [one for one in review.uses if one.use is use]


def _part(use: Use, found: list[PaperUse]) -> str:
    quotes = "; ".join(f"“{one.sentence}” (p. {one.page})" for one in found[:QUOTED])
    pages = sorted({one.page for one in found[QUOTED:]})
    more = f"; see also p. {', '.join(map(str, pages))}" if pages else ""
    stated = " The authors state the risk, which is welcome." if any(one.acknowledged for one in found) else ""
    return f"{OPENINGS[use]}: {quotes}{more}.{stated} {REQUESTS[use].format(advice=ADVICE[use])}"
