"""The report for people at a terminal: each finding with its line, the way from sink to origin, and what to do instead.

Acknowledged findings are shown dimmed, with the author's reason. Unreadable files are only counted, in the last line;
the command prints them on standard error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seedlint.report import View
from seedlint.report.snippet import printable, snippet
from seedlint.report.wording import count, locate, one_line, reason
from seedlint.uses import Circumstance, Evidence, Finding, Place, Report, SeedUse, Severity

MOST_STEPS = 6

MOST_ALIKE = 6
SHOWN_ALIKE = 3
"""Of more than MOST_ALIKE findings with the same message, SHOWN_ALIKE are shown. The other formats hold all."""

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
WHY_SAFE = {
    Circumstance.VALIDATION_SELECTION: "the best of several seeds is kept by a validation score",
    Circumstance.SEARCHED: "the seed is searched together with other hyperparameters",
    Circumstance.COMBINED: "models of several seeds are combined into one",
    Circumstance.SPREAD: "only the spread over seeds is looked at",
}


def render(report: Report, view: View) -> str:
    """Findings and safe uses as blocks, or the table of counts, then one line that sums up."""
    if view.statistics:
        from seedlint.report.as_statistics import table

        blocks = [table(report, view)]
    else:
        blocks = finding_blocks(report.findings, view)
        if view.show_safe:
            blocks += [safe_block(use, view) for use in report.uses if use.safe]
    return "\n".join(block + "\n" for block in [*blocks, summary(report, view)] if block)


def finding_blocks(findings: Sequence[Finding], view: View) -> list[str]:
    """The findings in their order; of many with the same message, as the configs of a project give, the first few."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.acknowledged is None:
            alike.setdefault((finding.code, finding.message), []).append(finding)
    blocks = []
    for finding in findings:
        group = alike.get((finding.code, finding.message), [])
        position = next((index for index, other in enumerate(group[:SHOWN_ALIKE]) if other is finding), None)
        folded = len(group) > MOST_ALIKE and finding.acknowledged is None
        if not folded or position is not None:
            blocks.append(finding_block(finding, view))
        if folded and position == SHOWN_ALIKE - 1:
            blocks.append(folded_block(group[SHOWN_ALIKE:], view))
    return blocks


def folded_block(findings: Sequence[Finding], view: View) -> str:
    """What stands for findings that are like those above: how many they are, and where the first of them stand."""
    places = [printable(locate(item.place.path, item.place.line, item.place.cell)) for item in findings]
    shown = ", ".join(places[:SHOWN_ALIKE]) + (", ..." if len(places) > SHOWN_ALIKE else "")
    return (
        f"    {paint(view, '=', fg='blue', bold=True)} and {count(len(findings), 'more finding')} like these: {shown}"
    )


def finding_block(finding: Finding, view: View) -> str:
    """One finding: headline, source line, evidence, and what to do instead."""
    if finding.acknowledged is not None:
        return acknowledged_block(finding, view)
    colour = COLOURS[finding.severity]
    where, text = headline(finding.place), printable(one_line(finding.message))
    kind = paint(view, f"{finding.severity.value}[{finding.code}]", fg=colour, bold=True)
    lines = [f"{paint(view, where, bold=True)}: {kind} {paint(view, finding.name, bold=True)}: {text}"]
    gutter = gutter_of(finding.place)
    lines += source_lines(finding, view, colour)
    lines += [margin(view, gutter, step) for step in steps(finding.evidence)]
    lines += help_lines(finding.help, view, gutter)
    return "\n".join(lines)


def acknowledged_block(finding: Finding, view: View) -> str:
    """One acknowledged finding, dimmed: headline, source line, and the author's reason."""
    plain = View(width=view.width, read_line=view.read_line)
    text = printable(one_line(finding.message))
    lines = [f"{headline(finding.place)}: acknowledged[{finding.code}] {finding.name}: {text}"]
    lines += source_lines(finding, plain, None)
    lines += [f"{gutter_of(finding.place)} = acknowledged: {printable(reason(finding))}"]
    return "\n".join(paint(view, line, dim=True) for line in lines)


def safe_block(use: SeedUse, view: View) -> str:
    """One safe use: the use, the place, and why it is safe."""
    why = WHY_SAFE.get(use.circumstance, use.circumstance.value)
    subject = f" ({printable(one_line(use.subject))})" if use.subject else ""
    kind = paint(view, f"safe[{use.use.value}]", fg="green", bold=True)
    lines = [f"{paint(view, headline(use.place), bold=True)}: {kind} {why}{subject}"]
    gutter = gutter_of(use.place)
    return "\n".join(lines + [margin(view, gutter, step) for step in steps(use.evidence)])


def headline(place: Place) -> str:
    """Where the block is about."""
    return printable(locate(place.path, place.line, place.cell, place.column))


def gutter_of(place: Place) -> str:
    """The blank as wide as line numbers are in the block."""
    return " " * max(3, len(str(place.line)))


def source_lines(finding: Finding, view: View, colour: str | None) -> list[str]:
    """The numbered source line with carets under the span; without carets where only the stripped text is known."""
    place = finding.place
    line = view.read_line(place.path, place.line, place.cell) if view.read_line is not None else None
    gutter = gutter_of(place)
    room = max(view.width - len(gutter) - len(" | "), 20)
    shown, carets = snippet(finding.text, None, room) if line is None else snippet(line, place, room)
    if not shown.strip():
        return []
    bar = paint(view, "|", fg="blue", bold=True)
    number = str(place.line).rjust(len(gutter))
    lines = [f"{paint(view, number, fg='blue', bold=True)} {bar} {shown}"]
    if carets:
        lines.append(f"{gutter} {bar} {paint(view, carets, fg=colour, bold=True)}")
    return lines


def steps(evidence: tuple[Evidence, ...], most: int = MOST_STEPS) -> list[str]:
    """The evidence as aligned lines; a way of more than `most` keeps its two ends."""
    places = [printable(locate(step.path, step.line, step.cell)) for step in evidence]
    width = max(map(len, places), default=0)
    notes = [printable(one_line(step.note)) for step in evidence]
    lines = [f"{place:<{width}}  {note}".rstrip() for place, note in zip(places, notes, strict=True)]
    if len(lines) <= most:
        return lines
    head, tail = most // 2, most // 2 - 1
    return [*lines[:head], f"... {count(len(lines) - head - tail, 'more step')}", *lines[-tail:]]


def help_lines(text: str, view: View, gutter: str) -> list[str]:
    """What to do instead, broken at the terminal's width."""
    from textwrap import wrap

    label = "help: "
    indent = f"{gutter}   {' ' * len(label)}"
    first, *rest = wrap(printable(one_line(text)), max(view.width - len(indent), 40)) or [""]
    return [margin(view, gutter, first, label), *(indent + line for line in rest)] if first else []


def margin(view: View, gutter: str, text: str, label: str = "") -> str:
    """A line under the source line, behind its mark."""
    return f"{gutter} {paint(view, '=', fg='blue', bold=True)} {paint(view, label, fg='green', bold=True)}{text}"


def summary(report: Report, view: View) -> str:
    """The last line: how much was found in how many files, and what else there is to know."""
    unexcused = [finding for finding in report.findings if finding.acknowledged is None]
    acknowledged = len(report.findings) - len(unexcused)
    others = [f"{acknowledged} acknowledged"] if acknowledged else []
    others += [f"{view.hidden} in the baseline"] if view.hidden else []
    safe = sum(use.safe for use in report.uses)
    others += [count(safe, "safe use")] if safe else []
    others += [f"{count(len(report.errors), 'file')} could not be read"] if report.errors else []
    return "; ".join([verdict(unexcused, report, view), *others])


def verdict(findings: list[Finding], report: Report, view: View) -> str:
    """The first part of the summary."""
    files = count(report.files, "file")
    if findings:
        of_kind = Counter(finding.severity for finding in findings)
        kinds = ", ".join(count(of_kind[kind], kind.value) for kind in reversed(Severity) if of_kind[kind])
        return paint(view, f"Found {count(len(findings), 'finding')} ({kinds}) in {files}", bold=True)
    if report.errors:
        return f"No findings in {files}"
    if not report.files:
        return "No files to check"
    return paint(view, f"All clear: no risky seed use in {files}", fg="green", bold=True)


def paint(view: View, text: str, fg: str | None = None, bold: bool | None = None, dim: bool | None = None) -> str:
    """The text in a colour, where the reader sees colours."""
    if not view.colour or not text:
        return text
    from click import style

    return style(text, fg=fg, bold=bold, dim=dim)
