"""Strings of configuration files that refer to other values: `${a.b}`, `${oc.env:SEED,42}`, `${{ matrix.seed }}`, `{{ x }}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from seedlint.code.facts import CONFIG_ROOT, GIVEN
from seedlint.code.syntax import Attr, Call, Const, Expr, Item, Name, Other, Text

MISSING = "???"
"""What OmegaConf and Hydra write for a value that must be given."""

_ENVIRONMENT = frozenset({"env", "oc.env"})
_OPENING = re.compile(r"\$\{\{|\{\{|\$\{")
_PATH = re.compile(r"(\.*)([\w-]+(?:(?:\.|:|/)[\w-]+|\[\w+\])*)")
_VARIABLE = re.compile(r"\s*([\w.-]+)\s*(?:(?:,|:-?)\s*(.*?)\s*)?", re.DOTALL)
_STEP = re.compile(r"[\w-]+")
_DEPTH = 8


def string_value(
    text: str, place: Const, keys: Callable[[], tuple[str, ...]] = tuple, *, sections: bool = False
) -> Expr:
    """What a string means that stands at `place` under the keys `keys()`: itself, what it refers to, or a text of both.

    `sections` is whether `${a:b}` names the key b of the section a, as in INI files.
    """
    if text == MISSING:
        return GIVEN
    if "${" not in text and "{{" not in text:
        return place if place.value == text else _constant(text, place)
    return _interpolated(text, place, keys(), sections, 0)


def _interpolated(text: str, place: Const, keys: tuple[str, ...], sections: bool, depth: int) -> Expr:
    parts: list[Expr] = []
    position = 0
    while (opening := _OPENING.search(text, position)) and depth < _DEPTH:
        closing = "}" if opening[0] == "${" else "}}"
        end = _end(text, opening.end(), closing)
        if end < 0:
            break
        if opening.start() > position:
            parts.append(_constant(text[position : opening.start()], place))
        inner = text[opening.end() : end].strip()
        if closing == "}}":
            parts.append(_template(inner, place))
        else:
            parts.append(_reference(inner, place, keys, sections, depth))
        position = end + len(closing)
    if position < len(text):
        parts.append(_constant(text[position:], place))
    return parts[0] if len(parts) == 1 else Text(tuple(parts), place.line)


def _end(text: str, start: int, closing: str) -> int:
    """Where the reference that opens before `start` closes; braces within are balanced."""
    if closing == "}}":
        return text.find("}}", start)
    depth = 1
    for brace in re.finditer(r"[{}]", text[start : start + 400]):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return start + brace.start()
    return -1


def _template(inner: str, place: Const) -> Expr:
    """What GitHub, Argo or a template engine will put in: a name with its dots, if it is no more than that."""
    name = inner.strip(" -.")
    return Name(name, place.line) if re.fullmatch(r"[\w.-]+", name) else Other((), place.line)


def _reference(inner: str, place: Const, keys: tuple[str, ...], sections: bool, depth: int) -> Expr:
    resolver, colon, rest = inner.partition(":")
    if colon and resolver in _ENVIRONMENT:
        return _environment(rest, place, keys, sections, depth)
    path = _PATH.fullmatch(inner)
    if path is None or (colon and not sections):
        computed = _interpolated(rest, place, keys, sections, depth + 1) if colon else place
        return Other(() if type(computed) is Const else (computed,), place.line)
    steps = _STEP.findall(path[2])
    above = keys[: max(len(keys) - len(path[1]), 0)] if path[1] else ()
    return config_path((*above, *steps), place.line)


def _environment(rest: str, place: Const, keys: tuple[str, ...], sections: bool, depth: int) -> Expr:
    found = _VARIABLE.fullmatch(rest)
    if found is None:
        return Other((), place.line)
    name = _constant(found[1], place)
    if found[2] is None:
        return environ(name)
    if re.fullmatch(r"-?\d{1,18}", found[2]):
        return environ(name, Const(int(found[2]), place.line, place.column, place.end_line, place.end_column))
    return environ(name, _interpolated(found[2], place, keys, sections, depth + 1))


def environ(name: Expr, default: Expr | None = None) -> Expr:
    """An environment variable, as Python code reads it."""
    line = name.line
    variables = Attr(Name("os", line), "environ", line)
    if default is None:
        return Item(variables, name, line)
    return Call(Attr(variables, "get", line), (name, default), (), line, 0, line, 0)


def config_path(steps: Sequence[str], line: int) -> Expr:
    """`config.a.b` for the keys a and b."""
    expr: Expr = Name(CONFIG_ROOT, line)
    for step in steps:
        expr = Attr(expr, step, line)
    return expr


def _constant(text: str, place: Const) -> Const:
    return Const(text, place.line, place.column, place.end_line, place.end_column)
