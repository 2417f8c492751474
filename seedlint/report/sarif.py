"""What every SARIF 2.1.0 log of ours shares: the log, the tool with its rules' pages, files as addresses, files that failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from seedlint import __version__
from seedlint.report import View
from seedlint.report.wording import one_line, rule_address
from seedlint.uses import Severity

if TYPE_CHECKING:
    from seedlint.rulebook import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
FINGERPRINT = "primaryLocationLineHash"
"""The one partial fingerprint that code scanning on GitHub looks at."""

PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}

Object = dict[str, Any]


def log(rules: Iterable[Rule], results: Sequence[Object], notifications: Sequence[Object], view: View) -> str:
    """One log with one run: the tool, what it found, and what it could not read, which makes the run unsuccessful."""
    import json

    base = {"originalUriBaseIds": {ROOT: {"uri": absolute_uri(view.root).rstrip("/") + "/"}}} if view.root else {}
    run = {
        "tool": {"driver": driver(rules, view)},
        "columnKind": "unicodeCodePoints",
        **base,
        "invocations": [{"executionSuccessful": not notifications, "toolExecutionNotifications": list(notifications)}],
        "results": all_or_none(results),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def driver(rules: Iterable[Rule], view: View) -> Object:
    """The tool and its rules, in the order in which results number them."""
    return {
        "name": "seedlint",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [descriptor(rule, view) for rule in rules],
    }


def all_or_none(results: Sequence[Object]) -> list[Object]:
    """Section 3.27.23: when one result says whether it is suppressed, all of them should."""
    if any("suppressions" in entry for entry in results):
        return [{**entry, "suppressions": entry.get("suppressions", [])} for entry in results]
    return list(results)


def suppression(justification: str) -> Object:
    """A finding that its author answers in the place itself."""
    return {"kind": "inSource", "status": "accepted", "justification": justification}


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


def notification(path: str, message: str, level: str = "error") -> Object:
    """A file that could not be read, or not whole."""
    return {
        "level": level,
        "message": {"text": one_line(message)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact(path)}}],
    }
