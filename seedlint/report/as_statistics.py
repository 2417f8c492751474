"""The table of `--statistics`: how many findings of each rule, the most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seedlint.report import View
from seedlint.uses import Report


def table(report: Report, view: View) -> str:
    """A line a rule, and with `show_safe` a line a safe use; empty where there is nothing to count."""
    rules = {finding.code: finding for finding in report.findings}
    totals = Counter(finding.code for finding in report.findings)
    acknowledged = Counter(finding.code for finding in report.findings if finding.acknowledged is not None)
    rows = [
        (str(totals[code]), code, rules[code].name, rules[code].severity.value, remark(acknowledged[code]))
        for code in sorted(totals, key=lambda code: (-totals[code], code))
    ]
    if view.show_safe:
        safe = Counter(use.use.value for use in report.uses if use.safe)
        rows += [(str(safe[use]), "safe", use, "", "") for use in sorted(safe, key=lambda use: (-safe[use], use))]
    return "\n".join(aligned(rows))


def remark(acknowledged: int) -> str:
    """How many of a rule's findings are acknowledged."""
    return f"({acknowledged} acknowledged)" if acknowledged else ""


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows with the counts at the right of their column and the rest at the left of theirs."""
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)] or [0]
    return [
        "  ".join([number.rjust(first), *(cell.ljust(size) for cell, size in zip(cells, others, strict=True))]).rstrip()
        for number, *cells in rows
    ]
