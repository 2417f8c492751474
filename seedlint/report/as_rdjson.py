"""reviewdog's rdjson: diagnostics that a review bot writes beside the changed lines.

A note is `INFO`. The format has no notion of an accepted issue: an acknowledged finding is `INFO`, and its message
begins with "acknowledged" and the reason. Columns are counted in bytes of UTF-8, as reviewdog wants them, and are left
out where the line's text cannot be had to count them. Reviewdog knows lines of a file only: a finding in a notebook
stands on the line of its JSON, and its message begins with the cell and the line. An unreadable file is an `ERROR`
without a range.
"""

from __future__ import annotations

from seedlint.report import View
from seedlint.report.wording import end_column, end_line, in_cell, known_line, one_line, reason, rule_address
from seedlint.uses import Evidence, FileError, Finding, Place, Report, Severity

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(report: Report, view: View) -> str:
    """One DiagnosticResult."""
    import json

    diagnostics = [file_error(error) for error in report.errors]
    diagnostics += [diagnostic(finding, view) for finding in report.findings]
    return json.dumps({"source": {"name": "seedlint"}, "diagnostics": diagnostics}, indent=2) + "\n"


def diagnostic(finding: Finding, view: View) -> dict[str, object]:
    """The Diagnostic for one finding."""
    message = f"{in_cell(finding.place)}{one_line(finding.message)}\n{one_line(finding.help)}"
    acknowledged = finding.acknowledged is not None
    code = {"value": finding.code}
    address = rule_address(view, finding.code, finding.name)
    if address is not None:
        code["url"] = address
    return {
        "message": f"acknowledged ({reason(finding)}): {message}" if acknowledged else message,
        "location": location(finding.place, finding.text, view),
        "severity": "INFO" if acknowledged else SEVERITIES[finding.severity],
        "code": code,
        "related_locations": [related(step, view) for step in finding.evidence],
    }


def file_error(error: FileError) -> dict[str, object]:
    """The Diagnostic for a file that could not be read."""
    return {"message": one_line(error.message), "location": {"path": error.path}, "severity": "ERROR"}


def related(step: Evidence, view: View) -> dict[str, object]:
    """One step of the evidence as a RelatedLocation."""
    where = located(step.path, known_line(view, step.path, step.line, step.cell))
    note = one_line(step.note)
    return {"message": note if step.cell is None else f"cell {step.cell}, line {step.line}: {note}", "location": where}


def located(path: str, line: int | None) -> dict[str, object]:
    """A Location without columns; a line that is not known gives it no range."""
    return {"path": path} if line is None else {"path": path, "range": {"start": {"line": line}}}


def location(place: Place, text: str, view: View) -> dict[str, object]:
    """The finding's Location."""
    if place.cell is not None:
        return located(place.path, known_line(view, place.path, place.line, place.cell))
    ends = {"start": (place.line, place.column), "end": (end_line(place), end_column(place))}
    return {"path": place.path, "range": {name: spot(place, text, view, *end) for name, end in ends.items()}}


def spot(place: Place, text: str, view: View, line: int, column: int) -> dict[str, int]:
    """A Position; `column` goes from characters to bytes."""
    source = view.read_line(place.path, line, None) if view.read_line is not None else None
    if source is not None:
        return {"line": line, "column": len(source[: column - 1].encode("utf-8", "surrogatepass")) + 1}
    if line == place.line and text.isascii():
        return {"line": line, "column": column}
    return {"line": line}
