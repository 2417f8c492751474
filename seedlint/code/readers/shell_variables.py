"""What the variables of a script hold as text, so that commands and options which were put together in them can be read as
commands and options, with their words in the places where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from seedlint.code.facts import Guard
from seedlint.code.readers.shell_source import Source, joined

MAX_ALTERNATIVES = 16
"""A variable that may hold more texts than this is not followed."""

MAX_TEXT = 20_000
"""Nor is one whose text is longer than any command."""

OPTIONS = re.compile(rb"(?:^|\s)(?:--?[A-Za-z]|[+~]{0,2}[A-Za-z_][\w./@]*=)")
"""What makes a text one of options: it is split into words where it is used."""


class Held(NamedTuple):
    """A text that a variable may hold, and the conditions under which it does."""

    guards: tuple[Guard, ...]
    text: Source

    @property
    def has_options(self) -> bool:
        """Whether the text is one of options."""
        return OPTIONS.search(self.text.text) is not None


class Variables:
    """The texts that variables may hold at the present place of a walk. A function sees those around it."""

    def __init__(self, outer: Variables | None = None) -> None:
        self._outer = outer
        self._held: dict[str, tuple[Held, ...]] = {}
        self._items: dict[str, tuple[Held, ...]] = {}

    def held(self, name: str, guards: tuple[Guard, ...] = ()) -> tuple[Held, ...]:
        """What a variable may hold under some conditions, each with the conditions that come on top of them."""
        found = self._held.get(name)
        if found is None:
            return self._outer.held(name, guards) if self._outer is not None else ()
        possible: list[Held] = []
        for item in reversed(found):
            if not contradict(item.guards, guards):
                beyond = tuple(guard for guard in item.guards if guard not in guards)
                possible.append(Held(beyond, item.text))
                if not beyond:
                    break
        return tuple(reversed(possible))

    def bind(self, name: str, values: Sequence[Held], guards: tuple[Guard, ...]) -> None:
        """Bind a name to texts, each under its own conditions on top of those of the assignment."""
        kept = [item for item in self.held(name) if not _replaced(item.guards, guards)] if guards else []
        added = [Held((*guards, *value.guards), value.text) for value in values]
        total = [*_still_possible(kept, guards, len(added)), *added]
        fits = len(total) <= MAX_ALTERNATIVES and all(len(item.text.text) <= MAX_TEXT for item in added)
        self._held[name] = tuple(total) if fits and values else ()

    def append(self, name: str, values: Sequence[Held], guards: tuple[Guard, ...], between: bytes = b"") -> None:
        """Bind a name to what it holds with texts behind it."""
        before = self.held(name, guards)
        self.bind(name, crossed(before, values, between), guards)

    def items(self, name: str) -> tuple[Held, ...]:
        """The texts of an array, each apart."""
        found = self._items.get(name)
        if found is None:
            return self._outer.items(name) if self._outer is not None else ()
        return found

    def bind_items(self, name: str, items: Sequence[Held]) -> None:
        """Bind an array to its texts."""
        self._items[name] = tuple(items[: MAX_ALTERNATIVES + 1])

    def forget(self, name: str) -> None:
        """Take a name for unknown."""
        self._held[name] = ()


def crossed(before: Sequence[Held], after: Sequence[Held], between: bytes = b"") -> list[Held]:
    """Every text followed by every other that may stand beside it."""
    found: list[Held] = []
    for first in before:
        for second in after:
            too_long = len(first.text.text) + len(second.text.text) > MAX_TEXT and bool(first.text.text)
            if not contradict(first.guards, second.guards) and len(found) <= MAX_ALTERNATIVES and not too_long:
                added = tuple(guard for guard in second.guards if guard not in first.guards)
                gap = second.text.beside(between)
                found.append(Held((*first.guards, *added), joined([first.text, gap, second.text])))
    return found


def contradict(some: tuple[Guard, ...], others: tuple[Guard, ...]) -> bool:
    """Whether two sets of conditions cannot hold together."""
    return any(one.test is two.test and one.holds is not two.holds for one in some for two in others)


def _replaced(guards: tuple[Guard, ...], by: tuple[Guard, ...]) -> bool:
    """Whether a binding under `by` replaces one under `guards`: it happens whenever that one did."""
    return all(guard in guards for guard in by)


def _still_possible(kept: list[Held], guards: tuple[Guard, ...], added: int) -> list[Held]:
    """What an assignment leaves: where its counterpart in the other branch assigned too, nothing from before."""
    opposite = (*guards[:-1], Guard(guards[-1].test, not guards[-1].holds)) if guards and added else ()
    if opposite and any(item.guards[: len(opposite)] == opposite for item in kept):
        return [item for item in kept if contradict(item.guards, guards) or not set(item.guards) <= set(guards[:-1])]
    return kept
