"""Reviews of papers for the terminal: the sentences, their use, and what their authors could do instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, document_findings, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.report.taxonomy import NAMES
from seedlint.report.wording import count


def render(reviews: Iterable[Review], *, show_all: bool = False, width: int = 100) -> str:
    """All documents, one under the other. Sentences of which no rule speaks are listed where `show_all` asks for them."""
    return "\n".join(line for one in reviews for line in _document(one, show_all, width)) + "\n"


def _document(review: Review, show_all: bool, width: int) -> Iterator[str]:
    document = review.document
    risky = [one for one in review.uses if rule_of(one)]
    safe = [one for one in review.uses if one.use is not None and not rule_of(one)]
    yield f"{document.path}: {_summary(review, len(risky), len(safe))}"
    if document.reason:
        yield f"  {document.status.value}: {document.reason}"
    for finding in document_findings(review):
        yield from _whole(finding, width)
    for one in review.uses if show_all else risky:
        yield from _use(one, width)
    yield ""


def _summary(review: Review, risky: int, safe: int) -> str:
    if review.document.status not in (Status.OK, Status.PARTIAL):
        return "could not be read"
    pages = count(review.document.pages, "page") if review.document.pages else "text"
    whole = "" if review.document.status is Status.OK else ", not all of them read"
    return f"{pages}{whole}; {risky} risky, {safe} safe and {len(review.uses) - risky - safe} other sentences on seeds"


def _whole(finding: PaperFinding, width: int) -> Iterator[str]:
    yield ""
    yield f"  whole paper: {finding.code} {finding.name} ({finding.severity.value}, confidence {finding.confidence:.2f})"
    yield fill(finding.message, width, initial_indent="    ", subsequent_indent="    ")
    yield _instead(finding.help, width)


def _use(one: PaperUse, width: int) -> Iterator[str]:
    rule = rule_of(one)
    name = NAMES[one.use] if one.use else "another sense"
    kind = f"{rule.code} {rule.name}, risky" if rule else "safe" if one.use else "no use"
    stated = "; the risk is stated" if one.acknowledged else ""
    yield ""
    yield f"  page {one.page}, {one.section or one.kind.value}: {name} ({kind}, confidence {one.confidence:.2f}{stated})"
    yield fill(f"“{one.sentence}”", width, initial_indent="    ", subsequent_indent="    ")
    if one.why:
        yield fill(f"= {', '.join(one.why)}", width, initial_indent="    ", subsequent_indent="      ")
    if rule and not one.acknowledged:
        yield _instead(rule.help, width)


def _instead(advice: str, width: int) -> str:
    return fill(f"= instead: {advice}", width, initial_indent="    ", subsequent_indent="      ")
