"""The words of JSON, JSON with comments, JSON5 and Jsonnet, one family in which each is nearly a part of the next."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import NamedTuple

from seedlint.code.readers.config_tree import Places
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Const

_TOKEN = re.compile(
    r"""(?P<skip>(?:[\s\ufeff]+|//.*|\#.*|/\*[\s\S]*?\*/)+)
    |(?P<string>"[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^'\\]*(?:\\[\s\S][^'\\]*)*')
    |(?P<verbatim>@"[^"]*(?:""[^"]*)*"|@'[^']*(?:''[^']*)*')
    |(?P<block>\|\|\|-?[ \t]*\n(?:.*\n)*?[ \t]*\|\|\|)
    |(?P<number>0[xX][0-9a-fA-F]+|[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<mark>\+?:{1,3}|[<>=!]=|<<|>>|&&|\|\||[{}\[\]()<>,;.+\-*/%&|^!~=$])
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}


class Token(NamedTuple):
    """A word: its kind is string, verbatim, block, number, word, mark or end."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """All words of a text, white space and comments left out, and one that stands for its end."""
    found: list[Token] = []
    position = 0
    while match := _TOKEN.match(text, position):
        position = match.end()
        kind = match.lastgroup
        if kind != "skip" and kind is not None:
            found.append(Token(kind, match[0], match.start(), position))
    if position < len(text):
        line = text.count("\n", 0, position) + 1
        raise UnreadableSource(f"line {line}: {text[position : position + 1]!r} opens nothing that ends")
    found.append(Token("end", "", position, position))
    return found


class Words:
    """The words of a text, taken one after the other."""

    def __init__(self, text: str, places: Places) -> None:
        self._places = places
        self._tokens = tokens(text)
        self._next = 0

    def peek(self, further: int = 0) -> Token:
        """The next word, or one further on; behind the end is the end."""
        return self._tokens[min(self._next + further, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next word, which there must be."""
        token = self._tokens[self._next]
        if token.kind == "end":
            raise self.unexpected()
        self._next += 1
        return token

    def skip(self, *texts: str) -> bool:
        """Step over the next word if it is one of these."""
        token = self._tokens[self._next]
        found = token.text in texts and token.kind in ("mark", "word")
        self._next += found
        return found

    def need(self, text: str) -> None:
        """Step over the next word, which must be this one."""
        if not self.skip(text):
            raise self.unexpected()

    def unexpected(self, token: Token | None = None) -> UnreadableSource:
        """What to raise where no word like this, or like the next, can stand."""
        token = token or self.peek()
        shown = repr(token.text[:20]) if token.text else "the end"
        return UnreadableSource(f"line {self.line(token.start)}: {shown} is not expected here")

    def line(self, offset: int) -> int:
        """The line of an offset."""
        return self._places.line(offset)

    def constant(self, value: int | float | str | bool | None, token: Token) -> Const:
        """A literal that stands where the word does."""
        return self._places.constant(value, token.start, token.end)


def string_of(token: Token) -> str:
    """What a quoted word says."""
    match token.kind:
        case "verbatim":
            quote = token.text[1]
            return token.text[2:-1].replace(quote * 2, quote)
        case "block":
            body = token.text[token.text.index("\n") + 1 : -3].rstrip(" \t")
            return dedent(body)
    inner = token.text[1:-1]
    if "\\" not in inner:
        return inner
    plain = _ESCAPE.sub(_unescaped, inner)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)


def number_of(token: Token) -> int | float:
    """What a number is worth; an integer of too many digits is none."""
    text = token.text.replace("_", "")
    try:
        return int(text, 0) if text.isdigit() or text[:2] in ("0x", "0X") else float(text)
    except ValueError:
        return float(text) if text.isdigit() else 0
