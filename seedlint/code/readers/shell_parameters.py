"""Parameters of the shell as expressions: `${x:-d}`, `${x[i]}`, `${#x[@]}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import call, listed, literal, other
from seedlint.code.syntax import Choice, Expr, Name

if TYPE_CHECKING:
    from tree_sitter import Node

    from seedlint.code.readers.shell_words import Words


def expansion(words: Words, node: Node) -> Expr:
    """`${…}`: a parameter, an item, a default."""
    parts = node.children[1:-1]
    position = next((i for i, part in enumerate(parts) if part.is_named), None)
    if position is None:
        return Name(words.text(node)[2:-1], words.start(node)[0])
    subject, prefix = parts[position], words.text(parts[0]) if position else ""
    base = words.name(subject) if subject.type == "subscript" else words.parameter(words.text(subject), subject)
    return _changed(words, base, prefix, parts[position + 1 :], node)


def _changed(words: Words, base: Expr, prefix: str, rest: Sequence[Node], node: Node) -> Expr:
    start, end = words.start(node), words.end(node)
    if prefix in ("#", "!"):
        length = call("len", (base,), start, end)
        if prefix == "#":
            return length
        indices = rest == [] and words.text(node).endswith(("[@]}", "[*]}"))
        return call("range", (length,), start, end) if indices else other([base], start[0])
    if not rest:
        return base
    match words.text(rest[0]):
        case ":-" | "-" | ":=" | "=" as operator:
            default = _default(words, rest[1:], node)
            if "=" in operator and type(base) is Name:
                words.around.defaulted(base.id, default, start)
            return Choice("Or", (base, default), None, start[0])
        case ":+" | "+":
            empty = literal("", start, end)
            return Choice("IfExp", (_default(words, rest[1:], node), empty), base, start[0])
        case ":?" | "?":
            return base
        case ":" if type(base) is Name and _holds_list(words, node):
            return base
        case "//" | "/" if type(base) is Name:
            return base
    return other([base], start[0])


def _holds_list(words: Words, node: Node) -> bool:
    return b"@" in words.source.text[node.start_byte : node.end_byte]


def _default(words: Words, nodes: Sequence[Node], node: Node) -> Expr:
    """The word behind `:-`; the grammar cuts one with spaces in it apart."""
    if not nodes:
        return literal("", words.start(node), words.end(node))
    if len(nodes) == 1 and nodes[0].type not in ("concatenation", "word"):
        return words.value(nodes[0])
    if all(part.type in ("word", "number") for part in _leaves(nodes)):
        first, last = nodes[0].start_byte, nodes[-1].end_byte
        text = words.source.text[first:last].decode(errors="replace")
        piece = words.stretch(text, first, last)
        start, end = (piece.line, piece.column - 1), (piece.end_line, piece.end_column - 1)
        return listed(literal(text, start, end))
    pieces = [piece for part in nodes for piece in words.pieces(part)]
    return words.whole(pieces, words.start(nodes[0]))


def _leaves(nodes: Sequence[Node]) -> list[Node]:
    return [leaf for node in nodes for leaf in (_leaves(node.named_children) if node.named_child_count else [node])]
