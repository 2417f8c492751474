"""Writes ignore and acknowledgement comments into files, above all into Python code.

libcst says where a comment is legal; it is then spliced into the lines, so that every other byte stays as it was.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seedlint.files import write_file
from seedlint.suppressions import in_comment, named_rules
from seedlint.uses import FileError, Finding

LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
LINE_END = re.compile(r"[\r\n]+\Z")
_INDENT = re.compile(r"[ \t]*(?=[^ \t\f])")


Spot = tuple["int | None", int]
"""A notebook's cell, where the file is one, and a line."""


class EditError(ValueError):
    """A file that cannot be edited without changing more than was asked, and the reason in one line."""


@dataclass(frozen=True)
class Remark:
    """A directive to write: "ignore" or "acknowledge", for the rules of findings, with the author's reason."""

    kind: str
    rules: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        return f"# seedlint: {self.kind}[{', '.join(self.rules)}] {self.reason}".rstrip()


@dataclass(frozen=True)
class Edited:
    """What became of the wish to write comments."""

    comments: int
    files: int
    errors: tuple[FileError, ...]


def write_remarks(findings: Iterable[Finding], kind: str, reason: str, root: str) -> Edited:
    """Write a remark at each finding, one a line; paths are relative to the folder `root`."""
    wanted: defaultdict[str, defaultdict[Spot, set[str]]] = defaultdict(lambda: defaultdict(set))
    for finding in findings:
        wanted[finding.place.path][finding.place.cell, finding.place.line].add(finding.code)
    reason = " ".join(reason.split())
    comments, errors = 0, []
    for path, spots in wanted.items():
        remarks = {spot: Remark(kind, tuple(sorted(codes)), reason) for spot, codes in spots.items()}
        location = os.path.join(root, path)
        try:
            with open(location, "rb") as file:
                data = file.read()
            write_file(location, _edited(path, data, remarks))
            comments += len(remarks)
        except EditError as error:
            errors.append(FileError(path, str(error)))
        except OSError as error:
            errors.append(FileError(path, error.strerror or str(error)))
    return Edited(comments, len(wanted) - len(errors), tuple(errors))


def _edited(path: str, data: bytes, remarks: Mapping[Spot, Remark]) -> bytes:
    """The file with the remarks, as its kind allows."""
    if path.endswith(".ipynb"):
        from seedlint.notebook_edits import with_remarks_in_cells

        in_cells: defaultdict[int, dict[int, Remark]] = defaultdict(dict)
        for (cell, line), remark in remarks.items():
            in_cells[cell or 0][line] = remark
        return with_remarks_in_cells(data, in_cells)
    from seedlint.code.kinds import kind_of

    if kind_of(path, data).name != "python":
        from seedlint.line_edits import with_remarks_above

        return with_remarks_above(path, data, {line: remark for (_, line), remark in remarks.items()})
    return with_remarks(data, {line: remark for (_, line), remark in remarks.items()})


def with_remarks(data: bytes, remarks: Mapping[int, Remark]) -> bytes:
    """The source with each remark at its line, or above the statement where that line cannot end in a comment."""
    layout = read_layout(data)
    lines: list[str] = LINES.findall(layout.text)
    newline = next((end[0] for line in lines if (end := LINE_END.search(line))), "\n")
    placed = placed_in(lines, layout, remarks)
    text = "".join(
        "".join(comment + newline for comment in placed.above.get(number, ())) + placed.lines.get(number, line)
        for number, line in enumerate(lines, start=1)
    )
    try:
        return text.encode(layout.encoding)
    except UnicodeEncodeError as error:
        raise EditError(f"its encoding, {layout.encoding}, cannot hold the comment") from error


@dataclass(frozen=True)
class Placed:
    """Where remarks go: lines that now end in one, by number, and comments above lines, without their line ends."""

    lines: Mapping[int, str]
    above: Mapping[int, Sequence[str]]


def placed_in(lines: Sequence[str], layout: Layout, remarks: Mapping[int, Remark]) -> Placed:
    """Each remark at the end of its line, or above its statement where the line cannot end in a comment."""
    if max(remarks, default=0) > len(lines):
        raise EditError("has changed since it was checked, so no comment is written")
    changed: dict[int, str] = {}
    above: defaultdict[int, list[str]] = defaultdict(list)
    for number, remark in remarks.items():
        if number in layout.comments:
            changed[number] = _with_comment(lines[number - 1], layout.comments[number], remark)
        else:
            start = max((first for first in layout.statements if first <= number), default=number)
            indent = _INDENT.search(lines[start - 1])
            above[start].append(f"{indent[0] if indent else ''}{remark}")
    return Placed(changed, above)


def _with_comment(line: str, comment: str, remark: Remark) -> str:
    """The line with the remark added to its comment, which may be empty."""
    ending = LINE_END.search(line)
    end = ending[0] if ending else ""
    code = line[: len(line) - len(end) - len(comment)]
    return f"{code if comment else code.rstrip() + '  '}{merged(comment, remark)}{end}"


def merged(comment: str, remark: Remark) -> str:
    """A comment that says what it said and the remark too: a directive of its kind and reason takes the rules in."""
    for match in in_comment(comment):
        rules = named_rules(match)
        reason = match["reason"].strip()
        alike = match["kind"] == remark.kind and (remark.kind == "ignore" or reason in ("", remark.reason))
        if alike and rules:
            both = Remark(remark.kind, tuple(dict.fromkeys([*rules, *remark.rules])), reason or remark.reason)
            return comment[: match.start()] + str(both) + comment[match.end() :]
    return f"{comment.rstrip()}  {remark}" if comment else str(remark)


@dataclass(frozen=True)
class Layout:
    """Where comments can stand: the lines that may end in one, with the one there is, and where statements start."""

    text: str
    encoding: str
    comments: Mapping[int, str]
    statements: Sequence[int]


def read_layout(data: bytes) -> Layout:
    """Where comments can stand in Python code; EditError where that cannot be told."""
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider

    try:
        module = libcst.parse_module(data)
        positions = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    except (libcst.ParserSyntaxError, UnicodeDecodeError, RecursionError) as error:
        raise EditError("libcst cannot parse it, so no comment is written") from error
    text = data.decode(module.encoding)
    if text.encode(module.encoding) != data:
        raise EditError(f"its encoding, {module.encoding}, does not survive being read and written")
    comments: dict[int, str] = {}
    statements: list[int] = []
    formatted: set[int] = set()
    for node, span in positions.items():
        if isinstance(node, libcst.TrailingWhitespace):
            comments[span.start.line] = node.comment.value if node.comment else ""
        elif isinstance(node, libcst.FormattedString):
            formatted.update(range(span.start.line, span.end.line))  # Before 3.12 no comment can stand in one.
        elif hasattr(node, "leading_lines"):
            statements.append(span.start.line)
    legal = {line: comment for line, comment in comments.items() if line not in formatted}
    return Layout(text, module.encoding, legal, statements)
