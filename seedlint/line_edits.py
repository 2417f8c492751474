"""Writes comments above lines of scripts and configs, where they say nothing to whatever runs or loads the file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from seedlint.comments import comment_style, joined_lines
from seedlint.edits import LINE_END, LINES, EditError, Remark, merged
from seedlint.notebooks import LINE_END as ANY_END

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


def _bare(value: object) -> object:
    """A value without our comments, if it is a text that can hold them on lines of their own."""
    return _OURS.sub("", value) if isinstance(value, str) and "\n" in value else value


def _meaning(path: str, data: bytes) -> Sequence[object]:
    """What the facts of a file say, without their places and the comments in the scripts that it holds."""
    from seedlint.code.readers.dispatch import read
    from seedlint.code.readers.unreadable import UnreadableSource
    from seedlint.code.syntax import Expr, walk

    def said(expr: Expr | None) -> list[object]:
        words = ("value", "id", "name", "operator")
        nodes = () if expr is None else walk(expr)
        return [(type(node).__name__, *(_bare(getattr(node, word, None)) for word in words)) for node in nodes]

    try:
        facts = read(path, data)
    except UnreadableSource as error:
        raise EditError(f"{error}, so no comment is written") from error
    return [
        [
            *(said(assign.target) + said(assign.value) for assign in scope.assigns),
            *(said(site.call) for site in scope.calls),
            *(said(loop.target) + said(loop.iterable) for loop in scope.loops),
        ]
        for scope in facts.scopes
    ]
