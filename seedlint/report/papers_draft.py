"""A courteous paragraph on a paper's seeds, with page references, for a reviewer to edit and paste."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import shorten

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, findings, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.report.taxonomy import NAMES
from seedlint.rulebook import load_rulebook
from seedlint.uses import Circumstance, Use

OPENINGS = {
    Circumstance.PAPER_TEST_SELECTION: "The best of several runs seems to be chosen by its score on the test data",
    Circumstance.PAPER_COMPARISON: "Methods seem to be compared by scores over runs that differ only in their random seeds",
    Circumstance.PAPER_FIXED: "Results seem to rest on a single random seed",
    Circumstance.PAPER_UNREPORTED: "Networks are trained, but I found nothing on seeds, random initialisations or repeated runs",
}
"""The most serious first."""

REASONS = {
    Circumstance.PAPER_TEST_SELECTION: "The best of several test scores is too high on average.",
    Circumstance.PAPER_COMPARISON: "Such scores describe one setting of the other hyperparameters, more than the methods.",
    Circumstance.PAPER_FIXED: "A single seed is one draw of the method, and another may score differently.",
    Circumstance.PAPER_UNREPORTED: "Without it, readers cannot tell what the results rest on.",
}
CHECK = "[A draft, from sentences classified one by one: please check each quotation in its place, and edit.]"
SOURCE = "Bethard (2022), “We need to talk about random seeds” (arXiv:2210.13393)"
NOTHING = "I have no request about random seeds: I found no sentence that rests on them in a risky way."
SILENT = "I found no sentence on random seeds, random initialisations or repeated runs, and have no request about them."
QUOTED = 2
"""So many sentences are quoted for each rule; of the others the pages are given."""

LONGEST = 300
"""Characters of a quotation."""


def render(reviews: Iterable[Review]) -> str:
    """One paragraph for each paper, below a reminder that it is a draft."""
    return "\n\n".join([CHECK, *(f"{_name(one)}\n\n{paragraph(one)}" for one in reviews)]) + "\n"


def paragraph(review: Review) -> str:
    """Return what a reviewer might write: no request where nothing risky was found, and nothing at all of what was not read."""
    status, reason = review.document.status, review.document.reason
    if status not in (Status.OK, Status.PARTIAL):
        return f"[No draft: the file could not be read ({reason or status.value}).]"
    found = _found(review)
    return f"[Not all of the file could be read: {reason}.] {found}" if status is Status.PARTIAL else found


def _name(review: Review) -> str:
    document = review.document
    return f"{document.path} ({document.title})" if document.title else document.path


def _found(review: Review) -> str:
    said, paged = findings(review), review.document.pages > 0
    parts = [_part(item, found, paged) for item in OPENINGS if (found := _of(said, item))]
    safe = _safe([one for one in review.uses if one.use is not None and not rule_of(one)], paged)
    if parts and safe:
        return f"{' '.join(parts)} I appreciate that seeds are also used in ways that are sound: {safe}. {_reasons()}"
    if parts:
        return f"{' '.join(parts)} {_reasons()}"
    if safe:
        return f"I appreciate that seeds are used in ways that are sound, {safe}, and have no request. See {SOURCE}."
    return NOTHING if review.uses else SILENT


def _reasons() -> str:
    return f"The reasons are given in {SOURCE}."


def _of(said: Iterable[PaperFinding], circumstance: Circumstance) -> list[PaperFinding]:
    """The findings of one rule, those whose risk is not stated and the surest first; none twice."""
    rule = load_rulebook().for_circumstance(circumstance)
    found = [one for one in said if rule is not None and one.code == rule.code]
    once = {(one.page, one.sentence): one for one in found}
    return sorted(once.values(), key=lambda one: (one.acknowledged, -one.confidence))


def _part(circumstance: Circumstance, found: Sequence[PaperFinding], paged: bool) -> str:
    quoted, others = found[:QUOTED], found[QUOTED:]
    quotes = " and ".join(_quote(one, paged) for one in quoted if one.sentence)
    pages = {one.page for one in others} - {one.page for one in quoted} if paged else set()
    more = f"; similarly on {_pages(pages)}" if pages else ""
    opening = f"{OPENINGS[circumstance]}: {quotes}{more}." if quotes else f"{OPENINGS[circumstance]}."
    if all(one.acknowledged for one in found):
        return f"{opening} The authors state this limit themselves, which is welcome; I have no further request on it."
    stated = " The authors state the risk in part, which is welcome." if any(one.acknowledged for one in found) else ""
    return f"{opening}{stated} {REASONS[circumstance]} I would kindly ask the authors to {found[0].help}."


def _quote(one: PaperFinding, paged: bool) -> str:
    return f"“{shorten(one.sentence, LONGEST, placeholder=' …')}”" + f" (p. {one.page})" * paged


def _safe(uses: Sequence[PaperUse], paged: bool) -> str:
    """`ensemble creation (p. 4) and model selection (pp. 2, 7)`."""
    found = []
    for use in Use:
        if pages := {one.page for one in uses if one.use is use}:
            found.append(f"{NAMES[use]} ({_pages(pages)})" if paged else NAMES[use])
    return _listed(found)


def _pages(pages: Iterable[int]) -> str:
    numbers = [str(page) for page in sorted(pages)]
    return f"{'p.' if len(numbers) == 1 else 'pp.'} {_listed(numbers)}"


def _listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
