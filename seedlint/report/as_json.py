"""The JSON report: stable, versioned, for programs that read seedlint's verdicts.

Schema of version 1; the keys come in this order, and none is left out:

    {"version": 1,
     "findings": [{"code": "SL101", "name": "hard-coded-seed", "use": USE, "severity": "error" | "warning" | "note",
                   "confidence": "low" | "medium" | "high", "path": str, "line": int, "column": int, "end_line": int,
                   "end_column": int, "cell": int | null, "message": str, "help": str, "evidence": [STEP],
                   "acknowledged": str | null}],
     "uses": [{"use": USE, "safe": bool, "path": str, "line": int, "cell": int | null, "evidence": [STEP]}],
     "errors": [{"path": str, "message": str}]}

    USE   "fixed_seed" | "performance_comparison" | "model_selection" | "ensemble_creation" | "sensitivity_analysis"
    STEP  {"path": str, "line": int, "cell": int | null, "note": str}, in order from the sink (what is seeded) to the
          origin (the constant)

Paths are relative and `/`-separated. Lines and columns count from 1, columns in characters, `end_column` is exclusive;
where the end is not known it is the start. `cell` is the index of a notebook's code cell among its code cells, from 0, and
lines then count within it; it is null for all other files. `uses` lists every classified use, safe and risky. An
acknowledged finding is listed with the author's reason in `acknowledged`. New keys may
be added within a version; a change of meaning raises it.
"""

from __future__ import annotations

from seedlint.report import View
from seedlint.report.wording import end_column, end_line
from seedlint.uses import Evidence, Finding, Report, SeedUse

VERSION = 1


def render(report: Report, view: View) -> str:
    """The whole report as one JSON object."""
    import json

    document = {
        "version": VERSION,
        "findings": [describe_finding(finding) for finding in report.findings],
        "uses": [describe_use(use) for use in report.uses],
        "errors": [{"path": error.path, "message": error.message} for error in report.errors],
    }
    return json.dumps(document, indent=2) + "\n"


def describe_finding(finding: Finding) -> dict[str, object]:
    """One entry of `findings`."""
    place = finding.place
    return {
        "code": finding.code,
        "name": finding.name,
        "use": finding.use.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": end_line(place),
        "end_column": end_column(place),
        "cell": place.cell,
        "message": finding.message,
        "help": finding.help,
        "evidence": [describe_step(step) for step in finding.evidence],
        "acknowledged": finding.acknowledged,
    }


def describe_use(use: SeedUse) -> dict[str, object]:
    """One entry of `uses`."""
    return {
        "use": use.use.value,
        "safe": use.safe,
        "path": use.place.path,
        "line": use.place.line,
        "cell": use.place.cell,
        "evidence": [describe_step(step) for step in use.evidence],
    }


def describe_step(step: Evidence) -> dict[str, object]:
    """One entry of `evidence`."""
    return {"path": step.path, "line": step.line, "cell": step.cell, "note": step.note}
