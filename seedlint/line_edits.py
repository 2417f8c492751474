"""Writes comments above lines of scripts and configs, where they say nothing to whatever runs or loads the file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seedlint.comments import comment_style, joined_lines
from seedlint.edits import LINE_END, LINES, EditError, Remark, merged
from seedlint.notebooks import LINE_END as ANY_END

if TYPE_CHECKING:
    from seedlint.code.syntax import Expr

_OURS = re.compile(r"^[ \t]*# seedlint:.*\n", re.MULTILINE)


def with_remarks_above(path: str, data: bytes, remarks: Mapping[int, Remark]) -> bytes:
    """The file with each remark above its line, or above the lines that backslashes join to it."""
    if path.lower().endswith(".json"):
        raise EditError("JSON has no comments, so none is written; name the file in per-file-ignores instead")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EditError("is not UTF-8, so no comment is written") from error
    lines = LINES.findall(text)
    if max(remarks, default=0) > len(lines):
        raise EditError("has changed since it was checked, so no comment is written")
    wanted: defaultdict[int, list[Remark]] = defaultdict(list)
    starts = _starts(path, text)
    for number, remark in remarks.items():
        wanted[starts.get(number, number)].append(remark)
    for start in sorted(wanted, reverse=True):
        for remark in wanted[start]:
            _write_above(lines, start, remark, comment_style(path))
    edited = "".join(lines).encode("utf-8")
    if _meaning(path, edited) != _meaning(path, data):
        raise EditError(f"a comment above line {min(wanted)} would change what the file says, so none is written")
    return edited


def _starts(path: str, text: str) -> dict[int, int]:
    """For each line of code, the first of the lines that backslashes join to it."""
    spans = joined_lines(ANY_END.split(text), comment_style(path))
    return {number: first for first, last in spans for number in range(first, last + 1)}


def _write_above(lines: list[str], number: int, remark: Remark, style: str) -> None:
    """Add the remark above a line, or to a remark of its kind that stands there alone."""
    line, above = lines[number - 1], lines[number - 2] if number > 1 else ""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    comment = LINE_END.sub("", above.lstrip(" \t"))
    joint = merged(comment, remark)
    if comment.startswith(style) and comment.count("seedlint:") == joint.count("seedlint:") == 1:
        lines[number - 2] = above.replace(comment, _styled(joint, style))
        return
    newline = next((end[0] for each in lines if (end := LINE_END.search(each))), "\n")
    lines.insert(number - 1, f"{indent}{_styled(str(remark), style)}{newline}")


def _styled(comment: str, style: str) -> str:
    """A comment of ours in the language of the file."""
    return comment.replace("# seedlint:", f"{style} seedlint:")


def _meaning(path: str, data: bytes) -> Sequence[object]:
    """What the facts of a file say, without their places and our comments in the scripts that a config holds."""
    from seedlint.code.facts import CONFIG
    from seedlint.code.readers.dispatch import read
    from seedlint.code.readers.unreadable import UnreadableSource

    try:
        facts = read(path, data)
    except UnreadableSource as error:
        raise EditError(f"{error}, so no comment is written") from error
    bare = facts.language == CONFIG
    return [
        [
            *(_said(assign.target) + _said(assign.value, bare=bare) for assign in scope.assigns),
            *(_said(site.call) for site in scope.calls),
            *(_said(loop.target) + _said(loop.iterable) for loop in scope.loops),
        ]
        for scope in facts.scopes
    ]


def _said(expr: Expr | None, *, bare: bool = False) -> list[object]:
    """The nodes of an expression by what they say; `bare` leaves our comments out of texts of several lines."""
    from seedlint.code.syntax import walk

    found: list[object] = []
    for node in () if expr is None else walk(expr):
        said = [getattr(node, word, None) for word in ("value", "id", "name", "operator")]
        if bare and isinstance(said[0], str) and "\n" in said[0]:
            said[0] = _OURS.sub("", said[0])
        found.append((type(node).__name__, *said))
    return found
