"""Shell text that knows where in the file every stretch of it stands, so that commands put together from variables, quotes
and heredocs are parsed as one text and still have the places of their words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_BARE = re.compile(rb"\\.|\$\$|\$([A-Za-z_]\w*|[1-9])|(?<=[\w/.:,=}-])`([^`\\\n]*)`", re.DOTALL)

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


def braced(source: Source) -> Source:
    """The same with `${x}` for `$x` and `$(x)` for a backtick inside a word: the grammar breaks `$a/$b/$c` into two words."""
    texts: list[bytes] = []
    starts: list[int] = list(source.starts[:1])
    places: list[Place] = list(source.places[:1])
    index, position, grown = 1, 0, 0
    for match in _BARE.finditer(source.text):
        if match.lastindex is None:
            continue  # an escape, or the number of the process
        while index < len(source.starts) and source.starts[index] <= match.start():
            starts.append(source.starts[index] + grown)
            places.append(source.places[index])
            index += 1
        texts.append(source.text[position : match.start()])
        texts.append(b"${" + match[1] + b"}" if match[1] is not None else b"$(" + match[2] + b")")
        if match[2] is not None:
            starts.append(match.start() + grown + 2)
            places.append(source.place(match.start(2)))
        position = match.end()
        grown += len(texts[-1]) - (match.end() - match.start())
        starts.append(position + grown)
        places.append(source.place(position))
    if not texts:
        return source
    starts += [start + grown for start in source.starts[index:]]
    places += source.places[index:]
    return Source(b"".join([*texts, source.text[position:]]), tuple(starts), tuple(places))


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
