"""Reads TOML into facts: the standard library says whether it is TOML, the grammar says where everything stands."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from seedlint.code.facts import FileFacts
from seedlint.code.readers.config_tree import (
    MAX_DEPTH,
    MAX_ITEMS,
    TOO_DEEP,
    Branch,
    Places,
    characters,
    config_facts,
    decoded,
)
from seedlint.code.readers.references import string_value
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Const, Expr, Group, Other

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TOML = Language(tree_sitter_toml.language())
_ENDLESS_KEY = re.compile(rf"(?:[\w\"'-]{{1,64}}\s{{0,2}}\.\s{{0,2}}){{{MAX_DEPTH}}}")


def read_toml(path: str, content: bytes) -> FileFacts:
    """The facts of a TOML file."""
    text = decoded(content)
    if _ENDLESS_KEY.search(text):
        raise UnreadableSource(TOO_DEEP)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableSource(str(error).splitlines()[0]) from error
    except (RecursionError, ValueError) as error:  # Numbers can have too many digits, and dates can be none.
        raise UnreadableSource("nested too deeply, or a value out of range") from error
    return config_facts(path, _Reader(text).root.table(), text)


class _Reader:
    """One walk over one file's syntax tree."""

    def __init__(self, text: str) -> None:
        self.root = Branch()
        self._places = Places(text)
        self._characters = characters(text)
        tree = Parser(_TOML).parse(text.encode())
        self._pairs(self.root, tree.root_node, 0)
        for table in tree.root_node.named_children:
            header = next((self._keys(node) for node in table.named_children if node.type.endswith("_key")), None)
            if header and table.type == "table":
                self._pairs(self.root.at(header), table, 0)
            elif header and table.type == "table_array_element":
                self._pairs(self.root.append(header), table, 0)

    def _pairs(self, branch: Branch, table: Node, depth: int) -> None:
        for node in table.named_children:
            if node.type == "pair" and not node.has_error:
                self._put(branch, node, depth)

    def _put(self, branch: Branch, pair: Node, depth: int) -> None:
        key, value, *_ = (node for node in pair.named_children if node.type != "comment")
        branch.put(self._keys(key), self._value(value, depth))

    def _keys(self, node: Node) -> list[Const]:
        """The keys of a dotted key, from left to right."""
        return [self._constant(str(_value_of(key)), key) for key in _single_keys(node)]

    def _value(self, node: Node, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise UnreadableSource(TOO_DEEP)
        start = self._constant(None, node)
        match node.type:
            case "array" if node.named_child_count > MAX_ITEMS:
                return Other((), start.line)
            case "array":
                items = (self._value(item, depth + 1) for item in node.named_children if item.type != "comment")
                return Group(tuple(items), start.line, start.column)
            case "inline_table":
                branch = Branch(start.line)
                self._pairs(branch, node, depth + 1)
                return branch.table()
        value = _value_of(node)
        place = self._constant(value, node)
        return string_value(value, place) if isinstance(value, str) else place

    def _constant(self, value: int | float | str | bool | None, node: Node) -> Const:
        return self._places.constant(value, self._characters[node.start_byte], self._characters[node.end_byte])


def _single_keys(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        node = stack.pop()
        if node.type == "dotted_key":
            stack.extend(reversed(node.named_children))
        else:
            yield node


def _value_of(node: Node) -> int | float | str | bool:
    """The value of a key or scalar: of what is not plain, as the standard library reads it; a date is its text."""
    source = (node.text or b"").decode()
    if node.type == "bare_key":
        return source
    if source.isdigit():
        return int(source)
    if source[0] in "\"'" and source[1:2] != source[0] and "\\" not in source:
        return source[1:-1]
    value = tomllib.loads(f"value = {source}")["value"]
    return value if isinstance(value, (int, float, str)) else source
