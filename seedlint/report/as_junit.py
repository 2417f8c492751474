"""JUnit XML, for CI servers that show test results: one suite, one case a finding.

A finding is a failed case; an acknowledged one is a skipped case whose message gives the reason; an unreadable file is
a case with an error. A run that has nothing to say is one passed case, since some servers refuse an empty suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedlint.report import View
from seedlint.report.wording import count, known_line, locate, one_line, reason, title
from seedlint.uses import FileError, Finding, Report

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(report: Report, view: View) -> str:
    """A `testsuites` document."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    root = Element("testsuites", name="seedlint")
    suite = SubElement(root, "testsuite", name="seedlint")
    for finding in report.findings:
        add_finding(suite, finding, view)
    for error in report.errors:
        add_error(suite, error)
    if not len(suite):
        name = f"no findings in {count(report.files, 'file')}"
        SubElement(suite, "testcase", classname="seedlint", name=name, time="0")
    tally(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def add_finding(suite: Element, finding: Finding, view: View) -> None:
    """A case that failed, or was skipped where the author acknowledged it."""
    from xml.etree.ElementTree import SubElement

    place, path = finding.place, legal(finding.place.path)
    where = locate(place.path, place.line, place.cell, place.column)
    name = f"{title(finding)} at {where.removeprefix(place.path + ':')}"
    case = SubElement(suite, "testcase", classname=path, name=legal(name), file=path, time="0")
    line = known_line(view, place.path, place.line, place.cell)
    if line is not None:
        case.set("line", str(line))
    if finding.acknowledged is not None:
        SubElement(case, "skipped", message=legal(f"acknowledged: {reason(finding)}"))
        return
    message = legal(one_line(finding.message))
    failure = SubElement(case, "failure", type=finding.severity.value, message=message)
    failure.text = legal("\n".join(explanation(finding, where)))


def explanation(finding: Finding, where: str) -> list[str]:
    """What a person reads under the failed case."""
    steps = [f"  {locate(step.path, step.line, step.cell)}  {one_line(step.note)}" for step in finding.evidence]
    return [f"{where}: {one_line(finding.message)}", f"  {finding.text}", *steps, f"help: {one_line(finding.help)}"]


def add_error(suite: Element, error: FileError) -> None:
    """A case that could not run."""
    from xml.etree.ElementTree import SubElement

    path = legal(error.path)
    case = SubElement(suite, "testcase", classname=path, name="readable", file=path, time="0")
    SubElement(case, "error", type="unreadable-file", message=legal(one_line(error.message)))


def tally(suite: Element) -> None:
    """The counts that the suite carries as attributes."""
    suite.set("tests", str(len(suite)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("time", "0")


def legal(text: str) -> str:
    """The text with what XML 1.0 cannot hold, even escaped, replaced by U+FFFD."""
    return "".join(char if is_legal(char) else "\ufffd" for char in text)


def is_legal(char: str) -> bool:
    """Whether XML 1.0 allows the character (section 2.2, production 2)."""
    return char in "\t\n\r" or " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000"
