"""A courteous paragraph on a paper's seeds, with page references, for a reviewer to edit and paste."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, findings, rule_of
from seedlint.paper.review import Review
from seedlint.report.taxonomy import NAMES
from seedlint.rulebook import load_rulebook
from seedlint.uses import Circumstance

OPENINGS = {
    Circumstance.PAPER_FIXED: "The experiments seem to rest on a single random seed",
    Circumstance.PAPER_COMPARISON: "Methods seem to be compared by scores over runs that differ only in their random seeds",
    Circumstance.PAPER_TEST_SELECTION: "The best of several runs seems to be chosen by its score on the test data",
    Circumstance.PAPER_UNREPORTED: "Networks are trained, but I found nothing on seeds, random initialisations or repeated runs",
}
REASONS = {
    Circumstance.PAPER_FIXED: "A single seed reports one draw of the method. If resources allow, I",
    Circumstance.PAPER_COMPARISON: (
        "Such scores describe one setting of the other hyperparameters. For a claim about the methods, I"
    ),
    Circumstance.PAPER_TEST_SELECTION: "The best of several test scores is too high on average. I",
    Circumstance.PAPER_UNREPORTED: "Readers cannot tell what the results rest on. I",
}
QUOTED = 2
"""So many sentences are quoted for each rule; of the others the pages are given."""


def render(reviews: Iterable[Review]) -> str:
    """One paragraph for each paper."""
    return "\n\n".join(f"{one.document.path}\n\n{paragraph(one)}" for one in reviews) + "\n"


def paragraph(review: Review) -> str:
    """Return what a reviewer might write: no request where nothing risky was found, and nothing at all of what was not read."""
    status, reason = review.document.status, review.document.reason
    if status not in (Status.OK, Status.PARTIAL):
        return f"[No draft: the file could not be read ({reason or status.value}).]"
    found = _found(review)
    return f"[Not all of the file could be read: {reason}.] {found}" if status is Status.PARTIAL else found


def _found(review: Review) -> str:
    said = findings(review)
    parts = [_part(item, found, paged=review.document.pages > 0) for item in OPENINGS if (found := _of(said, item))]
    safe = sorted({NAMES[one.use] for one in review.uses if one.use is not None and not rule_of(one)})
    if safe:
        also = "also " if parts else ""
        parts.append(f"The paper {also}uses seeds in ways that are sound ({', '.join(safe)}), which I appreciate.")
    if not parts:
        return "I found no sentence that rests on random seeds in a risky way."
    return " ".join([*parts, "See Bethard (2022), “We need to talk about random seeds”, for the reasons."])


def _of(said: Iterable[PaperFinding], circumstance: Circumstance) -> list[PaperFinding]:
    rule = load_rulebook().for_circumstance(circumstance)
    return [one for one in said if rule is not None and one.code == rule.code]


def _part(circumstance: Circumstance, found: Sequence[PaperFinding], *, paged: bool) -> str:
    quoted, others = found[:QUOTED], found[QUOTED:]
    quotes = "; ".join(f"“{one.sentence}”" + f" (p. {one.page})" * paged for one in quoted if one.sentence)
    pages = sorted({one.page for one in others} - {one.page for one in quoted}) if paged else []
    more = f"; see also p. {', '.join(map(str, pages))}" if pages else ""
    opening = f"{OPENINGS[circumstance]}: {quotes}{more}." if quotes else f"{OPENINGS[circumstance]}."
    stated = " The authors state the risk, which is welcome." if any(one.acknowledged for one in found) else ""
    return f"{opening}{stated} {REASONS[circumstance]} would suggest to {found[0].help}."
