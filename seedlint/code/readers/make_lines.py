"""Cuts a Makefile into its statements, and turns the language of make into that of the shell, every place kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from seedlint.code.readers.shell_source import Source, joined

STEM = b"\x1a"
"""Stands in translated text for `%` and `$*`, the part of a target's name that a pattern leaves open."""

_ASSIGNMENT = re.compile(rb"(?:export\s+|override\s+|private\s+)*([\w.-]+)[ \t]*(\?=|\+=|!=|:{0,3}=)[ \t]*", re.DOTALL)
_DEFINE = re.compile(rb"(?:override[ \t]+|export[ \t]+)*define[ \t]+([\w.-]+)")
_CONDITION = re.compile(rb"[ \t]*(ifeq|ifneq|ifdef|ifndef|else|endif)\b[ \t]*(.*)", re.DOTALL)
_COMMENT = re.compile(rb"(?<!\\)#.*", re.DOTALL)
_REFERENCE = re.compile(rb"\$(?:\$|([@<^?+*])|\(([\w.-]+)\)|\{([\w.-]+)\}|([A-Za-z])|([({]))")
_FOREACH = re.compile(rb"foreach[ \t]+(\w+)[ \t]*,([^,]*),")


@dataclass(frozen=True)
class Assignment:
    """`name operator value`."""

    name: str
    operator: str
    value: Source
    begin: tuple[int, int]


@dataclass(frozen=True)
class Condition:
    """`ifeq`, `else` or `endif` with what stands behind."""

    kind: str
    rest: Source


@dataclass
class Rule:
    """A rule: its targets, what they need, the variables that it sets for itself, and the lines of its recipe."""

    targets: tuple[str, ...]
    needs: Source
    begin: tuple[int, int]
    own: list[Assignment] = field(default_factory=list)
    recipe: list[Source] = field(default_factory=list)


Statement = Assignment | Condition | Rule


def statements(source: Source) -> Iterator[Statement]:
    """The statements of a Makefile in order; the recipe of a rule is in it."""
    rule: Rule | None = None
    defined: tuple[str, list[Source], tuple[int, int]] | None = None
    for line in _logical(source):
        text = line.text
        if defined is not None:
            if text.strip() == b"endef":
                yield Assignment(defined[0], "=", joined(defined[1]), defined[2])
                defined = None
            else:
                defined[1].extend((line, line.part(len(text), len(text)).beside(b"\n")))
            continue
        if text.startswith(b"\t"):
            if rule is not None and text.strip():
                rule.recipe.append(_stripped(line))
            continue
        line = line.part(0, len(_COMMENT.sub(b"", text)))
        condition, define = _CONDITION.match(line.text), _DEFINE.match(line.text)
        if condition:
            yield Condition(condition.group(1).decode(), line.part(condition.start(2), condition.end(2)))
        elif define:
            defined = define.group(1).decode(), [], line.place(0)
        elif line.text.strip():
            statement = _assignment(line) or _rule(line)
            rule = statement if isinstance(statement, Rule) else None
            if statement is not None:
                yield statement


def _logical(source: Source) -> Iterator[Source]:
    """The lines of a Makefile, those that a backslash continues with what follows."""
    begin, position = 0, 0
    text = source.text
    while position < len(text):
        end = text.find(b"\n", position)
        end = len(text) if end < 0 else end
        if text[position:end].endswith(b"\\") and end < len(text):
            position = end + 1
            continue
        yield source.part(begin, end)
        begin = position = end + 1


def _stripped(line: Source) -> Source:
    """A line of a recipe without its tab and the signs that say how it is run."""
    match = re.match(rb"[\t @+-]*", line.text)
    return line.part(match.end() if match else 0, len(line.text))


def _assignment(line: Source) -> Assignment | None:
    match = _ASSIGNMENT.match(line.text)
    if match is None:
        return None
    end = len(line.text.rstrip())
    value = line.part(match.end(), max(end, match.end()))
    return Assignment(match.group(1).decode(), match.group(2).decode(), value, line.place(match.start(1)))


def _rule(line: Source) -> Rule | None:
    colon = _colon(line.text)
    if colon is None:
        return None
    words = line.text[:colon].rstrip(b"&").split()
    targets = tuple(word.decode(errors="replace") for word in words if word != b"\\")
    after = colon + (2 if line.text[colon : colon + 2] == b"::" else 1)
    rest = line.part(after, len(line.text))
    blank = len(rest.text) - len(rest.text.lstrip())
    own = _assignment(rest.part(blank, len(rest.text)))
    if own is not None:
        return Rule(targets, rest.part(0, 0), line.place(0), [own])
    needs, semicolon, _ = rest.text.partition(b";")
    recipe = [_stripped(rest.part(len(needs) + 1, len(rest.text)))] if semicolon else []
    return Rule(targets, rest.part(0, len(needs)), line.place(0), [], recipe)


def _colon(text: bytes) -> int | None:
    """Where the colon of a rule stands: the first outside of brackets."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character in b"({") - (character in b")}")
        if character == ord(":") and depth <= 0:
            return position
    return None


def as_shell(source: Source, target: str = "", first: str = "") -> Source:
    """Make's text as shell text: `$(VAR)` as `${VAR}`, `$$x` as `$x`, `$(shell …)` as `$(…)`, `$*` as the stem, `$<` as the
    `first` that the target needs."""
    text = source.text
    needs = b"${" + _AUTOMATIC + b"}"
    known = {b"*": STEM, b"@": target.encode(), b"<": first.encode() or needs}
    parts: list[Source] = []
    position = 0
    for match in _REFERENCE.finditer(text):
        if match.start() < position:
            continue
        parts.append(source.part(position, match.start()))
        here = source.part(match.start(), match.start())
        automatic, name, braced, letter, opening = match.groups()
        position = match.end()
        if automatic is not None:
            parts.append(here.beside(known.get(automatic, needs)))
        elif opening is not None:
            position = _closing(text, match.end() - 1)
            parts.append(_function(source.part(match.end(), position - 1), target))
        elif name or braced or letter:
            parts.append(here.beside(b"${" + (name or braced or letter).replace(b"-", b"_").replace(b".", b"_") + b"}"))
        else:
            parts.append(here.beside(b"$"))
    parts.append(source.part(position, len(text)))
    return joined(parts)


_AUTOMATIC = b"needs"


def _closing(text: bytes, opening: int) -> int:
    """Behind the bracket that closes the one at an offset."""
    depth = 0
    for position in range(opening, len(text)):
        depth += (text[position] in b"({") - (text[position] in b")}")
        if depth == 0:
            return position + 1
    return len(text) + 1


def _function(inner: Source, target: str) -> Source:
    """`shell` and `foreach` as what the shell has for them; other functions as a value that is not known."""
    if inner.text.startswith((b"shell ", b"shell\t")):
        return joined([inner.beside(b"$("), as_shell(inner.part(6, len(inner.text)), target), inner.beside(b")")])
    match = _FOREACH.match(inner.text)
    if match:
        values, body = inner.part(*match.span(2)), inner.part(match.end(), len(inner.text))
        head = inner.beside(b"for " + match.group(1) + b" in ")
        return joined(
            [head, as_shell(values, target), inner.beside(b"; do "), as_shell(body, target), inner.beside(b"\ndone\n")]
        )
    word = re.match(rb"\w+", inner.text)
    return inner.beside(b"${!" + (word.group() if word else b"make") + b"}")
