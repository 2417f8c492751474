"""Reads YAML into facts, from the events of PyYAML's parser: aliases and merge keys resolved, every scalar with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from seedlint.code.facts import GIVEN, FileFacts
from seedlint.code.readers.config_tree import MAX_DEPTH, MAX_NODES, TOO_DEEP, config_facts, decoded, listed
from seedlint.code.readers.references import string_value
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.readers.workflow import add_commands
from seedlint.code.readers.yaml_scalars import plain_value, tagged
from seedlint.code.syntax import Call, Const, Expr, Group, Other, Table

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: str, content: bytes) -> FileFacts:
    """The facts of a YAML file; several documents in it are a list."""
    text = decoded(content)
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise UnreadableSource(_reason(error)) from error
    documents = [document for document in builder.documents if type(document) is not Const]
    root: Expr = Table((), 1)
    if documents:
        root = documents[0] if len(documents) == 1 else Group(tuple(documents), documents[0].line, 1)
    facts = config_facts(path, root, text, calls=builder.calls)
    add_commands(facts, root, text, builder.strings)
    return facts


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "no YAML")
    return problem if mark is None else f"line {mark.line + 1}: {problem}"


class _Mark(Protocol):
    """Where an event stands, whichever parser it comes from."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def _place(mark: _Mark | None) -> tuple[int, int]:
    """Line and column, from 1."""
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


@dataclass
class _List:
    """A list whose end has not come yet; `size` counts the values in it, aliases written out."""

    start: SequenceStartEvent
    items: list[Expr] = field(default_factory=list)
    size: int = 1

    def key(self) -> str:
        """Under which key of it the next value will stand."""
        return str(len(self.items))

    def put(self, value: Expr) -> None:
        """Take the next value."""
        self.items.append(value)

    def finish(self) -> Expr:
        """The whole list."""
        return listed(self.items, *_place(self.start.start_mark))


@dataclass
class _Mapping:
    """A mapping whose end has not come yet; `waiting` is the key that has no value so far."""

    start: MappingStartEvent
    pairs: dict[object, tuple[Expr, Expr]] = field(default_factory=dict)
    merged: list[Expr] = field(default_factory=list)
    waiting: Expr | None = None
    size: int = 1

    def key(self) -> str:
        """Under which key of it the next value will stand."""
        return str(self.waiting.value) if type(self.waiting) is Const else ""

    def put(self, value: Expr) -> None:
        """Take the next key, or the value of the last one."""
        key, self.waiting = self.waiting, None
        if key is None:
            self.waiting = value
        elif type(key) is not Const:
            self.pairs[id(key)] = key, value
        elif key.value == "<<":
            self.merged.append(value)
        else:
            self.pairs.pop(key.value, None)
            self.pairs[key.value] = key, value

    def finish(self) -> Expr:
        """The whole mapping with what is merged into it; `{{ name }}` is what a template engine will put in."""
        template = self._template()
        if template is not None:
            return template
        pairs = dict(self.pairs)
        for table in self._merged_tables():
            for key, value in table.pairs:
                if type(key) is Const:
                    pairs.setdefault(key.value, (key, value))
        return Table(tuple(pairs.values()), _place(self.start.start_mark)[0])

    def _merged_tables(self) -> list[Table]:
        found = [item for value in self.merged for item in (value.items if type(value) is Group else (value,))]
        return [item for item in found if type(item) is Table]

    def _template(self) -> Expr | None:
        if self.start.flow_style and len(self.pairs) == 1:
            [(key, value)] = self.pairs.values()
            match key, value:
                case Table(pairs=((Const(value=str() as name), Const(value=None)),), line=line), Const(value=None):
                    return string_value("{{" + name + "}}", Const(None, line, 1, line, 1))
        return None


class _Builder:
    """Takes the events of a file in turn and grows its documents."""

    def __init__(self) -> None:
        self.documents: list[Expr] = []
        self.calls: list[Call] = []
        self.strings: dict[int, Const] = {}
        self._open: list[_List | _Mapping] = []
        self._anchors: dict[str, tuple[Expr, int]] = {}
        self._size = 0

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, ScalarEvent):
            self._done(self._scalar(event), event.anchor, 1)
        elif isinstance(event, MappingStartEvent):
            self._enter(_Mapping(event))
        elif isinstance(event, SequenceStartEvent):
            self._enter(_List(event))
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._leave()
        elif isinstance(event, AliasEvent):
            unknown = Other((), _place(event.start_mark)[0])
            value, size = self._anchors.get(event.anchor or "", (unknown, 1))
            self._done(value, None, size)

    def _leave(self) -> None:
        ended = self._open.pop()
        whole, tag = ended.finish(), ended.start.tag
        self._done(whole if tag is None else tagged(tag, whole), ended.start.anchor, ended.size)

    def _enter(self, opened: _List | _Mapping) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnreadableSource(TOO_DEEP)
        self._open.append(opened)

    def _done(self, value: Expr, anchor: str | None, size: int) -> None:
        """Put a finished value where it belongs."""
        if type(value) is Call:
            self.calls.append(value)
        if anchor is not None:
            self._anchors[anchor] = value, size
        if not self._open:
            self.documents.append(value)
            return
        around = self._open[-1]
        around.size += size
        if around.size > MAX_NODES:
            raise UnreadableSource("aliases that multiply without end")
        around.put(value)

    def _scalar(self, event: ScalarEvent) -> Expr:
        place = Const(event.value, *_place(event.start_mark), *_place(event.end_mark))
        if self._awaits_key():
            return place
        if event.tag not in (None, "!"):
            return tagged(event.tag, place)
        if event.implicit[0]:
            place.value = plain_value(event.value)
        if type(place.value) is not str:
            return place
        value = string_value(place.value, place, self._keys)
        if value is not place and value is not GIVEN:
            self.strings[id(value)] = place
        return value

    def _awaits_key(self) -> bool:
        return bool(self._open) and type(self._open[-1]) is _Mapping and self._open[-1].waiting is None

    def _keys(self) -> tuple[str, ...]:
        return tuple(opened.key() for opened in self._open)
