"""SARIF 2.1.0, for code scanning: rules with their pages, findings with fingerprints and the way from sink to origin.

An acknowledged finding is a result with a suppression `inSource` whose justification is the author's reason. An
unreadable file is a notification of the invocation, which then counts as not successful. SARIF regions know lines of a
file only: a finding in a notebook stands on the line of its JSON, its message begins with the cell and the line, and the
cell is a logical location. Safe uses are no results and are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seedlint import __version__
from seedlint.fingerprint import fingerprints
from seedlint.report import View
from seedlint.report.wording import end_column, end_line, file_line, in_cell, one_line, reason, rule_address
from seedlint.uses import Evidence, FileError, Finding, Place, Report, Severity

if TYPE_CHECKING:
    from seedlint.rulebook import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}

Object = dict[str, Any]


def render(report: Report, view: View) -> str:
    """One log with one run."""
    import json

    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run(report, view)]}, indent=2) + "\n"


def run(report: Report, view: View) -> Object:
    """The run: the tool, what it found, and what it could not read."""
    from seedlint.rulebook import load_rulebook

    rules = list(load_rulebook())
    order = {rule.code: index for index, rule in enumerate(rules)}
    driver = {
        "name": "seedlint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [descriptor(rule, view) for rule in rules],
    }
    marked = zip(report.findings, fingerprints(report.findings), strict=True)
    results = [result(finding, order[finding.code], mark, view) for finding, mark in marked]
    if any("suppressions" in entry for entry in results):
        # Section 3.27.23: when one result says whether it is suppressed, all of them should.
        results = [{**entry, "suppressions": entry.get("suppressions", [])} for entry in results]
    base = {"originalUriBaseIds": {ROOT: {"uri": absolute_uri(view.root).rstrip("/") + "/"}}} if view.root else {}
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        **base,
        "invocations": [invocation(report.errors)],
        "results": results,
    }


def descriptor(rule: Rule, view: View) -> Object:
    """A rule as a viewer shows it, with its whole page as help."""
    address = rule_address(view, rule.code, rule.name)
    page = rule.body
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize()},
        "fullDescription": {"text": first_paragraph(page) or one_line(rule.help)},
        "help": {"text": one_line(rule.help), "markdown": page},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {
            "tags": ["random-seed", "machine-learning", *([] if rule.use is None else [rule.use.value])],
            "problem.severity": PROBLEM[rule.severity],
            "precision": "high",
        },
    }


def first_paragraph(page: str) -> str:
    """What a rule page says first, below its first heading."""
    paragraphs = (one_line(block) for block in page.split("\n\n"))
    return next((text for text in paragraphs if text and not text.startswith("#")), "")


def result(finding: Finding, rule_index: int, fingerprint: str, view: View) -> Object:
    """One finding."""
    entry: Object = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": finding.severity.value,
        "message": {"text": message(finding)},
        "locations": [finding_location(finding.place, finding.text, view)],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        "properties": {"use": finding.use.value, "confidence": finding.confidence.value},
    }
    if finding.evidence:
        steps = [step_location(step, view) for step in finding.evidence]
        entry["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
        entry["relatedLocations"] = [{"id": number, **step} for number, step in enumerate(steps, 1)]
    if finding.acknowledged is not None:
        entry["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": reason(finding)}]
    return entry


def message(finding: Finding) -> str:
    """What is wrong, then what to do instead."""
    return f"{in_cell(finding.place)}{one_line(finding.message).rstrip('.')}. {one_line(finding.help)}"


def finding_location(place: Place, text: str, view: View) -> Object:
    """Where a finding stands."""
    if place.cell is not None:
        line = file_line(view, place.path, place.line, place.cell)
        return {"physicalLocation": physical(place.path, {"startLine": line}), **logical(place.path, place.cell)}
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": end_line(place),
        "endColumn": end_column(place),
        "snippet": {"text": text},
    }
    return {"physicalLocation": physical(place.path, region)}


def step_location(step: Evidence, view: View) -> Object:
    """Where a step of the evidence stands, and what it says."""
    if step.cell is None:
        return {
            "physicalLocation": physical(step.path, {"startLine": step.line}),
            "message": {"text": one_line(step.note)},
        }
    line = file_line(view, step.path, step.line, step.cell)
    return {
        "physicalLocation": physical(step.path, {"startLine": line}),
        **logical(step.path, step.cell),
        "message": {"text": f"cell {step.cell}, line {step.line}: {one_line(step.note)}"},
    }


def logical(path: str, cell: int) -> Object:
    """A notebook cell."""
    return {"logicalLocations": [{"name": f"cell {cell}", "fullyQualifiedName": f"{path}:cell {cell}", "kind": "cell"}]}


def physical(path: str, region: Object) -> Object:
    """A region of a file."""
    return {"artifactLocation": artifact(path), "region": region}


def artifact(path: str) -> Object:
    """A file, under the root where its path is relative."""
    if is_absolute(path):
        return {"uri": absolute_uri(path)}
    return {"uri": quoted(path), "uriBaseId": ROOT}


def is_absolute(path: str) -> bool:
    """Whether the path begins at the root or at a drive."""
    return path.startswith("/") or path[1:3] == ":/"


def absolute_uri(path: str) -> str:
    """A `file:` address."""
    return "file:///" + quoted(path.replace("\\", "/").lstrip("/")).replace("%3A/", ":/", 1)


def quoted(path: str) -> str:
    """A path as part of an address."""
    from urllib.parse import quote

    return quote(path, safe="/", errors="surrogatepass")


def invocation(errors: tuple[FileError, ...]) -> Object:
    """The run as a process: successful if every file could be read."""
    return {"executionSuccessful": not errors, "toolExecutionNotifications": [notification(error) for error in errors]}


def notification(error: FileError) -> Object:
    """A file that could not be read."""
    return {
        "level": "error",
        "message": {"text": one_line(error.message)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact(error.path)}}],
    }
