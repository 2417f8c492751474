"""Reviews of papers as JSON: stable and versioned, as the README describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from seedlint.paper.classify import OTHER
from seedlint.paper.document import Box
from seedlint.paper.findings import PaperFinding, findings, rule_of
from seedlint.paper.review import PaperUse, Review

VERSION = 1


def render(reviews: Iterable[Review]) -> str:
    """All documents as one JSON text."""
    return json.dumps(
        {"version": VERSION, "documents": [describe(one) for one in reviews]}, indent=2, ensure_ascii=False
    )


def describe(review: Review) -> dict[str, Any]:
    """One document as plain data."""
    document = review.document
    return {
        "path": document.path,
        "title": document.title,
        "year": document.year,
        "pages": document.pages,
        "status": document.status.value,
        "reason": document.reason,
        "primary_use": review.primary.value if review.primary else None,
        "uses": [_use(one) for one in review.uses],
        "findings": [_finding(one) for one in findings(review)],
    }


def corners(boxes: Iterable[Box]) -> list[list[float]]:
    """`[page, x0, y0, x1, y1]` of each box, to a hundredth of a point."""
    return [[box.page, *(round(edge, 2) for edge in (box.x0, box.y0, box.x1, box.y1))] for box in boxes]


def _use(one: PaperUse) -> dict[str, Any]:
    return {
        "use": one.use.value if one.use else OTHER,
        "risky": one.risky,
        "confidence": round(one.confidence, 3),
        "acknowledged": one.acknowledged,
        "page": one.page,
        "sentence": one.sentence,
        "prev": one.prev,
        "next": one.next,
        "section": one.section,
        "kind": one.kind.value,
        "boxes": corners(one.boxes),
        "why": list(one.why),
        "rule": rule.code if (rule := rule_of(one)) else None,
    }


def _finding(one: PaperFinding) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "severity": one.severity.value,
        "page": one.page,
        "sentence": one.sentence,
        "message": one.message,
        "help": one.help,
        "confidence": round(one.confidence, 3),
        "acknowledged": one.acknowledged,
    }
