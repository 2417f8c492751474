"""A survey of papers as one HTML page that needs nothing beside it: every number leads to its documents and sentences."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from seedlint.paper.classify import OTHER
from seedlint.paper.document import Status
from seedlint.paper.findings import findings, rule_of, rules_of_papers
from seedlint.paper.review import PaperUse
from seedlint.paper.survey import Surveyed
from seedlint.paper.tally import Share, YearRow, by_year, risky_first, tally
from seedlint.report.html_page import page
from seedlint.report.survey_text import CAUTION, documents, not_read, percent
from seedlint.report.taxonomy import ADVICE, MEANINGS, NAMES, REASONS
from seedlint.report.wording import count
from seedlint.uses import Use

FEW = 20
"""So many sentences of one use are shown at once; more are folded until they are asked for."""


@dataclass(frozen=True)
class Entry:
    """A paper and the numbers in the page's anchors: its own, and that of its first sentence."""

    number: int
    first: int
    paper: Surveyed

    @property
    def label(self) -> str:
        """What a reader knows the paper by."""
        return escape(self.paper.review.document.title or self.paper.name)

    def sentences(self, use: Use | None) -> Iterator[tuple[str, PaperUse]]:
        """The sentences of a use, each with its anchor."""
        for number, one in enumerate(self.paper.review.uses, self.first):
            if one.use is use:
                yield f"s{number}", one


def render(papers: Sequence[Surveyed], chart: bytes | None = None) -> str:
    """Return the page; `chart` is the chart by year as SVG."""
    entries = _entries(papers)
    parts = [
        *_head(papers),
        *_uses(papers),
        *_rules(papers),
        *_years(by_year(papers), chart),
        *(line for use in (*risky_first(), None) for line in _sentences(entries, use)),
        *_lists(entries),
        *_unread(entries),
        *_documents(entries),
    ]
    return page(f"Random seeds in {documents(len(papers))}", parts, wide=True)


def _entries(papers: Sequence[Surveyed]) -> list[Entry]:
    entries, first = [], 1
    for number, paper in enumerate(papers, 1):
        entries.append(Entry(number, first, paper))
        first += len(paper.review.uses)
    return entries


def _head(papers: Sequence[Surveyed]) -> Iterator[str]:
    counted = tally(papers)
    whole = counted.statuses.get(Status.OK, 0) == counted.documents
    ended = "all read whole" if whole else _link("unread", not_read(counted))
    yield f"<h1>Random seeds in {documents(len(papers))}</h1>"
    yield f"<p>{_link('documents', documents(counted.documents))}, {ended}.</p>\n<p>{CAUTION}</p>"
    if counted.read:
        using, risky = _number("using", counted.using.count), _number("risky", counted.risky.count)
        yield (
            f"<p>{using} of the {counted.read} read use seeds in one of the five ways; {risky} in a risky one: "
            f"{percent(counted.risky)}. Intervals in parentheses are Wilson’s, at 95 %.</p>"
        )


def _uses(papers: Sequence[Surveyed]) -> Iterator[str]:
    counted = tally(papers)
    yield '<section>\n<h2>Uses</h2>\n<div class="scroll">\n<table>'
    yield "<caption><span>Documents by use of random seeds, after Bethard (2022, Table 1)</span></caption>"
    heads = ("use", "kind", f"with it, of {counted.read}", "share", f"primary, of {counted.using.count}", "share")
    yield _head_row(heads, numbers=(2, 4))
    for row in counted.rows:
        name = f'<th scope="row">{_link(_anchor(row.use), NAMES[row.use])}</th>'
        cells = _counted(_anchor(row.use), row.present) + _counted(f"primary-{row.use.value}", row.primary)
        yield f'<tr>{name}<td class="{_kind(row.use)}">{_kind(row.use)}</td>{cells}</tr>'
    others = _link(_anchor(None), "Sentences on seeds in none of the five uses")
    yield f"</tbody>\n</table>\n</div>\n<p>{others}</p>\n</section>"


def _rules(papers: Sequence[Surveyed]) -> Iterator[str]:
    counted = tally(papers)
    yield '<section>\n<h2>Rules</h2>\n<div class="scroll">\n<table>\n'
    yield "<caption><span>Documents by what the rules say of them</span></caption>"
    heads = ("rule", "severity", f"documents, of {counted.read}", "share", "findings", "with the risk stated")
    yield _head_row(heads, numbers=(2, 4, 5))
    for row in counted.rules:
        name = f'<th scope="row">{row.rule.code} {row.rule.name}</th><td>{row.rule.severity.value}</td>'
        numbers = "".join(f'<td class="number">{number}</td>' for number in (row.findings, row.stated))
        yield f"<tr>{name}{_counted(f'rule-{row.rule.code}', row.documents)}{numbers}</tr>"
    yield "</tbody>\n</table>\n</div>\n</section>"


def _counted(anchor: str, share: Share) -> str:
    return f'<td class="number">{_number(anchor, share.count)}</td><td class="share">{percent(share)}</td>'


def _years(years: Sequence[YearRow], chart: bytes | None) -> Iterator[str]:
    if not years:
        return
    yield "<section>\n<h2>By year</h2>"
    if chart:
        source = f"data:image/svg+xml;base64,{b64encode(chart).decode()}"
        yield f'<p><img src="{source}" alt="Bars of the share of documents by primary use; the numbers are in the table below"></p>'
    yield '<div class="scroll">\n<table>\n'
    yield "<caption><span>Documents by primary use and year, after Bethard (2022, Figure 1)</span></caption>"
    heads = ("year", "documents", *(NAMES[use] for use in risky_first()))
    yield _head_row(heads, numbers=range(1, len(heads)))
    for row in years:
        counts = ((f"primary-{use.value}-{row.year}", row.primary.get(use, 0)) for use in risky_first())
        cells = "".join(f'<td class="number">{_number(anchor, count)}</td>' for anchor, count in counts)
        yield f'<tr><th scope="row">{row.year}</th><td class="number">{_number(f"year-{row.year}", row.documents)}</td>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>\n</section>"


def _sentences(entries: Sequence[Entry], use: Use | None) -> Iterator[str]:
    name = NAMES[use].capitalize() if use else "In none of the five uses"
    kind = _kind(use)
    yield f'<section id="{_anchor(use)}" class="{kind}">\n<h2 class="{kind}">{name} <small>({kind})</small></h2>'
    if use:
        yield f"<p>{MEANINGS[use].capitalize()}.</p>"
    if use in ADVICE:
        yield f"<p>Why it is risky: {REASONS[use]}.</p>\n<p>Instead: {ADVICE[use]}.</p>"
    each = [(entry, found) for entry in entries if (found := list(entry.sentences(use)))]
    number = sum(len(found) for _, found in each)
    if not each:
        yield "<p>No sentence was found.</p>"
    else:
        opened = " open" if number <= FEW else ""
        yield f"<details{opened}>\n<summary>{count(number, 'sentence')} in {documents(len(each))}</summary>"
        for entry, found in each:
            yield f"<h3>{_link(f'd{entry.number}', entry.label)}{_year(entry)}</h3>"
            yield from (_sentence(anchor, one) for anchor, one in found)
        yield "</details>"
    yield "</section>"


def _sentence(anchor: str, one: PaperUse) -> str:
    stated = "; the risk or a limit of resources is stated" if one.acknowledged else ""
    rule = rule_of(one)
    code = f"{rule.code}; " if rule else ""
    place = f"Page {one.page}, {escape(one.section or one.kind.value)}; {code}confidence {one.confidence:.2f}{stated}"
    quote = f"<blockquote>{escape(one.sentence)}</blockquote>"
    return f'<article id="{anchor}"><p class="context">{place}</p>{quote}</article>'


def _lists(entries: Sequence[Entry]) -> Iterator[str]:
    """The documents behind each number that counts documents."""
    if lists := list(_each_list(entries)):
        yield from ("<section>\n<h2>Lists of documents</h2>", *lists, "</section>")


def _each_list(entries: Sequence[Entry]) -> Iterator[str]:
    using = [entry for entry in entries if entry.paper.review.primary]
    yield from _list("using", "Documents with one of the five uses", using)
    yield from _list("risky", "Documents with a risky use", [entry for entry in entries if entry.paper.risky])
    for rule in rules_of_papers():
        found = [entry for entry in entries if any(one.code == rule.code for one in findings(entry.paper.review))]
        yield from _list(f"rule-{rule.code}", f"Documents of which {rule.code} {rule.name} speaks", found)
    for use in risky_first():
        found = [entry for entry in using if entry.paper.review.primary is use]
        title = f"Documents in which {NAMES[use]} is the primary use"
        yield from _list(f"primary-{use.value}", title, found)
        for year, of_year in _by_year(found):
            yield from _list(f"primary-{use.value}-{year}", f"{title}, {year}", of_year)
    for year, of_year in _by_year(using):
        yield from _list(f"year-{year}", f"Documents of {year} with one of the five uses", of_year)


def _by_year(entries: Sequence[Entry]) -> Iterator[tuple[int, list[Entry]]]:
    for year in sorted({entry.paper.year for entry in entries if entry.paper.year}):
        yield year, [entry for entry in entries if entry.paper.year == year]


def _list(anchor: str, title: str, entries: Sequence[Entry]) -> Iterator[str]:
    """A folded list: its anchor is within, so that a link to it unfolds it."""
    if entries:
        yield f'<details>\n<summary>{title} ({len(entries)})</summary>\n<ul id="{anchor}">'
        yield from (f"<li>{_link(f'd{entry.number}', entry.label)}{_year(entry)}</li>" for entry in entries)
        yield "</ul>\n</details>"


def _unread(entries: Sequence[Entry]) -> Iterator[str]:
    bad = [entry for entry in entries if entry.paper.review.document.status is not Status.OK]
    if not bad:
        return
    yield '<section id="unread">\n<h2>Not read, or not whole</h2>\n<div class="scroll">\n<table>'
    yield _head_row(("file", "status", "reason"))
    for entry in bad:
        document = entry.paper.review.document
        cells = f"<td>{document.status.value}</td><td>{escape(document.reason)}</td>"
        yield f'<tr><th scope="row">{escape(entry.paper.name)}</th>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>\n</section>"


def _documents(entries: Sequence[Entry]) -> Iterator[str]:
    yield '<section id="documents">\n<h2>Documents</h2>\n<div class="scroll">\n<table>'
    yield _head_row(("document", "file", "year", "status", "primary use", "rules", "sentences"))
    for entry in entries:
        review = entry.paper.review
        primary = NAMES[review.primary] if review.primary else ""
        links = (
            f"{NAMES[use] if use else OTHER}: {_numbered(found)}"
            for use in (*risky_first(), None)
            if (found := [anchor for anchor, _ in entry.sentences(use)])
        )
        codes = dict.fromkeys(one.code for one in findings(review))
        cells = (entry.paper.year or "", review.document.status.value, primary, " ".join(codes), "<br>".join(links))
        columns = "".join(f"<td>{cell}</td>" for cell in cells)
        file = f'<td class="file">{escape(entry.paper.name)}</td>'
        yield f'<tr id="d{entry.number}"><th scope="row">{entry.label}</th>{file}{columns}</tr>'
    yield "</tbody>\n</table>\n</div>\n</section>"


def _numbered(anchors: Sequence[str]) -> str:
    return " ".join(_link(anchor, str(number)) for number, anchor in enumerate(anchors, 1))


def _head_row(heads: Sequence[str], numbers: Container[int] = ()) -> str:
    """The names of the columns; those of `numbers` stand over numbers."""
    kinds = (' class="number"' if index in numbers else "" for index in range(len(heads)))
    cells = "".join(f'<th scope="col"{kind}>{head}</th>' for kind, head in zip(kinds, heads, strict=True))
    return f"<thead><tr>{cells}</tr></thead>\n<tbody>"


def _year(entry: Entry) -> str:
    return f" ({entry.paper.year})" if entry.paper.year else ""


def _anchor(use: Use | None) -> str:
    return f"use-{use.value if use else OTHER}"


def _kind(use: Use | None) -> str:
    return "other" if use is None else "safe" if use.safe else "risky"


def _number(anchor: str, number: int) -> str:
    return _link(anchor, str(number)) if number else "0"


def _link(anchor: str, text: str) -> str:
    return f'<a href="#{anchor}">{text}</a>'
