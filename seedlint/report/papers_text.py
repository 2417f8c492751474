"""Reviews of papers for the terminal: the sentences, their use, why it is risky, and what their authors could do instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, deciding_words, document_findings, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.report.snippet import printable
from seedlint.report.taxonomy import NAMES, RISKS
from seedlint.report.wording import count
from seedlint.rulebook import Rule, load_rulebook

READ = (Status.OK, Status.PARTIAL)
NARROWEST = 40
"""Columns."""

CAUTION = "An aid to reading, not a verdict: sentences are classified one by one, and some are misread."
LEFT_OUT = "Safe uses and other sentences are not shown; --show-all lists them."


def render(reviews: Iterable[Review], *, show_all: bool = False, width: int = 100) -> str:
    """All documents, one under the other. Sentences of which no rule speaks are listed where `show_all` asks for them."""
    width, documents = max(width, NARROWEST), list(reviews)
    lines = [line for one in documents for line in _document(one, show_all, width)]
    if any(one.document.status in READ for one in documents):
        hidden = not show_all and any(not rule_of(use) for one in documents for use in one.uses)
        lines.append(fill(f"{CAUTION} {LEFT_OUT}" if hidden else CAUTION, width))
    return "\n".join(lines) + "\n"


def _document(review: Review, show_all: bool, width: int) -> Iterator[str]:
    document = review.document
    yield fill(f"{printable(document.path)}: {_summary(review)}", width, subsequent_indent="  ", break_on_hyphens=False)
    if document.reason:
        yield _part(f"{document.status.value}: {document.reason}", width, indent=2)
    told: set[str] = set()
    for finding in document_findings(review):
        yield from _whole(finding, told, width)
    for one in review.uses:
        if show_all or rule_of(one):
            yield from _use(one, told, review.document.pages > 0, width)
    yield ""


def _summary(review: Review) -> str:
    if review.document.status not in READ:
        return "could not be read"
    pages = count(review.document.pages, "page") if review.document.pages else "text"
    whole = "" if review.document.status is Status.OK else ", not all of them read"
    if not review.uses:
        return f"{pages}{whole}; no sentence on seeds was found"
    risky = sum(rule_of(one) is not None for one in review.uses)
    safe = sum(one.use is not None for one in review.uses) - risky
    other = len(review.uses) - risky - safe
    primary = f"; primary use: {NAMES[review.primary]}" if review.primary else ""
    return f"{pages}{whole}; sentences on seeds: {risky} risky, {safe} safe, {other} other{primary}"


def _whole(finding: PaperFinding, told: set[str], width: int) -> Iterator[str]:
    yield ""
    marks = f"{finding.severity.value}, confidence {finding.confidence:.2f}"
    yield _part(f"whole paper: {finding.code} {finding.name} ({marks})", width, indent=2)
    yield _part(finding.message, width, indent=4)
    yield from _advice(load_rulebook().find(finding.code), told, width)


def _use(one: PaperUse, told: set[str], paged: bool, width: int) -> Iterator[str]:
    rule = rule_of(one)
    name = NAMES[one.use] if one.use else "other"
    kind = f"risky, {rule.code} {rule.name}" if rule else "safe" if one.use else "none of the five uses"
    stated = ", risk stated" if one.acknowledged else ""
    place = ", ".join(part for part in (f"page {one.page}" if paged else "", one.section or one.kind.value) if part)
    yield ""
    yield _part(f"{place}: {name} ({kind}, confidence {one.confidence:.2f}{stated})", width, indent=2)
    yield _part(f"“{one.sentence}”", width, indent=4)
    if one.why:
        yield _note(f"decided by: {', '.join(deciding_words(one))}", width)
    if rule and not one.acknowledged:
        yield from _advice(rule, told, width)


def _advice(rule: Rule, told: set[str], width: int) -> Iterator[str]:
    """Why it is risky and what to do instead: once for each rule and document, the first time that it speaks."""
    if rule.code not in told:
        told.add(rule.code)
        yield _note(f"why: {RISKS[rule.circumstance]}", width)
        yield _note(f"instead: {rule.help}", width)


def _note(text: str, width: int) -> str:
    return fill(
        f"= {printable(text)}", width, initial_indent=" " * 4, subsequent_indent=" " * 6, break_on_hyphens=False
    )


def _part(text: str, width: int, indent: int) -> str:
    margin = " " * indent
    return fill(printable(text), width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
