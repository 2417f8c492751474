"""GitLab's Code Quality report: a JSON list that a merge request shows as a widget.

The format has no notion of an accepted issue: an acknowledged finding is listed as `info`, and its description says so
and gives the reason. An unreadable file is listed as `minor` under the name `unreadable-file`, as silence would look
like a clean bill. GitLab knows lines of a file only: a finding in a notebook stands on the line of its JSON, and its
description begins with the cell and the line.
"""

from __future__ import annotations

from seedlint.fingerprint import fingerprints
from seedlint.report import View
from seedlint.report.wording import end_line, file_line, in_cell, one_line, reason, title
from seedlint.uses import FileError, Finding, Report, Severity

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report, view: View) -> str:
    """A JSON list, one object an issue."""
    import json

    marked = zip(report.findings, fingerprints(report.findings), strict=True)
    issues = [issue(finding, mark, view) for finding, mark in marked] + [unreadable(error) for error in report.errors]
    return json.dumps(issues, indent=2) + "\n"


def issue(finding: Finding, fingerprint: str, view: View) -> dict[str, object]:
    """The object for one finding."""
    place = finding.place
    message = f"{in_cell(place)}{title(finding)}: {one_line(finding.message)}"
    acknowledged = finding.acknowledged is not None
    lines = {"begin": file_line(view, place.path, place.line, place.cell)}
    if place.cell is None:
        lines["end"] = end_line(place)
    return {
        "description": f"{message} (acknowledged: {reason(finding)})" if acknowledged else message,
        "check_name": finding.name,
        "fingerprint": fingerprint,
        "severity": "info" if acknowledged else SEVERITIES[finding.severity],
        "location": {"path": place.path, "lines": lines},
    }


def unreadable(error: FileError) -> dict[str, object]:
    """The object for a file that could not be read."""
    from hashlib import sha256

    return {
        "description": one_line(error.message),
        "check_name": "unreadable-file",
        "fingerprint": sha256(f"unreadable-file\0{error.path}".encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": "minor",
        "location": {"path": error.path, "lines": {"begin": 1}},
    }
