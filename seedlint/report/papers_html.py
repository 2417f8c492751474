"""Reviews of papers as one HTML page that needs nothing beside it: sentences in context, the taxonomy, what to do instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, deciding_words, document_findings, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.report.html_page import page
from seedlint.report.taxonomy import ADVICE, MEANINGS, NAMES, REASONS, RISKS
from seedlint.report.wording import count
from seedlint.rulebook import Rule, load_rulebook
from seedlint.uses import Use

KINDS = ("risky", "safe", "other")
"""In the order in which a document's sentences are shown."""
NOTHING = "None of the five uses was found."


def render(reviews: Iterable[Review]) -> str:
    """All documents on one page."""
    documents = list(reviews)
    title = f"Random seeds in {_papers(len(documents))}"
    parts = [*_head(title), *(_overview(documents) if len(documents) > 1 else ())]
    for number, one in enumerate(documents, 1):
        parts.extend(_document(number, one))
    return page(title, [*parts, *_taxonomy()])


def _head(title: str) -> Iterator[str]:
    yield f"<h1>{title}</h1>"
    yield (
        "<p>What the text says of random seeds, initialisations and repeated runs, and the use of each sentence after "
        "Bethard (2022). An aid to reading, not a verdict: sentences are classified one by one, and some are misread.</p>"
    )


def _overview(reviews: list[Review]) -> Iterator[str]:
    yield '<div class="scroll">\n<table>\n<caption><span>Sentences on seeds</span></caption>\n<thead><tr>'
    yield '<th scope="col">paper</th>' + "".join(f'<th scope="col" class="number">{kind}</th>' for kind in KINDS)
    yield "</tr></thead>\n<tbody>"
    for number, one in enumerate(reviews, 1):
        name = f'<th scope="row"><a href="#paper-{number}">{escape(_name(one))}</a></th>'
        if one.document.status in (Status.OK, Status.PARTIAL):
            counts = Counter(_kind(use) for use in one.uses)
            cells = "".join(f'<td class="number">{counts[kind]}</td>' for kind in KINDS)
        else:
            cells = f'<td colspan="{len(KINDS)}" class="number"><strong class="risky">not read</strong></td>'
        yield f"<tr>{name}{cells}</tr>"
    yield "</tbody>\n</table>\n</div>"


def _document(number: int, review: Review) -> Iterator[str]:
    document = review.document
    yield f'<section id="paper-{number}">\n<h2>{escape(_name(review))}</h2>'
    pages = count(document.pages, "page") if document.pages else ""
    known = [document.path, str(document.year or ""), pages]
    yield f'<p class="context">{escape(", ".join(part for part in known if part))}</p>'
    if document.status is not Status.OK:
        whole = "not all of it could be read" if document.status is Status.PARTIAL else "could not be read"
        reason = escape(document.reason or document.status.value)
        yield f'<p><strong class="risky">{document.status.value}</strong>: {whole}. {reason}</p>'
    if document.status in (Status.OK, Status.PARTIAL):
        yield f"<p>{_counted(review)}</p>"
    for finding in document_findings(review):
        yield from _whole(finding)
    paged = document.pages > 0
    for rule in _loudest_first(review):
        yield from _risky(rule, [one for one in review.uses if rule_of(one) == rule], paged)
    for use in Use:
        yield from _safe(use, [one for one in review.uses if one.use is use and not rule_of(one)], paged)
    yield from _others([one for one in review.uses if one.use is None], paged)
    yield "</section>"


def _loudest_first(review: Review) -> list[Rule]:
    """The rules that speak of a document's sentences."""
    spoken = {rule.code: rule for one in review.uses if (rule := rule_of(one))}
    return sorted(spoken.values(), key=lambda rule: (-rule.severity.rank, rule.code))


def _counted(review: Review) -> str:
    if not review.uses:
        return NOTHING
    counts = Counter(map(_kind, review.uses))
    primary = f"Primary use: <strong>{NAMES[review.primary]}</strong>." if review.primary else NOTHING
    return f"Sentences on seeds: {', '.join(f'{counts[kind]} {kind}' for kind in KINDS)}. {primary}"


def _whole(finding: PaperFinding) -> Iterator[str]:
    rule = load_rulebook().find(finding.code)
    marks = f"{finding.code} {finding.name}, {finding.severity.value}, confidence {finding.confidence:.2f}"
    yield f'<section>\n<h3 class="other">the whole paper <small>({marks})</small></h3>'
    yield f"<p>{escape(_sentence(finding.message))}</p>\n<p>Why it matters: {escape(RISKS[rule.circumstance])}.</p>"
    yield f"<p>Instead: {escape(finding.help)}.</p>\n</section>"


def _risky(rule: Rule, uses: list[PaperUse], paged: bool) -> Iterator[str]:
    assert rule.use is not None
    marks = f"risky, {rule.code} {rule.name}"
    yield f'<section class="risky">\n<h3 class="risky">{NAMES[rule.use]} <small>({marks})</small></h3>'
    yield f"<p>Why it is risky: {escape(RISKS[rule.circumstance])}.</p>\n<p>Instead: {escape(rule.help)}.</p>"
    yield from (line for one in uses for line in _use(one, paged))
    yield "</section>"


def _safe(use: Use, uses: list[PaperUse], paged: bool) -> Iterator[str]:
    if uses:
        yield f'<section class="safe">\n<h3 class="safe">{NAMES[use]} <small>(safe)</small></h3>'
        yield from (line for one in uses for line in _use(one, paged))
        yield "</section>"


def _others(uses: list[PaperUse], paged: bool) -> Iterator[str]:
    if uses:
        number = count(len(uses), "sentence")
        yield f"<details>\n<summary><h3>other <small>({number} in none of the five uses)</small></h3></summary>"
        yield from (line for one in uses for line in _use(one, paged))
        yield "</details>"


def _use(one: PaperUse, paged: bool) -> Iterator[str]:
    place = [f"page {one.page}"] if paged else []
    yield "<article>"
    yield f'<p class="context">{escape(" · ".join([*place, one.section or one.kind.value]))} · confidence {one.confidence:.2f}</p>'
    sentences = [_quiet(one.prev), f"<mark>{escape(one.sentence)}</mark>", _quiet(one.next)]
    yield f"<blockquote>{' '.join(part for part in sentences if part)}</blockquote>"
    if one.why:
        yield f'<p class="context">Decided by: {escape(", ".join(deciding_words(one)))}.</p>'
    if one.acknowledged:
        yield "<p>The text states the risk or a limit of resources.</p>"
    yield "</article>"


def _taxonomy() -> Iterator[str]:
    yield "<section>\n<h2>The five uses</h2>\n<p>After Bethard (2022), section 2.</p>"
    for use in Use:
        kind = "safe" if use.safe else "risky"
        yield f'<section id="{use.value}">\n<h3 class="{kind}">{NAMES[use]} <small>({kind})</small></h3>'
        yield f"<p>{_sentence(MEANINGS[use])}</p>"
        if use in ADVICE:
            yield f"<p>Why it is risky: {REASONS[use]}.</p>\n<p>Instead: {ADVICE[use]}.</p>"
        yield "</section>"
    yield "</section>"


def _name(review: Review) -> str:
    return review.document.title or review.document.path


def _kind(one: PaperUse) -> str:
    return "risky" if rule_of(one) else "safe" if one.use else "other"


def _quiet(text: str) -> str:
    return f'<span class="context">{escape(text)}</span>' if text else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _papers(number: int) -> str:
    return "one paper" if number == 1 else f"{number} papers"
