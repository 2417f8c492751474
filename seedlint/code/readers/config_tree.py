"""What the readers of configuration files share: bytes to text, places in it, and tables that grow from dotted keys."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import TypeAlias

from seedlint.code.facts import CONFIG, CONFIG_ROOT, Assign, CallSite, FileFacts, Scope
from seedlint.code.readers.unreadable import UnreadableSource
from seedlint.code.syntax import Call, Const, Expr, Group, Name, Other, Table, children, dotted

MAX_DEPTH = 100
"""Configuration files that nest deeper are attacks or data."""

MAX_NODES = 500_000
"""No file of settings holds more values, whatever stands in several places of it counted in each."""

TOO_DEEP = "nested too deeply to read"

MAX_ITEMS = 5_000
"""Longer lists are data; nobody looks at what stands in them."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else Latin-1; every line ends in a plain newline."""
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        raise UnreadableSource("holds NUL characters")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def characters(text: str) -> Sequence[int]:
    """For every byte of the text in UTF-8, and for its end, how many characters stand before it."""
    if text.isascii():
        return range(len(text) + 1)
    return [0, *accumulate((byte & 0xC0) != 0x80 for byte in text.encode())]


class Places:
    """Lines and columns, from 1, of the characters of a text that begins at the given ones."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        self._first, self._column = line, column
        self._starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def line(self, offset: int) -> int:
        """The line of a character."""
        return bisect_right(self._starts, offset) + self._first - 1

    def constant(self, value: int | float | str | bool | None, start: int, end: int) -> Const:
        """A literal that stands between two offsets."""
        return Const(value, *self._place(start), *self._place(end))

    def _place(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self._starts, offset) - 1
        column = offset - self._starts[index] + (1 if index else self._column)
        return index + self._first, column


def config_facts(
    path: str,
    root: Expr,
    text: str,
    *,
    calls: Collection[Call] = (),
    bound: Iterable[tuple[str, Expr]] = (),
    includes: Iterable[str] = (),
) -> FileFacts:
    """The facts of a file that holds the tree `root`, makes these calls in it, and has bound names of its own before."""
    module = Scope(0, -1, "module", "", 1, text.count("\n") + 1)
    for name, value in (*bound, (CONFIG_ROOT, root)):
        _check_size(value)
        module.assigns.append(Assign(Name(name, value.line), value, value.line, 0, (), (), False, ""))
    module.calls.extend(CallSite(call, (), ()) for call in calls)
    packages = {callee.partition(".")[0] for call in calls if (callee := dotted(call.func))}
    if "env" in text or "extVar" in text:  # What a file takes from the environment, it takes as Python does.
        packages.add("os")
    return FileFacts(path, [module], {name: name for name in sorted(packages)}, tuple(includes), CONFIG)


def _check_size(root: Expr) -> None:
    """Refuse a value that is too deep, or too large where what several places share is counted in each."""
    measured: dict[int, tuple[int, int]] = {}
    stack = [(root, False)]
    while stack:
        node, is_done = stack.pop()
        inner = children(node)
        if id(node) in measured or (not inner and node is not root):
            continue
        if not is_done:
            stack.append((node, True))
            stack.extend((child, False) for child in inner if id(child) not in measured)
            continue
        sizes = [measured.get(id(child), (1, 1)) for child in inner]
        size, height = 1 + sum(size for size, _ in sizes), 1 + max((height for _, height in sizes), default=0)
        if height > 2 * MAX_DEPTH:
            raise UnreadableSource(TOO_DEEP)
        if size > MAX_NODES:
            raise UnreadableSource("values that multiply without end")
        measured[id(node)] = size, height


def listed(items: Sequence[Expr], line: int, column: int) -> Expr:
    """A list, unless it is so long that it is data."""
    return Group(tuple(items), line, column) if len(items) <= MAX_ITEMS else Other((), line)


Grown: TypeAlias = "Expr | Branch | list[Branch]"


class Branch:
    """A table that grows from dotted keys; a key that is set again keeps its last value."""

    def __init__(self, line: int = 1) -> None:
        self.line = line
        self.pairs: dict[str, tuple[Const, Grown]] = {}

    def put(self, keys: Sequence[Const], value: Expr) -> None:
        """Set what stands under a chain of keys."""
        *above, last = keys
        self.at(above).set(last, value)

    def at(self, keys: Sequence[Const]) -> Branch:
        """The table under a chain of keys, made where there is none; of a list of tables, its last."""
        if len(keys) > MAX_DEPTH:
            raise UnreadableSource(TOO_DEEP)
        branch = self
        for key in keys:
            _, found = branch.pairs.get(str(key.value), (key, None))
            if isinstance(found, list):
                branch = found[-1]
            elif isinstance(found, Branch):
                branch = found
            else:
                below = Branch(key.line)
                branch.set(key, below)
                branch = below
        return branch

    def append(self, keys: Sequence[Const]) -> Branch:
        """A new table at the end of the list of tables under a chain of keys."""
        *above, last = keys
        holder = self.at(above)
        _, found = holder.pairs.get(str(last.value), (last, None))
        tables = found if isinstance(found, list) else []
        tables.append(Branch(last.line))
        if len(tables) == 1:
            holder.set(last, tables)
        return tables[-1]

    def set(self, key: Const, value: Grown) -> None:
        """Set what stands under one key."""
        self.pairs.pop(str(key.value), None)
        self.pairs[str(key.value)] = key, value

    def table(self) -> Table:
        """The table as it is now."""
        return Table(tuple((key, _grown(value)) for key, value in self.pairs.values()), self.line)


def _grown(value: Grown) -> Expr:
    if isinstance(value, Branch):
        return value.table()
    if isinstance(value, list):
        return Group(tuple(branch.table() for branch in value), value[0].line, 1)
    return value
