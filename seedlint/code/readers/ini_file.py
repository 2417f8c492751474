"""Reads INI files into facts: `[a.b]` is a table in a table, values are numbers, words, references or JSON, as spaCy has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedlint.code.facts import FileFacts
from seedlint.code.readers.config_tree import Branch, Places, config_facts, decoded
from seedlint.code.readers.jsonnet import read_value
from seedlint.code.readers.references import string_value
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Const, Expr

_SECTION = re.compile(r"\s*\[([^\]]+)\]\s*(?:[#;].*)?")
_BETWEEN = re.compile(r"[=:]")
_COMMENT = re.compile(r"(?<=\s)[#;].*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]{1,4})?")
_WORDS = {"true": True, "false": False, "null": None, "none": None, "yes": True, "no": False, "on": True, "off": False}
_CLOSING = tuple("])}")


@dataclass
class _Option:
    """An option, where its value begins, and the lines of that so far."""

    key: Const
    column: int
    lines: list[str]


@dataclass
class _Section:
    """The header of a section."""

    keys: list[Const]


def read_ini(path: str, content: bytes) -> FileFacts:
    """The facts of an INI file."""
    text = decoded(content)
    root = Branch()
    table = root
    for item in _items(text):
        if isinstance(item, _Section):
            table = root.at(item.keys)
        else:
            table.set(item.key, _value(item))
    return config_facts(path, root.table(), text)


def _items(text: str) -> Iterator[_Section | _Option]:
    """Sections and options in order. A line that is indented, or closes a bracket, continues the option above it."""
    option: _Option | None = None
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        is_empty = not stripped or stripped[0] in "#;"
        if option is not None and (is_empty or line[0].isspace() or stripped.startswith(_CLOSING)):
            option.lines.append("" if is_empty else line)
        elif not is_empty:
            if option is not None:
                yield option
            item = _item(line, number)
            option = item if isinstance(item, _Option) else None
            if isinstance(item, _Section):
                yield item
    if option is not None:
        yield option


def _item(line: str, number: int) -> _Section | _Option:
    section = _SECTION.fullmatch(line)
    if section is not None:
        pieces = re.finditer(r"[^.]+", section[1])
        return _Section([_key(piece[0], number, section.start(1) + piece.start()) for piece in pieces])
    between = _BETWEEN.search(line)
    if between is None:
        raise UnreadableSource(f"line {number}: neither a section nor an option")
    value = line[between.end() :]
    column = between.end() + len(value) - len(value.lstrip()) + 1
    return _Option(_key(line[: between.start()], number, 0), column, [value.strip()])


def _key(text: str, number: int, start: int) -> Const:
    name = text.strip()
    column = start + len(text) - len(text.lstrip()) + 1
    return Const(name, number, column, number, column + len(name))


def _value(option: _Option) -> Expr:
    """What an option is set to."""
    text = "\n".join(option.lines).rstrip()
    places = Places(text, option.key.line, option.column)
    if text.lstrip()[:1] in ("[", "{", '"'):
        try:
            return read_value(text, places)
        except UnreadableSource:  # It only looks like JSON.
            return places.constant(text, 0, len(text))
    if "\n" not in text:
        text = _COMMENT.sub("", text).rstrip()
    return _scalar(text, places.constant(text, 0, len(text)))


def _scalar(text: str, place: Const) -> Expr:
    if _INTEGER.fullmatch(text):
        place.value = int(text)
    elif _FLOAT.fullmatch(text):
        place.value = float(text)
    elif text.lower() in _WORDS:
        place.value = _WORDS[text.lower()]
    elif len(text) > 1 and text[0] == text[-1] == "'":
        place.value = text[1:-1]
    else:
        return string_value(text, place, sections=True)
    return place
