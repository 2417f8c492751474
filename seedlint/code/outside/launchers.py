"""Finds Python code that starts other programs, and sees the command lines that it builds as a shell would: word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from seedlint.code.facts import CallSite, Scope
from seedlint.code.outside.invocations import PROGRAM, Invocation, invocation
from seedlint.code.project import Project, Ref
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, Op, Text, command, tail, walk
from seedlint.code.trace import At
from seedlint.code.unittests import is_test

COMMAND = re.compile(
    r"(^|\s)--?[\w.-]*seed[\w-]*|\.(py|sh)\b|\b(python3?|sbatch|srun|torchrun|bash)\s|accelerate launch", re.I
)
"""What makes a text a command line rather than a message or a path that mentions a seed."""

HOLE = re.compile(r"%\(?\w*\)?[-+0-9.]*[a-zA-Z]|\{[^{}]*\}")
"""Where a text is filled in by `%` or by `format`."""

MAX_WORDS = 400
"""No command line has more; what is longer is a text of another kind."""

Piece = Expr | None
"""A part of a command line: an expression, or None where a word ends."""


def launched(project: Project) -> Iterator[Invocation]:
    """The command lines that name a seed or a program and that the project's Python code builds."""
    for ref, scope in list(project.scopes()):
        if is_test(project.files[ref.path]):
            continue
        for expr, at in _candidates(scope):
            found = _invocation(ref, scope, expr, at)
            if found is not None:
                yield found


def _candidates(scope: Scope) -> Iterator[tuple[Expr, At]]:
    """The outermost expressions that may be command lines."""
    for site in scope.calls:
        at = At(site.call.line, site.loops, site.guards)
        for arg in [*site.call.args, *(value for _, value in site.call.keywords)]:
            if type(arg) in (Group, Text, Op) or _formats(arg):
                yield arg, at
        if _formats(site.call):
            yield site.call, at
    for assign in scope.assigns:
        at = At(assign.line, assign.loops, assign.guards)
        if type(assign.value) in (Group, Text, Op):
            yield assign.value, at
        if type(assign.value) is Group:  # [" ".join(["train.py", "--seed", seed])]
            joined = [item for item in assign.value.items if type(item) is Call and tail(item) == "join"]
            yield from ((arg, at) for item in joined for arg in item.args if type(arg) is Group)


def _invocation(ref: Ref, scope: Scope, expr: Expr, at: At) -> Invocation | None:
    texts = _texts(expr)
    if not texts or (type(expr) is not Group and not COMMAND.search(" ".join(texts))):
        return None
    if not any("seed" in text.lower() or PROGRAM.search(text.rstrip()) for text in texts):
        return None
    words = _words(expr)
    if not 1 < len(words) <= MAX_WORDS:
        return None
    first = words[0]
    name = first.value if type(first) is Const and isinstance(first.value, str) else ""
    made = Call(command(name, at.line), tuple(words[1:] if name else words), (), at.line, 1, at.line, 1)
    found = invocation(ref, CallSite(made, at.loops, at.guards), name)
    if any(PROGRAM.match(program) for program in found.programs):
        return found
    around = [
        text for text in _around(scope) if PROGRAM.match(text)
    ]  # a command that is put together from several lists
    return replace(found, programs=tuple(dict.fromkeys(around)) or found.programs) if found.options else None


def _texts(expr: Expr) -> list[str]:
    return [node.value for node in walk(expr) if type(node) is Const and isinstance(node.value, str)]


def _around(scope: Scope) -> Iterator[str]:
    values = [*(assign.value for assign in scope.assigns), *(site.call for site in scope.calls)]
    for value in values:
        if type(value) in (Group, Call, Text):
            for text in _texts(value):
                yield from text.split()


def _formats(expr: Expr) -> bool:
    return (
        type(expr) is Call and type(expr.func) is Attr and expr.func.name == "format" and type(expr.func.base) is Const
    )


def _words(expr: Expr) -> list[Expr]:
    """The words of a command line; a word that is put together of several parts is a Text."""
    words: list[Expr] = []
    parts: list[Expr] = []
    for piece in [*_pieces(expr), None]:
        if piece is not None:
            parts.append(piece)
        elif parts:
            words.append(_word(parts))
            parts = []
    return words


def _word(parts: list[Expr]) -> Expr:
    """One word: a number, a text, a value, or `--name=` and what follows."""
    first = parts[0]
    if len(parts) == 1:
        return _number(first) if type(first) is Const else first
    return Text(tuple(parts), getattr(first, "line", 0))


def _number(const: Const) -> Expr:
    text = const.value
    if not isinstance(text, str):
        return const
    if re.fullmatch(r"-?\d{1,18}", text):
        return Const(int(text), const.line, const.column, const.end_line, const.end_column)
    named = re.match(r"([-+~]*[\w./@-]+=)(.+)", text)
    if named is None:
        return const
    places = (const.line, const.column, const.end_line, const.end_column)
    return Text((Const(named[1], *places), _number(Const(named[2], *places))), const.line)


def _pieces(expr: Expr) -> Iterator[Piece]:
    """The parts of a command line in order, with None between words."""
    match expr:
        case Const(value=str() as text):
            yield from _split(text, expr)
        case Group():
            for item in expr.items:
                yield from _pieces(item)
                yield None
        case Text():
            for part in expr.parts:
                yield from _pieces(part) if type(part) is Const else (_plain(part),)
        case Op(operator="Add"):
            for operand in expr.operands:
                yield from _pieces(operand)
        case Op(operator="Mod", operands=(Const(value=str() as text) as const, values)):
            yield from _filled(text, const, list(values.items) if type(values) is Group else [values])
        case Call(func=Attr(base=Const(value=str() as text) as const, name="format")):
            yield from _filled(text, const, list(expr.args), dict(expr.keywords))
        case _:
            yield _plain(expr)


def _plain(expr: Expr) -> Expr:
    """A value without what only makes it a text: `str(seed)`."""
    if (
        type(expr) is Call
        and tail(expr) in ("str", "repr", "quote")
        and len(expr.args) == 1
        and type(expr.func) is Name
    ):
        return expr.args[0]
    return expr


def _split(text: str, const: Const) -> Iterator[Piece]:
    """A text with None for each stretch of white space, also at its ends."""
    for part in re.split(r"(\s+)", text):
        if part.isspace():
            yield None
        elif part:
            yield Const(part, const.line, const.column, const.end_line, const.end_column)


def _filled(
    text: str, const: Const, values: list[Expr], named: dict[str | None, Expr] | None = None
) -> Iterator[Piece]:
    """A text whose holes are filled in their order, or by name."""
    end, position = 0, 0
    for hole in HOLE.finditer(text):
        yield from _split(text[end : hole.start()], const)
        end = hole.end()
        name = re.match(r"(?:%\(|\{)(\w+)", hole[0])
        if named and name and name[1] in named:
            yield _plain(named[name[1]])
        elif name and name[1].isdigit() and int(name[1]) < len(values):
            yield _plain(values[int(name[1])])
        elif position < len(values):
            yield _plain(values[position])
            position += 1
        else:
            yield Item(const, const, const.line)
    yield from _split(text[end:], const)
