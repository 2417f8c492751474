"""A survey of papers in a few lines for the terminal: how many were read, which were not, and the table of uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedlint.paper.document import Status
from seedlint.paper.survey import READ, Surveyed
from seedlint.paper.tally import Share, Tally, tally
from seedlint.report.taxonomy import NAMES
from seedlint.uses import Use

CAUTION = (
    "Counted by a classifier, sentence by sentence: an aid to reading the papers, not a verdict on them. "
    "Some sentences are misread."
)
LISTED = 10
"""So many of the files that were not read whole are named here; the others in documents.csv."""


def render(papers: Sequence[Surveyed]) -> str:
    """Return the summary; shares in percent, with 95 % intervals after Wilson."""
    counted = tally(papers)
    lines = [*_head(counted), *_unread(papers), *_table(counted), *_rules(counted), "", CAUTION]
    return "\n".join(lines) + "\n"


def percent(share: Share) -> str:
    """`25 % (11–47)`: a share and its interval, or a dash where there are no documents."""
    if not share.of:
        return "–"
    low, high = share.interval
    return f"{100 * share.value:.0f} % ({100 * low:.0f}–{100 * high:.0f})"


def not_read(counted: Tally) -> str:
    """`3 not read (2 no-text, 1 timeout), 1 read in part`."""
    bad = [status for status in Status if status not in READ and counted.statuses.get(status)]
    ended = ", ".join(f"{counted.statuses[status]} {status.value}" for status in bad)
    partial = counted.statuses.get(Status.PARTIAL)
    unread = f"{counted.documents - counted.read} not read{f' ({ended})' if ended else ''}"
    return f"{unread}, {partial} read in part" if partial else unread


def documents(number: int) -> str:
    """`1 document`, `2 documents`."""
    return f"{number} document{'' if number == 1 else 's'}"


def _head(counted: Tally) -> Iterator[str]:
    yield f"{documents(counted.documents)}, {not_read(counted)}"
    if counted.read:
        yield (
            f"{counted.using.count} of the {counted.read} read use seeds in one of the five ways; "
            f"{counted.risky.count} in a risky one: {percent(counted.risky)}"
        )


def _unread(papers: Sequence[Surveyed]) -> Iterator[str]:
    bad = [paper for paper in papers if paper.review.document.status is not Status.OK]
    for paper in bad[:LISTED]:
        document = paper.review.document
        yield f"  {paper.name}: {document.status.value}: {document.reason}"
    if len(bad) > LISTED:
        yield f"  and {len(bad) - LISTED} more"


def _table(counted: Tally) -> Iterator[str]:
    if not counted.read:
        return
    width = max(len(NAMES[use]) for use in Use)
    yield ""
    yield f"{'use':<{width}}         documents with it    as primary use"
    yield f"{'':<{width}}         of {counted.read:<17} of {counted.using.count}"
    for row in counted.rows:
        kind = "safe" if row.use.safe else "risky"
        cells = [f"{share.count:>4}  {percent(share):<14}" for share in (row.present, row.primary)]
        yield f"{NAMES[row.use]:<{width}}  {kind:<5} {' '.join(cells)}".rstrip()


def _rules(counted: Tally) -> Iterator[str]:
    """What the rules say: in how many documents, how often, and how often the text states the risk."""
    if not counted.read:
        return
    width = max(len(f"{row.rule.code} {row.rule.name}") for row in counted.rules)
    yield ""
    yield f"{'rule':<{width}}           documents       findings  stated"
    for row in counted.rules:
        name, cell = f"{row.rule.code} {row.rule.name}", f"{row.documents.count:>4}  {percent(row.documents):<14}"
        yield f"{name:<{width}}  {row.rule.severity.value:<7} {cell} {row.findings:>4} {row.stated:>7}"
