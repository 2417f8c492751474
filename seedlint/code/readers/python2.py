"""Lets Python 2 sources be read: rewrites, line by line, the statements that Python 3 spells otherwise."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

REWRITES = (
    (re.compile(r"\bexcept\s+([\w.]+|\([^()]*\))\s*,\s*(\w+)\s*:"), r"except \1 as \2:"),
    (re.compile(r"(?m)^(\s*)raise\s+([\w.]+)\s*,\s*([^\n,]+)$"), r"\1raise \2(\3)"),
    (re.compile(r"(?m)^(\s*)exec\s+([^\s(][^\n]*?)(?:\s+in\s+[^\n]+)?$"), r"\1exec(\2)"),
    (re.compile(r"`([^`\n]+)`"), r"repr(\1)"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"(?<![\w.])0([0-7]+)(?![\w.])"), r"0o\1"),
    (re.compile(r"(?<![\w.])(\d+)[lL]\b"), r"\1"),
    (re.compile(r"\b[uU][rR](?=[\"'])"), "r"),
)
"""What is spelled otherwise beside `print`, and how."""

LAYOUT = frozenset({tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT, tokenize.ENCODING})
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


def as_python3(content: bytes) -> bytes:
    """The source as Python 3, line for line; unchanged where its tokens cannot be told. Columns may shift in what is rewritten."""
    try:
        text = content.decode("utf-8-sig").expandtabs(8)
    except UnicodeDecodeError:
        return content
    for pattern, replacement in REWRITES:
        text = pattern.sub(replacement, text)
    try:
        prints = list(_prints(text))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return content
    lines = text.splitlines(keepends=True)
    for (first, begin), (last, end) in reversed(prints):
        closing = lines[last - 1]
        lines[last - 1] = closing[:end].rstrip().rstrip(",") + ")" + closing[end:]
        opening = lines[first - 1]
        given = re.sub(r"^\s*>>\s*[^,\n]+,?", "", opening[begin + len("print") :])
        lines[first - 1] = opening[:begin] + "print(" + given.lstrip(" ")
    return "".join(lines).encode()


def _prints(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where each print statement begins, and where what it prints ends; lines from 1, columns from 0."""
    start: tuple[int, int] | None = None
    end = (0, 0)
    fresh, depth = True, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if start is not None and (
            token.type in (tokenize.NEWLINE, tokenize.COMMENT) or (token.string == ";" and not depth)
        ):
            yield start, end
            start = None
        if token.type in LAYOUT:
            continue
        if token.string in OPENING:
            depth += 1
        elif token.string in CLOSING:
            depth -= 1
        if fresh and token.type == tokenize.NAME and token.string == "print":
            rest = token.line[token.end[1] :].lstrip()
            start = None if rest.startswith(("(", "=", ".")) else token.start
        fresh = token.type == tokenize.NEWLINE or (token.string in (";", ":") and not depth)
        end = token.end
