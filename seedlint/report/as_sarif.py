"""SARIF 2.1.0, for code scanning: rules with their pages, findings with fingerprints and the way from sink to origin.

An acknowledged finding is a result with a suppression `inSource` whose justification is the author's reason. An
unreadable file is a notification of the invocation, which then counts as not successful. SARIF regions know lines of a
file only: a finding in a notebook stands on the line of its JSON, its message begins with the cell and the line, and the
cell is a logical location. Safe uses are no results and are left out.
"""

from __future__ import annotations

from seedlint.fingerprint import fingerprints
from seedlint.report import View
from seedlint.report.sarif import FINGERPRINT, Object, log, notification, physical, suppression
from seedlint.report.wording import end_column, end_line, file_line, in_cell, one_line, reason
from seedlint.uses import Evidence, Finding, Place, Report


def render(report: Report, view: View) -> str:
    """One log with one run."""
    from seedlint.rulebook import load_rulebook

    rules = list(load_rulebook())
    order = {rule.code: index for index, rule in enumerate(rules)}
    marked = zip(report.findings, fingerprints(report.findings), strict=True)
    results = [result(finding, order[finding.code], mark, view) for finding, mark in marked]
    return log(rules, results, [notification(error.path, error.message) for error in report.errors], view)


def result(finding: Finding, rule_index: int, fingerprint: str, view: View) -> Object:
    """One finding."""
    entry: Object = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": finding.severity.value,
        "message": {"text": message(finding)},
        "locations": [finding_location(finding.place, finding.text, view)],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "properties": {"use": finding.use.value, "confidence": finding.confidence.value},
    }
    if finding.evidence:
        steps = [step_location(step, view) for step in finding.evidence]
        entry["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
        entry["relatedLocations"] = [{"id": number, **step} for number, step in enumerate(steps, 1)]
    if finding.acknowledged is not None:
        entry["suppressions"] = [suppression(reason(finding))]
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
