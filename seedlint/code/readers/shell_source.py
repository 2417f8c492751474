"""Shell text that knows where in the file every stretch of it stands, so that commands put together from variables, quotes
and heredocs are parsed as one text and still have the places of their words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

Place = tuple[int, int]
"""A line from 1 and a column from 0, counted in bytes."""


@dataclass(frozen=True)
class Source:
    """A text in stretches; stretch `i` begins at offset `starts[i]` and stands in the file at `places[i]`."""

    text: bytes
    starts: tuple[int, ...]
    places: tuple[Place, ...]

    @classmethod
    def of(cls, text: bytes, line: int = 1, column: int = 0) -> Source:
        """A text that stands in the file in one piece."""
        starts, places = [0], [(line, column)]
        end = text.find(b"\n")
        while end >= 0:
            line += 1
            starts.append(end + 1)
            places.append((line, 0))
            end = text.find(b"\n", end + 1)
        return cls(text, tuple(starts), tuple(places))

    def place(self, offset: int) -> Place:
        """Where in the file the character at an offset stands."""
        index = bisect_right(self.starts, offset) - 1
        line, column = self.places[index]
        return line, column + offset - self.starts[index]

    def part(self, start: int, end: int) -> Source:
        """A stretch of the text."""
        first, last = bisect_right(self.starts, start), bisect_left(self.starts, end)
        starts = (0, *(offset - start for offset in self.starts[first:last]))
        return Source(self.text[start:end], starts, (self.place(start), *self.places[first:last]))

    def without(self, spans: Iterable[tuple[int, int]]) -> Source:
        """The text with some stretches taken out; `spans` are in order and apart."""
        parts, begin = [], 0
        for start, end in spans:
            parts.append(self.part(begin, start))
            begin = end
        return joined([*parts, self.part(begin, len(self.text))]) if parts else self

    def beside(self, text: bytes) -> Source:
        """Another text that stands for this one, at its place."""
        return Source(text, (0,), (self.place(0),))


def joined(parts: Iterable[Source]) -> Source:
    """Several texts as one."""
    texts: list[bytes] = []
    starts: list[int] = []
    places: list[Place] = []
    length = 0
    for part in parts:
        if not part.text:
            continue
        texts.append(part.text)
        starts += [length + offset for offset in part.starts]
        places += part.places
        length += len(part.text)
    return Source(b"".join(texts), tuple(starts), tuple(places)) if texts else Source(b"", (0,), ((1, 0),))
