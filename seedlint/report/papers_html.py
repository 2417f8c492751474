"""Reviews of papers as one HTML page that needs nothing beside it: sentences in context, the taxonomy, what to do instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from seedlint.paper.document import Status
from seedlint.paper.findings import PaperFinding, document_findings, rule_of
from seedlint.paper.review import PaperUse, Review
from seedlint.report.taxonomy import MEANINGS, NAMES, REASONS
from seedlint.uses import Use

STYLE = """
:root { color-scheme: light dark; --line: #8884; --risky: #b3261e; --safe: #1b6e3c; --other: #5f6368; }
@media (prefers-color-scheme: dark) { :root { --risky: #ff8a80; --safe: #81c995; --other: #bdc1c6; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid var(--line); padding: .5rem 0; break-inside: avoid; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: .25rem solid var(--line); }
mark { background: none; color: inherit; font-weight: 600; }
.risky { color: var(--risky); } .safe { color: var(--safe); } .other, .context { color: var(--other); }
table { border-collapse: collapse; } td, th { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; }
"""


def render(reviews: Iterable[Review]) -> str:
    """All documents on one page."""
    documents = list(reviews)
    body = "\n".join(part for parts in (_head(documents), *map(_document, documents), _taxonomy()) for part in parts)
    title = f"Random seeds in {_papers(len(documents))}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(reviews: list[Review]) -> Iterator[str]:
    yield f"<h1>Random seeds in {_papers(len(reviews))}</h1>"
    yield (
        "<p>What the text says of random seeds, initialisations and repeated runs, and the use of each sentence after "
        "Bethard (2022). An aid to reading, not a verdict: sentences are classified one by one, and some are misread.</p>"
    )


def _document(review: Review) -> Iterator[str]:
    document = review.document
    yield f"<section>\n<h2>{escape(document.title or document.path)}</h2>"
    known = [document.path, str(document.year or ""), f"{document.pages} pages" if document.pages else ""]
    yield f'<p class="context">{escape(", ".join(part for part in known if part))}</p>'
    if document.status is not Status.OK:
        yield f'<p class="risky"><strong>{document.status.value}</strong>: {escape(document.reason)}</p>'
    if document.status in (Status.OK, Status.PARTIAL):
        primary = (
            f"Primary use: <strong>{NAMES[review.primary]}</strong>."
            if review.primary
            else "None of the five uses was found."
        )
        yield f"<p>{primary}</p>"
    for finding in document_findings(review):
        yield from _whole(finding)
    for one in review.uses:
        yield from _use(one)
    yield "</section>"


def _whole(finding: PaperFinding) -> Iterator[str]:
    marks = f"{finding.severity.value}, confidence {finding.confidence:.2f}"
    yield f'<article>\n<h3 class="other">{finding.code} {finding.name} <small>({marks})</small></h3>'
    yield f"<p>{escape(finding.message)}.</p>\n<p>Instead: {escape(finding.help)}.</p>\n</article>"


def _use(one: PaperUse) -> Iterator[str]:
    rule = rule_of(one)
    kind = "risky" if rule else "safe" if one.use else "other"
    name = NAMES[one.use] if one.use else "in another sense"
    marks = f"{rule.code} {rule.name}, {kind}" if rule else kind
    yield f'<article>\n<h3 class="{kind}">{name} <small>({marks}, confidence {one.confidence:.2f})</small></h3>'
    yield f'<p class="context">Page {one.page}, {escape(one.section or one.kind.value)}</p>'
    context = [f'<span class="context">{escape(text)}</span>' for text in (one.prev, one.next)]
    yield f"<blockquote>{context[0]} <mark>{escape(one.sentence)}</mark> {context[1]}</blockquote>"
    if one.why:
        yield f"<p>Decided by: {escape(', '.join(one.why))}.</p>"
    if one.acknowledged:
        yield "<p>The text states the risk or a limit of resources.</p>"
    if one.use in REASONS:
        yield f"<p>Why it is risky: {REASONS[one.use]}.</p>"
    if rule:
        yield f"<p>Instead: {escape(rule.help)}.</p>"
    yield "</article>"


def _taxonomy() -> Iterator[str]:
    yield "<section>\n<h2>The five uses</h2>\n<table>\n<caption>After Bethard (2022), section 2</caption>"
    yield '<thead><tr><th scope="col">use</th><th scope="col"></th><th scope="col">what it is</th></tr></thead>\n<tbody>'
    for use in Use:
        kind = "safe" if use.safe else "risky"
        yield f'<tr><th scope="row">{NAMES[use]}</th><td class="{kind}">{kind}</td><td>{MEANINGS[use]}</td></tr>'
    yield "</tbody>\n</table>\n</section>"


def _papers(number: int) -> str:
    return "one paper" if number == 1 else f"{number} papers"
