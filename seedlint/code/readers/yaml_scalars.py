"""What a scalar of YAML means: its value by the rules of YAML 1.1, and the tags of the loaders that experiments use."""

from __future__ import annotations

import re

from yaml.constructor import SafeConstructor
from yaml.error import YAMLError
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from seedlint.code.facts import GIVEN
from seedlint.code.readers.references import config_path
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Name, Op, Other, Table, Text

_RESOLVER = Resolver()
_CONSTRUCTOR = SafeConstructor()
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_WORD = re.compile(r"[A-Za-z_/][\w/. -]*")
_MEANT = frozenset("true false yes no on off null".split())
_CORE = "tag:yaml.org,2002:"
_REFERENCE = re.compile(r"<([\w.\[\]-]+)>")
_SUM = re.compile(r"<([\w.\[\]-]+)>\s*([+*-])\s*([0-9]{1,18})")
_OPERATORS = {"+": "Add", "-": "Sub", "*": "Mult"}


def plain_value(text: str) -> int | float | str | bool | None:
    """The value of a scalar without quotes."""
    if _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if _WORD.fullmatch(text) and text.lower() not in _MEANT:
        return text
    tag: str = _RESOLVER.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return text if tag == f"{_CORE}str" else _constructed(tag, text)


def _constructed(tag: str, text: str) -> int | float | str | bool | None:
    if tag.removeprefix(_CORE) not in ("int", "float", "bool", "null"):
        return text
    try:
        value = _CONSTRUCTOR.construct_object(ScalarNode(tag, text))
    except (YAMLError, ValueError, KeyError, IndexError):
        return text
    return value if value is None or isinstance(value, (int, float)) else text


def tagged(tag: str, value: Expr) -> Expr:
    """What a value with a tag means: YAML's own types, and the references and calls of HyperPyYAML.

    A tag that seedlint does not know makes the value unknown, all that stands in it kept.
    """
    if tag.startswith(_CORE):
        return _of_type(tag, value)
    kind, _, name = tag.partition(":")
    match kind, value:
        case (("!ref" | "!copy"), Const(value=str() as text)):
            return _referring(text.strip(), value)
        case (("!apply" | "!new"), _) if name:
            return _called(name, value)
        case "!PLACEHOLDER", _:
            return GIVEN
    return Other((value,), value.line)


def _of_type(tag: str, value: Expr) -> Expr:
    name = tag.removeprefix(_CORE)
    match value:
        case Const(value=str() as text) if name in ("int", "float", "bool", "null"):
            return Const(_constructed(tag, text), value.line, value.column, value.end_line, value.end_column)
        case Const() if name not in ("str", "binary", "timestamp"):
            return Other((), value.line)
        case _ if name.startswith("python/object"):
            return Other((value,), value.line)
    return value


def _referring(text: str, place: Const) -> Expr:
    """`<seed>`, `<seed> + 1` or `<folder>/<seed>`."""
    line = place.line
    summed = _SUM.fullmatch(text)
    if summed is not None:
        number = Const(int(summed[3]), line, place.column, place.end_line, place.end_column)
        return Op(_OPERATORS[summed[2]], (_path(summed[1], line), number), line)
    pieces = _REFERENCE.split(text)
    parts: list[Expr] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            parts.append(_path(piece, line))
        elif piece:
            parts.append(Const(piece, line, place.column, place.end_line, place.end_column))
    return parts[0] if len(parts) == 1 else Text(tuple(parts), line)


def _path(text: str, line: int) -> Expr:
    return config_path(re.findall(r"[\w-]+", text), line)


def _called(name: str, value: Expr) -> Call:
    """`!apply:torch.manual_seed [1]` as the call that it makes."""
    line = value.line
    first, *rest = name.split(".")
    func: Expr = Name(first, line)
    for step in rest:
        func = Attr(func, step, line)
    column = value.column if isinstance(value, (Const, Group)) else 1
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str | None, Expr], ...] = ()
    match value:
        case Group():
            args = value.items
        case Table():
            keywords = tuple((str(key.value) if type(key) is Const else None, inner) for key, inner in value.pairs)
        case Const(value=str() as text) if text:
            args = (value,)
    return Call(func, args, keywords, line, column, line, column)
