"""A survey of papers as files for other programs: every sentence and document, and the tables of uses, as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seedlint.paper.classify import OTHER
from seedlint.paper.findings import findings, rule_of, rules_of_papers
from seedlint.paper.survey import Surveyed
from seedlint.paper.tally import Share, by_year, tally
from seedlint.uses import Use

VERSION = 1
SENTENCE = (
    "file",
    "year",
    "page",
    "use",
    "risky",
    "confidence",
    "acknowledged",
    "section",
    "kind",
    "sentence",
    "rule",
)
DOCUMENT = ("file", "title", "year", "pages", "status", "reason", "primary_use", *(use.value for use in Use), OTHER)
"""And how often each rule on papers speaks, by its code."""
SHARES = ("count", "of", "share", "low", "high")
USES = ("use", "risky", *(f"{what}_{column}" for what in ("documents", "primary") for column in SHARES))
RULES = ("rule", "name", "severity", "findings", "stated", *(f"documents_{column}" for column in SHARES))
YEARS = ("year", "documents", *(use.value for use in Use))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Record = Mapping[str, Any]


def render(papers: Sequence[Surveyed]) -> dict[str, str]:
    """Return the texts of the files by their names."""
    each = {"sentences": list(_sentences(papers)), "documents": [_document(paper) for paper in papers]}
    document = (*DOCUMENT, *(rule.code for rule in rules_of_papers()))
    return {
        "sentences.csv": _csv(SENTENCE, each["sentences"]),
        "sentences.json": _json("sentences", each["sentences"]),
        "documents.csv": _csv(document, each["documents"]),
        "documents.json": _json("documents", each["documents"]),
        "uses.csv": _csv(USES, _uses(papers)),
        "rules.csv": _csv(RULES, _rules(papers)),
        "uses-by-year.csv": _csv(YEARS, _years(papers)),
    }


def _sentences(papers: Sequence[Surveyed]) -> Iterator[Record]:
    for paper in papers:
        for one in paper.review.uses:
            values = (
                paper.name,
                paper.year,
                one.page,
                one.use.value if one.use else OTHER,
                one.risky,
                round(one.confidence, 3),
                one.acknowledged,
                one.section,
                one.kind.value,
                one.sentence,
                rule.code if (rule := rule_of(one)) else None,
            )
            yield dict(zip(SENTENCE, values, strict=True))


def _document(paper: Surveyed) -> Record:
    review, document = paper.review, paper.review.document
    counts = Counter(one.use.value if one.use else OTHER for one in review.uses)
    values = (
        paper.name,
        document.title,
        paper.year,
        document.pages,
        document.status.value,
        document.reason,
        review.primary.value if review.primary else None,
        *(counts[use.value] for use in Use),
        counts[OTHER],
    )
    spoken = Counter(one.code for one in findings(review))
    return {**dict(zip(DOCUMENT, values, strict=True)), **{rule.code: spoken[rule.code] for rule in rules_of_papers()}}


def _uses(papers: Sequence[Surveyed]) -> Iterator[Record]:
    for row in tally(papers).rows:
        values = (row.use.value, not row.use.safe, *_share(row.present), *_share(row.primary))
        yield dict(zip(USES, values, strict=True))


def _rules(papers: Sequence[Surveyed]) -> Iterator[Record]:
    for row in tally(papers).rules:
        rule = row.rule
        values = (rule.code, rule.name, rule.severity.value, row.findings, row.stated, *_share(row.documents))
        yield dict(zip(RULES, values, strict=True))


def _share(share: Share) -> tuple[int, int, float | None, float, float]:
    low, high = share.interval
    return share.count, share.of, round(share.value, 4) if share.of else None, round(low, 4), round(high, 4)


def _years(papers: Sequence[Surveyed]) -> Iterator[Record]:
    for row in by_year(papers):
        values = (row.year, row.documents, *(row.primary.get(use, 0) for use in Use))
        yield dict(zip(YEARS, values, strict=True))


def _csv(head: Sequence[str], records: Sequence[Record] | Iterator[Record]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, head, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in record.items()} for record in records)
    return text.getvalue()


def _cell(value: object) -> object:
    """A cell that no spreadsheet runs: a text that starts as a formula gets an apostrophe. The JSON files have it as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(name: str, records: Sequence[Record]) -> str:
    return json.dumps({"version": VERSION, name: records}, indent=1, ensure_ascii=False) + "\n"
