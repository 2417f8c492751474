"""GitHub Actions workflow commands: each finding is an annotation on the changed line.

GitHub shows the first ten annotations of each level a step, so errors come first. A note is a `notice`. An acknowledged
finding is a `notice` whose title says so and whose text gives the reason. Workflow commands know lines of a file only:
a finding in a notebook stands on the line of its JSON, and its text begins with the cell and the line.
"""

from __future__ import annotations

from seedlint.report import View
from seedlint.report.wording import end_column, end_line, file_line, in_cell, one_line, reason, title, urgent_first
from seedlint.uses import FileError, Finding, Place, Report, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, view: View) -> str:
    """One command a line: unreadable files, then findings by urgency."""
    commands = [file_error(error) for error in report.errors]
    commands += [annotation(finding, view) for finding in urgent_first(report.findings)]
    return "".join(command + "\n" for command in commands)


def annotation(finding: Finding, view: View) -> str:
    """The command for one finding."""
    message = in_cell(finding.place) + one_line(finding.message)
    position = span(finding.place, view)
    if finding.acknowledged is not None:
        text = f"{message}\nAcknowledged: {reason(finding)}"
        return command("notice", finding.place.path, position, f"{title(finding)} (acknowledged)", text)
    text = f"{message}\n{one_line(finding.help)}"
    return command(LEVELS[finding.severity], finding.place.path, position, title(finding), text)


def file_error(error: FileError) -> str:
    """The command for a file that could not be read."""
    return command("error", error.path, {}, "seedlint", one_line(error.message))


def span(place: Place, view: View) -> dict[str, int]:
    """Where the annotation stands; columns only on one line, as GitHub ignores them otherwise."""
    if place.cell is not None:
        return {"line": file_line(view, place.path, place.line, place.cell)}
    if end_line(place) > place.line:
        return {"line": place.line, "endLine": end_line(place)}
    return {"line": place.line, "col": place.column, "endLine": place.line, "endColumn": end_column(place)}


def command(level: str, path: str, position: dict[str, int], title: str, text: str) -> str:
    """`::level file=...,line=...,title=...::text`, escaped."""
    properties: dict[str, object] = {"file": path, **position, "title": title}
    listed = ",".join(f"{key}={escape_property(str(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{escape(text)}"


def escape(text: str) -> str:
    """Text after the `::`; what UTF-8 cannot hold, as in the name of a stray file, becomes `?`."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A value between the `=` and the `,`."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")
