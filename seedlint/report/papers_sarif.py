"""Reviews of papers as SARIF 2.1.0, for code scanning of a repository that holds papers.

A paper is no text of lines, and a result without a line is refused by GitHub: each stands on line 1 of its file. The page
begins the message and is a logical location; the page, the sentence and its boxes are properties. A finding whose risk the
authors state is a result with a suppression `inSource`; what could not be read whole is a notification of a run that was not
successful. Safe uses are no results and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath

from seedlint.fingerprint import hashes, same_path
from seedlint.paper.document import Document, Status
from seedlint.paper.findings import PaperFinding, findings, rules_of_papers
from seedlint.paper.review import Review
from seedlint.report import View
from seedlint.report.papers_json import corners
from seedlint.report.sarif import FINGERPRINT, Object, log, notification, physical, suppression
from seedlint.report.wording import one_line
from seedlint.rulebook import Rule

STATED = "the authors state the risk or a limit of resources"


def render(reviews: Iterable[Review], view: View) -> str:
    """One log with one run over all documents, with the rules that apply to papers."""
    rules = {rule.code: rule for rule in rules_of_papers()}
    documents = [replace(one, document=_below(one.document, view.root)) for one in reviews]
    notes = [_unread(one.document) for one in documents if one.document.status is not Status.OK]
    return log(rules.values(), list(_results(documents, rules)), notes, view)


def _below(document: Document, root: str | None) -> Document:
    """The document with its path as an address has it: relative where it lies below the root, as GitHub wants it."""
    path = PurePath(document.path)
    if root is not None and path.is_relative_to(root):
        path = path.relative_to(root)
    return replace(document, path=path.as_posix())


def _results(reviews: Iterable[Review], rules: Mapping[str, Rule]) -> Iterator[Object]:
    found = [(one.document, finding) for one in reviews for finding in findings(one)]
    marks = hashes((finding.code, same_path(document.path), _letters(finding.sentence)) for document, finding in found)
    order = {code: index for index, code in enumerate(rules)}
    for (document, finding), mark in zip(found, marks, strict=True):
        use = rules[finding.code].use
        yield {
            "ruleId": finding.code,
            "ruleIndex": order[finding.code],
            "level": finding.severity.value,
            "message": {"text": _message(document, finding)},
            "locations": [_location(document, finding)],
            "partialFingerprints": {FINGERPRINT: mark},
            "properties": {**({"use": use.value} if use else {}), **_properties(finding)},
            **({"suppressions": [suppression(STATED)]} if finding.acknowledged else {}),
        }


def _letters(sentence: str) -> str:
    """A sentence as it is known by: a paper set anew may break its lines and hyphens elsewhere."""
    return "".join(character for character in sentence.casefold() if character.isalnum())


def _message(document: Document, finding: PaperFinding) -> str:
    """Where, what is wrong, what to do instead, and the sentence."""
    where = f"{_page(finding)}: " if _has_page(document, finding) else ""
    said = f" The sentence: “{one_line(finding.sentence)}”" if finding.sentence else ""
    return f"{where}{one_line(finding.message)}. Instead: {one_line(finding.help)}.{said}"


def _location(document: Document, finding: PaperFinding) -> Object:
    place: Object = {"physicalLocation": physical(document.path, {"startLine": 1})}
    if _has_page(document, finding):
        page = _page(finding)
        place["logicalLocations"] = [{"name": page, "fullyQualifiedName": f"{document.path}:{page}", "kind": "page"}]
    return place


def _properties(finding: PaperFinding) -> Object:
    return {
        "confidence": round(finding.confidence, 3),
        "page": finding.page,
        "sentence": finding.sentence,
        "boxes": corners(finding.boxes),
    }


def _has_page(document: Document, finding: PaperFinding) -> bool:
    """Whether a finding is of one page, of a document that has pages."""
    return bool(finding.sentence) and document.pages > 0


def _page(finding: PaperFinding) -> str:
    return f"page {finding.page}"


def _unread(document: Document) -> Object:
    partial = document.status is Status.PARTIAL
    reason = document.reason or ("not all of it could be read" if partial else "could not be read")
    return notification(document.path, f"{document.status.value}: {reason}", "warning" if partial else "error")
