"""Cuts the content stream of a page into its operators and their operands (ISO 32000-1, 7.2 and 7.8.2), several times as fast
as pdfminer's parser: a run of paths is passed over at one go, and everything else costs one regular expression a token.

What is no PDF is passed over too: nothing is raised, and every step is linear in the stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pdfminer.psparser import LIT

_TOKEN = re.compile(
    rb"[\0\s]*(?:"
    rb"([+-]?(?:\d+\.?\d*|\.\d+))"
    rb"|\(([^()\\]*)\)"
    rb"|([A-Za-z][^#/%\[\]()<>{}\0\s]*|['\"])"
    rb"|(\[)"
    rb"|(\])"
    rb"|/([^#/%\[\]()<>{}\0\s]*(?:\#[^#/%\[\]()<>{}\0\s]*)*)"
    rb"|(\()"
    rb"|(<<|>>|%[^\r\n]*)"
    rb"|<([0-9A-Fa-f\0\s]*)>?"
    rb"|(.))",
    re.DOTALL,
)
_NUMBER, _STRING, _WORD, _OPEN, _CLOSE, _NAME, _LONG_STRING, _IGNORED, _HEX = range(1, 10)
_PATHS = re.compile(
    rb"(?:\s{1,4}(?:[-+.\d]{1,20}\s{1,4}){2,6}(?:[mlcvy]|re)(?=\s)|\s{1,4}[hnSsfFWBb]\*?(?=\s)){1,1000}"
)
_PATH_WORDS = frozenset((b"m", b"l", b"c", b"v", b"y", b"re", b"h"))
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_ENCODED = re.compile(rb"#([0-9A-Fa-f]{2})")
_IMAGE_END = re.compile(rb"\sEI(?=\s|$)|~>\s*EI(?=\s|$)")
_MOST_OPERANDS = 100_000
"""More numbers than this, or strings, in a row are no operands of anything, and are forgotten."""


def operations(data: bytes) -> Iterator[tuple[bytes, list[Any]]]:
    """Yield each operator with its operands: numbers, bytes for strings, pdfminer's literals for names, lists for arrays.

    Paths and the dictionaries of marked content are left out, and so are pictures in the stream itself.
    """
    stack: list[Any] = []
    operands, in_picture = stack, False
    place, end, match = 0, len(data), _TOKEN.match
    while place < end and (token := match(data, place)):
        place = token.end()
        kind = token.lastindex
        if kind == _NUMBER:
            number = token[1]
            operands.append(float(number) if b"." in number else int(number[:20]))
        elif kind == _STRING:
            operands.append(token[2])
        elif kind == _WORD:
            word = token[3]
            if word in _PATH_WORDS:
                if run := _PATHS.match(data, place):
                    place = run.end()
            elif word == b"BI":
                in_picture = True
            elif word == b"ID" and in_picture:
                in_picture = False
                closing = _IMAGE_END.search(data, place)
                place = closing.end() if closing else end
            else:
                yield word, stack
            operands = stack = []
        elif kind == _OPEN:
            operands = []
        elif kind == _CLOSE and operands is not stack:
            stack.append(operands)
            operands = stack
        elif kind == _NAME:
            operands.append(_name(token[6]))
        elif kind == _LONG_STRING:
            text, place = _string(data, place)
            operands.append(text)
        elif kind == _HEX:
            operands.append(_bytes(token[9]))
        if len(operands) > _MOST_OPERANDS:
            operands.clear()


def _name(written: bytes) -> object:
    plain = _ENCODED.sub(lambda code: bytes((int(code[1], 16),)), written) if b"#" in written else written
    try:
        return LIT(plain.decode())
    except UnicodeDecodeError:
        return LIT(plain)


def _string(data: bytes, start: int) -> tuple[bytes, int]:
    """The string that begins at `start`, after its bracket, with brackets or escapes in it, and the place behind it."""
    depth = 1
    for found in _IN_STRING.finditer(data, start):
        sign = found[0]
        depth += (sign == b"(") - (sign == b")")
        if not depth:
            return _ESCAPE.sub(_escaped, data[start : found.start()]), found.end()
    return _ESCAPE.sub(_escaped, data[start:]), len(data)


def _escaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes((int(found[1], 8) & 255,))
    return _ESCAPES.get(found[2], found[2])


def _bytes(digits: bytes) -> bytes:
    plain = re.sub(rb"[\0\s]", b"", digits)
    return bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode())
