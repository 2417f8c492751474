"""A survey of papers as one HTML page that needs nothing beside it: every number leads to its documents and sentences."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from seedlint.paper.document import Status
from seedlint.paper.review import OTHER, PaperUse
from seedlint.paper.survey import Surveyed
from seedlint.paper.tally import Share, YearRow, by_year, risky_first, tally
from seedlint.report.papers_html import STYLE as PAPERS_STYLE
from seedlint.report.survey_text import CAUTION, documents, not_read, percent
from seedlint.report.taxonomy import ADVICE, MEANINGS, NAMES, REASONS
from seedlint.uses import Use

STYLE = f"""{PAPERS_STYLE}
caption {{ text-align: left; padding: .25rem 0; }} td.n {{ text-align: right; }} td.share {{ white-space: nowrap; }}
img {{ max-width: 100%; height: auto; }}
.wide {{ overflow-x: auto; }} :target {{ outline: .15rem solid; outline-offset: .25rem; }}
"""


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
        *_years(by_year(papers), chart),
        *(line for use in (*risky_first(), None) for line in _sentences(entries, use)),
        *_lists(entries),
        *_unread(entries),
        *_documents(entries),
    ]
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Random seeds in {documents(len(papers))}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


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
    yield '<section>\n<h2>Uses</h2>\n<div class="wide">\n<table>'
    yield "<caption>Documents by use of random seeds, after Bethard (2022, Table 1)</caption>"
    heads = ("use", "kind", f"with it, of {counted.read}", "share", f"primary, of {counted.using.count}", "share")
    yield _head_row(heads)
    for row in counted.rows:
        name = f'<th scope="row">{_link(_anchor(row.use), NAMES[row.use])}</th>'
        cells = _counted(_anchor(row.use), row.present) + _counted(f"primary-{row.use.value}", row.primary)
        yield f'<tr>{name}<td class="{_kind(row.use)}">{_kind(row.use)}</td>{cells}</tr>'
    others = _link(_anchor(None), "Sentences on seeds in none of the five uses")
    yield f"</tbody>\n</table>\n</div>\n<p>{others}</p>\n</section>"


def _counted(anchor: str, share: Share) -> str:
    return f'<td class="n">{_number(anchor, share.count)}</td><td class="share">{percent(share)}</td>'


def _years(years: Sequence[YearRow], chart: bytes | None) -> Iterator[str]:
    if not years:
        return
    yield "<section>\n<h2>By year</h2>"
    if chart:
        source = f"data:image/svg+xml;base64,{b64encode(chart).decode()}"
        yield f'<p><img src="{source}" alt="Bars of the share of documents by primary use; the numbers are in the table below"></p>'
    yield '<div class="wide">\n<table>\n<caption>Documents by primary use and year, after Bethard (2022, Figure 1)</caption>'
    yield _head_row(("year", "documents", *(NAMES[use] for use in risky_first())))
    for row in years:
        counts = ((f"primary-{use.value}-{row.year}", row.primary.get(use, 0)) for use in risky_first())
        cells = "".join(f'<td class="n">{_number(anchor, count)}</td>' for anchor, count in counts)
        yield f'<tr><th scope="row">{row.year}</th><td class="n">{_number(f"year-{row.year}", row.documents)}</td>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>\n</section>"


def _sentences(entries: Sequence[Entry], use: Use | None) -> Iterator[str]:
    name = NAMES[use].capitalize() if use else "In none of the five uses"
    yield f'<section id="{_anchor(use)}">\n<h2 class="{_kind(use)}">{name} <small>({_kind(use)})</small></h2>'
    if use:
        yield f"<p>{MEANINGS[use].capitalize()}.</p>"
    if use in ADVICE:
        yield f"<p>Why it is risky: {REASONS[use]}.</p>\n<p>Instead: {ADVICE[use]}.</p>"
    empty = True
    for entry in entries:
        found = list(entry.sentences(use))
        if found:
            empty = False
            yield f"<h3>{_link(f'd{entry.number}', entry.label)}{_year(entry)}</h3>"
            yield from (_sentence(anchor, one) for anchor, one in found)
    yield "<p>No sentence was found.</p>\n</section>" if empty else "</section>"


def _sentence(anchor: str, one: PaperUse) -> str:
    stated = "; the risk or a limit of resources is stated" if one.acknowledged else ""
    place = f"Page {one.page}, {escape(one.section or one.kind.value)}; confidence {one.confidence:.2f}{stated}"
    quote = f"<blockquote>{escape(one.sentence)}</blockquote>"
    return f'<article id="{anchor}"><p class="context">{place}</p>{quote}</article>'


def _lists(entries: Sequence[Entry]) -> Iterator[str]:
    """The documents behind each number that counts documents."""
    using = [entry for entry in entries if entry.paper.review.primary]
    yield from _list("using", "Documents with one of the five uses", using)
    yield from _list("risky", "Documents with a risky use", [entry for entry in entries if entry.paper.risky])
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
    if entries:
        yield f'<section id="{anchor}">\n<h3>{title}</h3>\n<ul>'
        yield from (f"<li>{_link(f'd{entry.number}', entry.label)}{_year(entry)}</li>" for entry in entries)
        yield "</ul>\n</section>"


def _unread(entries: Sequence[Entry]) -> Iterator[str]:
    bad = [entry for entry in entries if entry.paper.review.document.status is not Status.OK]
    if not bad:
        return
    yield '<section id="unread">\n<h2>Not read, or not whole</h2>\n<div class="wide">\n<table>'
    yield _head_row(("file", "status", "reason"))
    for entry in bad:
        document = entry.paper.review.document
        cells = f"<td>{document.status.value}</td><td>{escape(document.reason)}</td>"
        yield f'<tr><th scope="row">{escape(entry.paper.name)}</th>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>\n</section>"


def _documents(entries: Sequence[Entry]) -> Iterator[str]:
    yield '<section id="documents">\n<h2>Documents</h2>\n<div class="wide">\n<table>'
    yield _head_row(("document", "file", "year", "status", "primary use", "sentences"))
    for entry in entries:
        review = entry.paper.review
        primary = NAMES[review.primary] if review.primary else ""
        links = (
            f"{NAMES[use] if use else OTHER}: {_numbered(found)}"
            for use in (*risky_first(), None)
            if (found := [anchor for anchor, _ in entry.sentences(use)])
        )
        cells = (
            escape(entry.paper.name),
            entry.paper.year or "",
            review.document.status.value,
            primary,
            "<br>".join(links),
        )
        columns = "".join(f"<td>{cell}</td>" for cell in cells)
        yield f'<tr id="d{entry.number}"><th scope="row">{entry.label}</th>{columns}</tr>'
    yield "</tbody>\n</table>\n</div>\n</section>"


def _numbered(anchors: Sequence[str]) -> str:
    return " ".join(_link(anchor, str(number)) for number, anchor in enumerate(anchors, 1))


def _head_row(heads: Sequence[str]) -> str:
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
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
