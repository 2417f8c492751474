"""Parses shell text with tree-sitter. Both wheels are loaded when the first script is read, never before."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from seedlint.code.readers.unreadable import UnreadableSource

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


MAX_PIPES = 1000
"""Pipes and redirections of one line beyond which a script is not parsed."""

MAX_MISSING = 12
"""A script that leaves more open than this is no script."""

_CLOSERS = {"do": b"done", "then": b"fi", "{": b"}", "case": b"esac", "(": b")"}


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def is_overlong(text: bytes) -> bool:
    """Whether some line holds more pipes and redirections than anybody writes: the parser's time grows with their square."""
    count = 0
    for line in text.split(b"\n"):
        count += line.count(b"|") + line.count(b"<") + line.count(b">")
        if count > MAX_PIPES:
            return True
        count = count if line.rstrip().endswith((b"|", b"\\")) else 0
    return False


def parsed(text: bytes) -> Node:
    """The root of the syntax tree; what cannot be parsed is an ERROR node in it. Raises UnreadableSource."""
    if is_overlong(text):
        raise UnreadableSource("one line holds too many pipes and redirections")
    return _parser().parse(text).root_node


def repaired(text: bytes) -> tuple[bytes, Node]:
    """A text and its tree; a script that lacks its last `done`, `fi` or `}` gets them, as an author will who runs it."""
    root = parsed(text)
    if root.type != "ERROR":
        return text, root
    missing: list[bytes] = []
    for child in root.children:
        closer = _CLOSERS.get(child.type)
        if closer is not None:
            missing.append(closer)
        elif missing and child.type.encode() == missing[-1]:
            missing.pop()
    longer = text + b"".join(b"\n" + closer for closer in reversed(missing))
    again = parsed(longer) if 0 < len(missing) <= MAX_MISSING else root
    return (longer, again) if again.type != "ERROR" else (text, root)


def named(node: Node) -> list[Node]:
    """The named children, comments left out."""
    return [child for child in node.named_children if child.type != "comment"]


def fields(node: Node, name: str) -> list[Node]:
    """The named children that stand in a field."""
    return [child for child in node.children_by_field_name(name) if child.is_named]


def flattened(node: Node) -> list[tuple[str, Node]]:
    """The parts of a chain `a && b || c` in order, each with the operator before it; the grammar nests to the left."""
    found: list[tuple[str, Node]] = []
    while node.type == "list":
        children = [child for child in node.children if child.type != "comment"]
        if len(children) != 3:
            break
        found.append((children[1].type, children[2]))
        node = children[0]
    found.append(("", node))
    return found[::-1]
