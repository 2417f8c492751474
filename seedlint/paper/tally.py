"""What a corpus adds up to: documents by use, as in Table 1 of Bethard (2022), and by year, as in its Figure 1."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seedlint.paper.document import Status
from seedlint.paper.findings import findings, rules_of_papers
from seedlint.paper.survey import Surveyed
from seedlint.rulebook import Rule
from seedlint.uses import Use
from seedlint.wilson import wilson

LEVEL = 0.95
Z = 1.959963984540054
"""The normal quantile for two-sided intervals of LEVEL."""


@dataclass(frozen=True)
class Share:
    """`count` of `of` documents, and Wilson's interval for the share: from 0 to 1 where there are no documents."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; not a number where there are no documents."""
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1)."""
        return share_interval(self.count, self.of)


@dataclass(frozen=True)
class Row:
    """One use: the documents with a sentence of it, among those read; and those it stands for, among those with any use."""

    use: Use
    present: Share
    primary: Share


@dataclass(frozen=True)
class RuleRow:
    """One rule on papers: how often it speaks, in how many of these the text states the risk, and in which share of documents."""

    rule: Rule
    findings: int
    stated: int
    documents: Share


@dataclass(frozen=True)
class Tally:
    """The counts over a corpus. `using` are the documents read in which at least one of the five uses was found."""

    documents: int
    statuses: Mapping[Status, int]
    read: int
    using: Share
    risky: Share
    rows: tuple[Row, ...]
    rules: tuple[RuleRow, ...]


@dataclass(frozen=True)
class YearRow:
    """The documents of one year that have a primary use, by that use; `documents` is their sum."""

    year: int
    primary: Mapping[Use, int]

    @property
    def documents(self) -> int:
        """How many documents of the year have a primary use."""
        return sum(self.primary.values())


def share_interval(count: int, of: int) -> tuple[float, float]:
    """Return the ends of Wilson's score interval of LEVEL for a share of `count` in `of`; (0, 1) for none of none."""
    return wilson(count / of, of, Z) if of else (0.0, 1.0)


def tally(papers: Sequence[Surveyed]) -> Tally:
    """Count documents by status and by use; risky uses first."""
    read = [paper for paper in papers if paper.read]
    present = Counter(use for paper in read for use in {one.use for one in paper.review.uses})
    primary = Counter(paper.review.primary for paper in read if paper.review.primary)
    using = primary.total()
    rows = (Row(use, Share(present[use], len(read)), Share(primary[use], using)) for use in risky_first())
    return Tally(
        documents=len(papers),
        statuses=Counter(paper.review.document.status for paper in papers),
        read=len(read),
        using=Share(using, len(read)),
        risky=Share(sum(paper.risky for paper in read), len(read)),
        rows=tuple(rows),
        rules=tuple(_by_rule(read)),
    )


def _by_rule(read: Sequence[Surveyed]) -> Iterator[RuleRow]:
    each = [findings(paper.review) for paper in read]
    spoken = Counter(one.code for found in each for one in found)
    stated = Counter(one.code for found in each for one in found if one.acknowledged)
    documents = Counter(code for found in each for code in {one.code for one in found})
    for rule in rules_of_papers():
        yield RuleRow(rule, spoken[rule.code], stated[rule.code], Share(documents[rule.code], len(read)))


def by_year(papers: Sequence[Surveyed]) -> tuple[YearRow, ...]:
    """Count the documents of each known year by their primary use, the earliest year first."""
    found: dict[int, Counter[Use]] = {}
    for paper in papers:
        if paper.year is not None and paper.review.primary:
            found.setdefault(paper.year, Counter())[paper.review.primary] += 1
    return tuple(YearRow(year, found[year]) for year in sorted(found))


def risky_first() -> list[Use]:
    """Return the five uses in the order in which they are tabulated."""
    return sorted(Use, key=lambda use: use.safe)
