"""What the assignments of a script bind: as expressions for the facts, and as texts for the commands built from variables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedlint.code.facts import Guard
from seedlint.code.readers.lowering import flat, literal, text_of
from seedlint.code.readers.shell_source import Source
from seedlint.code.readers.shell_tests import assigned, increment
from seedlint.code.readers.shell_tree import named
from seedlint.code.readers.shell_variables import Held, crossed
from seedlint.code.readers.shell_words import Words, unescaped
from seedlint.code.syntax import Expr, Item, Name, Op

if TYPE_CHECKING:
    from tree_sitter import Node

    from seedlint.code.readers.shell_script import Script

_NAMED = re.compile(rb"\$\{?([A-Za-z_]\w*)(?:\[[@*]\])?\}?")
_ALL = re.compile(rb'"?\$\{(\w+)\[[@*]\]\}"?')


class Values:
    """The assignments of one script."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def assignment(self, node: Node, words: Words) -> None:
        """`x=…`, `x+=…`, `x[i]=…`."""
        left, right = node.child_by_field_name("name"), node.child_by_field_name("value")
        if left is None:
            return
        target, start = words.name(left), words.start(node)
        appended = words.source.text[left.end_byte : left.end_byte + 2] == b"+="
        if right is None:
            end = words.end(node)
            self.script.bind(target, literal("", end, end), start)
            self.script.variables.bind(words.text(left), [Held((), Source(b"", (0,), (start,)))], self.script.guards)
            return
        value = words.value(right)
        step = increment(value, words.text(left))
        value = value if step is None else step
        self.script.bind(target, value, start, augmented=appended or step is not None)
        if type(target) is Name:
            self._remember(target.id, right, words, appended)
        elif type(target) is Item:
            self.script.variables.forget(words.text(left).partition("[")[0])

    def computed(self, node: Node, words: Words) -> None:
        """`((i++))`, `((i += 2))`, `((i = j + 1))`."""
        found = assigned(words, node)
        if found is not None:
            target, value, augmented = found
            self.script.bind(target, value, words.start(node), augmented=augmented)
            if type(target) is Name:
                self.script.variables.forget(target.id)

    def _remember(self, name: str, node: Node, words: Words, appended: bool) -> None:
        variables, guards = self.script.variables, self.script.guards
        held = [item for item in self.contents(node, words) if not item.text.text.startswith((b"$(", b"`"))]
        if appended:
            variables.append(name, held, guards, b" " if node.type == "array" else b"")
        else:
            variables.bind(name, held, guards)
        if node.type == "array":
            before = variables.items(name) if appended else ()
            items = [text for item in named(node) for text in self.contents(item, words)]
            variables.bind_items(name, [*before, *items])

    # loops over words

    def listed(self, nodes: Sequence[Node], words: Words) -> Expr:
        """The words over which a loop goes; a variable that lists several words stands for them."""
        line, column = words.start(nodes[0])
        if len(nodes) == 1:
            listed = self._words_held(nodes[0], words)
            if listed:
                return flat(listed, line, column + 1)
        return flat([words.word(node) for node in nodes], line, column + 1)

    def _words_held(self, node: Node, words: Words) -> list[Expr]:
        """The words of a variable that holds one text of several words, none of them computed or all numbers."""
        name = _NAMED.fullmatch(words.text(node).strip('"').encode())
        held = self.script.variables.held(name.group(1).decode(), self.script.guards) if name else ()
        if len(held) != 1 or b" " not in held[0].text.text.strip():
            return []
        tokens = self.script.commands.tokens_in(held[0].text)
        found = [token.expr for token in tokens or ()]
        texts = [text_of(item) for item in found]
        return found if all(texts) and not all(text and text.lstrip("-").isdigit() for text in texts) else []

    def turns(self, name: str, nodes: Sequence[Node], words: Words, line: int) -> None:
        """What the variable of a loop holds in its turns, if these are texts of options or commands."""
        held: list[Held] = []
        for node in nodes:
            for item in self._items(node, words):
                if item.text.text.startswith((b"$", b"`")):
                    continue
                text = item.text.text.decode(errors="replace")
                test = Op("Eq", (Name(name, line), literal(text, item.text.place(0), item.text.place(0))), line)
                held.append(Held((*item.guards, Guard(test, True)), item.text))
        if any(b" " in item.text.text.strip() for item in held):
            self.script.variables.bind(name, held, self.script.guards)
        else:
            self.script.variables.forget(name)

    def _items(self, node: Node, words: Words) -> Sequence[Held]:
        """The texts of one word of a loop's header: those of an array, each apart."""
        whole = _ALL.fullmatch(words.source.text[node.start_byte : node.end_byte])
        if whole is None:
            return self.contents(node, words)
        return self.script.variables.items(whole.group(1).decode())

    # texts

    def contents(self, node: Node, words: Words) -> list[Held]:
        """The texts that a value may be, with what its variables hold put in where that is known."""
        if node.type == "array":
            found = [Held((), Source(b"", (0,), (words.start(node),)))]
            for item in named(node):
                found = crossed(found, self._quoted(item, words), b" ")
            return found
        if node.type in ("string", "raw_string", "ansi_c_string", "translated_string"):
            return self._spliced(node, *self._inner(node, words), words)
        return self._spliced(node, node.start_byte, node.end_byte, words)

    def _quoted(self, node: Node, words: Words) -> list[Held]:
        """An item of an array as it stands, in its quotes; another array in it is spread."""
        whole = _ALL.fullmatch(words.source.text[node.start_byte : node.end_byte])
        held = self.script.variables.held(whole.group(1).decode(), self.script.guards) if whole else ()
        return list(held) or [Held((), words.source.part(node.start_byte, node.end_byte))]

    def _inner(self, node: Node, words: Words) -> tuple[int, int]:
        opening = 2 if node.type in ("ansi_c_string", "translated_string") else 1
        return node.start_byte + opening, max(node.end_byte - 1, node.start_byte + opening)

    def _spliced(self, node: Node, first: int, last: int, words: Words) -> list[Held]:
        """The text between two offsets, escapes taken out, known texts put in for the variables that name them."""
        found = [Held((), words.source.part(first, first))]
        position = first
        for inner in _expansions(node):
            held = self._known(inner, words)
            if held:
                found = crossed(found, [Held((), self._plain(node, words, position, inner.start_byte))])
                found = crossed(found, held)
                position = inner.end_byte
        return crossed(found, [Held((), self._plain(node, words, position, last))])

    def _plain(self, node: Node, words: Words, first: int, last: int) -> Source:
        part = words.source.part(first, last)
        return unescaped(part) if node.type == "string" else part

    def _known(self, node: Node, words: Words) -> Sequence[Held]:
        """What a variable in a text holds, if that is more than a word: a text of options, or a command."""
        name = _NAMED.fullmatch(words.source.text[node.start_byte : node.end_byte])
        held = self.script.variables.held(name.group(1).decode(), self.script.guards) if name else ()
        return held if any(item.has_options or b" " in item.text.text.strip() for item in held) else ()


def _expansions(node: Node) -> list[Node]:
    """The parameters in a word, those of substituted commands aside."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if item.type in ("simple_expansion", "expansion"):
            found.append(item)
        elif item.type in ("string", "concatenation", "translated_string"):
            waiting.extend(reversed(item.named_children))
    return found
