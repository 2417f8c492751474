"""Reviews of papers as one HTML page that needs nothing beside it: sentences in context, the taxonomy, what to do instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, document_findings, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.report.taxonomy import ADVICE, MEANINGS, NAMES, REASONS
from seedlint.uses import Use

KINDS = ("risky", "safe", "other")
"""In the order in which a document's sentences are shown."""
NOTHING = "None of the five uses was found."

STYLE = """
:root { color-scheme: light dark; --line: #8886; --quote: #8881; --risky: #a3231b; --safe: #1b6e3c; --other: #5f6368; }
@media (prefers-color-scheme: dark) { :root { --risky: #ff8a80; --safe: #81c995; --other: #bdc1c6; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; break-after: avoid; } h2 { margin: 2.5rem 0 .5rem; } h3 { margin: 0; font-size: 1.05rem; }
section > section, article { border-top: 1px solid var(--line); padding: .75rem 0; break-inside: avoid; }
p { margin: .4rem 0; } small, .context { color: var(--other); } small { font-weight: normal; }
blockquote { margin: .5rem 0; padding: .5rem 1rem; border-left: .25rem solid var(--line); background: var(--quote); }
mark { background: none; color: inherit; font-weight: 600; }
article.risky blockquote { border-color: var(--risky); } article.safe blockquote { border-color: var(--safe); }
:is(h2, h3, td, strong).risky { color: var(--risky); } :is(h2, h3, td, strong).safe { color: var(--safe); }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--other); }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
@media print { body { max-width: none; margin: 0; } a { color: inherit; text-decoration: none; } }
"""


def render(reviews: Iterable[Review]) -> str:
    """All documents on one page."""
    documents = list(reviews)
    title = f"Random seeds in {_papers(len(documents))}"
    parts = [*_head(title), *(_overview(documents) if len(documents) > 1 else ())]
    for number, one in enumerate(documents, 1):
        parts.extend(_document(number, one))
    body = "\n".join([*parts, *_taxonomy()])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(title: str) -> Iterator[str]:
    yield f"<h1>{title}</h1>"
    yield (
        "<p>What the text says of random seeds, initialisations and repeated runs, and the use of each sentence after "
        "Bethard (2022). An aid to reading, not a verdict: sentences are classified one by one, and some are misread.</p>"
    )


def _overview(reviews: list[Review]) -> Iterator[str]:
    yield "<table>\n<caption>Sentences on seeds</caption>\n<thead><tr>"
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
    yield "</tbody>\n</table>"


def _document(number: int, review: Review) -> Iterator[str]:
    document = review.document
    yield f'<section id="paper-{number}">\n<h2>{escape(_name(review))}</h2>'
    pages = f"{document.pages} page{'s' * (document.pages > 1)}" if document.pages else ""
    known = [document.path, str(document.year or ""), pages]
    yield f'<p class="context">{escape(", ".join(part for part in known if part))}</p>'
    if document.status is not Status.OK:
        whole = "not all of it could be read" if document.status is Status.PARTIAL else "could not be read"
        reason = escape(document.reason or document.status.value)
        yield f'<p><strong class="risky">{document.status.value}</strong>: {whole}. {reason}</p>'
    if document.status in (Status.OK, Status.PARTIAL):
        found = f"Primary use: <strong>{NAMES[review.primary]}</strong>." if review.primary else NOTHING
        yield f"<p>{found}</p>"
    for finding in document_findings(review):
        yield from _whole(finding)
    for one in sorted(review.uses, key=lambda one: KINDS.index(_kind(one))):
        yield from _use(one, paged=document.pages > 0)
    yield "</section>"


def _whole(finding: PaperFinding) -> Iterator[str]:
    marks = f"{finding.severity.value}, confidence {finding.confidence:.2f}"
    yield f'<article>\n<h3 class="other">{finding.code} {finding.name} <small>({marks})</small></h3>'
    yield f"<p>{escape(finding.message)}.</p>\n<p>Instead: {escape(finding.help)}.</p>\n</article>"


def _use(one: PaperUse, *, paged: bool) -> Iterator[str]:
    rule, kind = rule_of(one), _kind(one)
    marks = f"{kind}, {rule.code} {rule.name}" if rule else kind
    name = NAMES[one.use] if one.use else "in another sense"
    place = [f"page {one.page}"] if paged else []
    place.append(one.section or one.kind.value)
    yield f'<article class="{kind}">\n<h3 class="{kind}">{name} <small>({marks}, confidence {one.confidence:.2f})</small></h3>'
    yield f'<p class="context">{escape(" · ".join(place))}</p>'
    sentences = [_quiet(one.prev), f"<mark>{escape(one.sentence)}</mark>", _quiet(one.next)]
    yield f"<blockquote>{' '.join(part for part in sentences if part)}</blockquote>"
    if one.why:
        yield f'<p class="context">Decided by: {escape(", ".join(one.why))}.</p>'
    if one.acknowledged:
        yield "<p>The text states the risk or a limit of resources.</p>"
    if rule:
        why = f' <a href="#{one.use.value}">Why it is risky</a>' if one.use in REASONS else ""
        yield f"<p>Instead: {escape(rule.help)}.{why}</p>"
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
