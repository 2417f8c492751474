"""The words of shell commands as expressions: quotes, parameters and their defaults, braces, substitutions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from seedlint.code.readers.lowering import KEY, draw, flat, glued, listed, literal, other
from seedlint.code.readers.shell_braces import brace_expression, spread_braces
from seedlint.code.readers.shell_parameters import expansion
from seedlint.code.readers.shell_source import Place, Source
from seedlint.code.readers.shell_tree import named
from seedlint.code.syntax import Const, Expr, Item, Name

if TYPE_CHECKING:
    from tree_sitter import Node

RANDOM = frozenset({"RANDOM", "SRANDOM", "$", "BASHPID", "EPOCHSECONDS", "EPOCHREALTIME"})
"""Parameters that have another value in every run."""

COMMAND = re.compile(r"\S*\s(.*\s)?(python[\d.]*|(ba)?sh|torchrun|accelerate|\S+\.(py|sh))\s")
"""A text that begins as `key=value` does and is a command with its environment."""

_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\\n])')
_ESCAPE = re.compile(rb'\\[$`"\\]')


class Surroundings(Protocol):
    """What the words of a script ask of the walk that meets them."""

    def substituted(self, node: Node, words: Words) -> Expr:
        """What a substituted command gives; it is recorded as well."""

    def position(self, name: str) -> str:
        """Which positional parameter a number means here."""

    def computed(self, node: Node, words: Words) -> None:
        """Record what `i++` and `i += 2` bind in the midst of an arithmetic expression."""

    def defaulted(self, name: str, value: Expr, place: Place) -> None:
        """Record that `${x:=d}` binds a name."""


class Words:
    """Lowers the words of one source."""

    def __init__(self, source: Source, around: Surroundings) -> None:
        self.source = source
        self.around = around

    def start(self, node: Node) -> Place:
        """Where a node begins."""
        return self.source.place(node.start_byte)

    def end(self, node: Node) -> Place:
        """Where a node ends: behind its last character."""
        line, column = self.source.place(max(node.end_byte - 1, node.start_byte))
        return line, column + 1

    def span(self, node: Node) -> tuple[Place, Place]:
        """Where a node begins and ends."""
        return self.start(node), self.end(node)

    def text(self, node: Node) -> str:
        """The characters of a node as they stand."""
        return self.source.text[node.start_byte : node.end_byte].decode(errors="replace")

    def inner(self, node: Node) -> Source:
        """The text of a word without its quotes, escapes taken out; places stay."""
        match node.type:
            case "string" | "translated_string" | "raw_string" | "ansi_c_string":
                opening = 1 if node.type in ("string", "raw_string") else 2
                first = node.start_byte + opening
                part = self.source.part(first, max(node.end_byte - 1, first))
                return unescaped(part) if node.type in ("string", "translated_string") else part
        return self.source.part(node.start_byte, node.end_byte)

    def word(self, node: Node) -> Expr:
        """A word of a command: an integer, a text, `key=value` in two parts, or what it is put together from."""
        braces = spread_braces(self, node)
        return braces if braces is not None else self._keyed(self.pieces(node), self.start(node))

    def value(self, node: Node) -> Expr:
        """What an assignment or a default gives: as a word, but a quoted list of numbers is a group."""
        if node.type == "array":
            line, column = self.start(node)
            return flat([self.word(item) for item in named(node)], line, column + 1, alone=False)
        braces = spread_braces(self, node)
        return braces if braces is not None else listed(self.whole(self.pieces(node), self.start(node)))

    def name(self, node: Node) -> Expr:
        """What is bound: a name, or an item of an array."""
        line = self.start(node)[0]
        if node.type != "subscript":
            return Name(self.text(node), line)
        array, index = node.child_by_field_name("name"), node.child_by_field_name("index")
        if array is None or index is None:
            return Name(self.text(node), line)
        base = Name(self.text(array), line)
        if self.text(index) in ("@", "*"):
            return base
        return Item(base, self._index(index), line)

    def _arithmetic(self, node: Node) -> Expr:
        from seedlint.code.readers.shell_tests import arithmetic

        return arithmetic(self, node)

    def _index(self, node: Node) -> Expr:
        """An index is arithmetic: a bare word in it is a name."""
        if node.type == "word":
            text = self.text(node)
            start = self.start(node)
            return Name(text, start[0]) if text.isidentifier() else literal(text, start, self.end(node))
        return self._arithmetic(node)

    def _keyed(self, pieces: Sequence[Expr], start: Place) -> Expr:
        """`--seed=$s` as its key and its value; other words whole."""
        first = pieces[0] if pieces else None
        if type(first) is Const and isinstance(first.value, str):
            match = KEY.match(first.value)
            if match and not COMMAND.match(first.value):
                middle = (first.line, first.column - 1 + len(match.group().encode()))
                end = (first.end_line, first.end_column - 1)
                key = Const(match.group(), first.line, first.column, middle[0], middle[1] + 1)
                rest = first.value[match.end() :]
                after = [Const(rest, middle[0], middle[1] + 1, end[0], end[1] + 1)] if rest else []
                return glued((key, self.whole([*after, *pieces[1:]], middle)), start[0])
        return self.whole(pieces, start)

    def whole(self, pieces: Sequence[Expr], start: Place) -> Expr:
        """The parts of a word as one expression; a number where the word is one."""
        if not pieces:
            return literal("", start, start)
        if len(pieces) > 1 and all(type(piece) is Const for piece in pieces):
            pieces = [_merged(pieces[0], pieces[-1], "".join(str(getattr(piece, "value", "")) for piece in pieces))]
        first = pieces[0]
        if len(pieces) == 1 and type(first) is Const:
            return literal(str(first.value), (first.line, first.column - 1), (first.end_line, first.end_column - 1))
        return glued(pieces, start[0])

    def pieces(self, node: Node) -> list[Expr]:
        """A word in its parts, literal ones as text whatever they look like; neighbours that are text are one."""
        found: list[Expr] = []
        for piece in self._raw_pieces(node):
            last = found[-1] if found else None
            if type(last) is Const and type(piece) is Const:
                if KEY.fullmatch(str(last.value)) and len(found) == 1:
                    found.append(piece)  # the value of `--seed="42"` keeps its own place
                else:
                    found[-1] = _merged(last, piece, str(last.value) + str(piece.value))
            else:
                found.append(piece)
        return found

    def _raw_pieces(self, node: Node) -> list[Expr]:
        match node.type:
            case "concatenation" | "command_name" | "translated_string":
                return [piece for child in node.named_children for piece in self._raw_pieces(child)]
            case "string":
                return self._quoted(node)
            case "word" | "number" | "variable_name" | "regex" | "extglob_pattern" | "string_content" if (
                node.named_child_count == 0
            ):
                return [self._text(_ESCAPED.sub(_unescaped, self.text(node)), node)]
            case "raw_string":
                return self._inner(node, 1)
            case "ansi_c_string":
                return self._inner(node, 2)
            case "simple_expansion":
                return [self._parameter(node)]
            case "expansion":
                return [expansion(self, node)]
            case "command_substitution":
                return [self.around.substituted(node, self)]
            case "process_substitution":
                return [other([self.around.substituted(node, self)], self.start(node)[0])]
            case "arithmetic_expansion":
                inner = node.named_children
                return [self._arithmetic(inner[-1]) if inner else other((), self.start(node)[0])]
            case "brace_expression":
                return [brace_expression(self, node)]
            case "number" | "word" | "extglob_pattern" | "regex" | "array":
                return [other([piece for child in node.named_children for piece in self._raw_pieces(child)], 1)]
        return [self._text(self.text(node), node)]

    def _text(self, text: str, node: Node) -> Const:
        start, end = self.start(node), self.end(node)
        return Const(text, start[0], start[1] + 1, end[0], end[1] + 1)

    def _inner(self, node: Node, opening: int) -> list[Expr]:
        """What stands between quotes that hide everything; `opening` characters open them."""
        first, last = node.start_byte + opening, max(node.end_byte - 1, node.start_byte + opening)
        return [self.stretch(self.source.text[first:last].decode(errors="replace"), first, last)]

    def stretch(self, text: str, first: int, last: int) -> Const:
        """A text that stands between two offsets."""
        start = self.source.place(first)
        line, column = self.source.place(max(last - 1, first))
        return Const(text, start[0], start[1] + 1, line, column + (2 if last > first else 1))

    def _quoted(self, node: Node) -> list[Expr]:
        """What stands in double quotes: text, and the parameters in it."""
        found: list[Expr] = []
        position = node.start_byte + 1
        closing = node.end_byte - 1 if self.source.text[node.end_byte - 1 : node.end_byte] == b'"' else node.end_byte
        for child in node.named_children:
            if child.type in ("string_content", "ERROR", "comment"):
                continue
            found += self._plain(position, child.start_byte)
            found += self._raw_pieces(child)
            position = child.end_byte
        found += self._plain(position, closing)
        return found or [self.stretch("", position, position)]

    def _plain(self, first: int, last: int) -> list[Expr]:
        if first >= last:
            return []
        text = self.source.text[first:last].decode(errors="replace")
        return [self.stretch(_ESCAPED_IN_QUOTES.sub(_unescaped, text), first, last)]

    def _parameter(self, node: Node) -> Expr:
        inner = node.named_children
        return self.parameter(self.text(inner[0]) if inner else self.text(node)[1:], node)

    def parameter(self, name: str, node: Node) -> Expr:
        """`$name`: what it is bound to, or a fresh draw."""
        if name in RANDOM:
            return draw(self.start(node), self.end(node))
        if name[:1].isdigit() or name in ("@", "*"):
            name = self.around.position("@" if name == "*" else name)
        return Name(name, self.start(node)[0])


def unescaped(part: Source) -> Source:
    """What stands in double quotes, without the backslashes that hide the next character."""
    if b"\\" not in part.text:
        return part
    return part.without([(match.start(), match.start() + 1) for match in _ESCAPE.finditer(part.text)])


def _merged(first: Expr, last: Expr, text: str) -> Const:
    assert type(first) is Const
    assert type(last) is Const
    return Const(text, first.line, first.column, last.end_line, last.end_column)


def _unescaped(match: re.Match[str]) -> str:
    return "" if match.group(1) == "\n" else match.group(1)
