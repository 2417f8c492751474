"""Finds Python code that starts other programs, and sees the command lines that it builds as a shell would: word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from seedlint.code.facts import CallSite, Scope
from seedlint.code.outside.invocations import PROGRAM, Invocation, invocation
from seedlint.code.outside.keyed import keyed, names_options_by_key
from seedlint.code.project import Project, Ref
from seedlint.code.syntax import Attr, Call, Comp, Const, Expr, Group, Item, Name, Op, Text, command, tail, walk
from seedlint.code.trace import At
from seedlint.code.unittests import is_test

COMMAND = re.compile(
    r"(^|\s)--?[\w.-]*seed[\w-]*|\.(py|sh)\b|\b(python3?|sbatch|qsub|bsub|srun|torchrun|bash)\s|accelerate launch", re.I
)
"""What makes a text a command line rather than a message or a path that mentions a seed."""

STARTS = re.compile(r"\b(sbatch|qsub|bsub|srun|(ba|z)?sh)\s+(-\S+\s+)*\S+\.(sh|bash|slurm|sbatch|pbs|sub|job)\s")
"""A text that starts a script and gives it more words."""

MODULE = re.compile(r"[A-Za-z_][\w.]*$")
"""What `python -m` may run."""

HOLE = re.compile(r"%\(?\w*\)?[-+0-9.]*[a-zA-Z]|\{[^{}]*\}")
"""Where a text is filled in by `%` or by `format`."""

MAX_WORDS = 400
"""No command line has more; what is longer is a text of another kind."""

Piece = Expr | None
"""A part of a command line: an expression, or None where a word ends."""


def launched(project: Project) -> Iterator[Invocation]:
    """The command lines that name a seed or a program and that the project's Python code builds."""
    by_key: dict[str, tuple[str, ...]] = {}
    for ref, scope in list(project.scopes()):
        if is_test(project.files[ref.path]):
            continue
        for expr, at in _candidates(project, ref, scope):
            texts = _texts(expr)
            found = _invocation(ref, scope, expr, texts, at)
            if found is not None:
                yield found
            if ref.path not in by_key and names_options_by_key(texts):
                by_key[ref.path] = _programs_around(scope)
    for path, programs in by_key.items():
        if programs:
            yield from keyed(project, path, programs)


def _candidates(project: Project, ref: Ref, scope: Scope) -> Iterator[tuple[Expr, At]]:
    """The outermost expressions that may be command lines, templates in variables put in."""
    for site in scope.calls:
        at = At(site.call.line, site.loops, site.guards)
        for arg in site.call.given:
            line = _line(project, ref, arg)
            if line is not None:
                yield line, at
        filled = _filled_template(project, ref, site.call)
        if filled is not None:
            yield filled, at
    for assign in scope.assigns:
        at = At(assign.line, assign.loops, assign.guards)
        value = assign.value
        line = _line(project, ref, value.element if type(value) is Comp else value)
        if line is not None and type(line) is not Call:
            yield line, at.inside(value.loops) if type(value) is Comp else at
        if type(value) is Group:  # [" ".join(["train.py", "--seed", seed])]
            joined = [item for item in value.items if type(item) is Call and tail(item) == "join"]
            yield from ((arg, at) for item in joined for arg in item.args if type(arg) is Group)


def _is_command(expr: Expr) -> bool:
    """Whether a value is the text of a command, to which options are added later."""
    return type(expr) is Const and isinstance(expr.value, str) and bool(COMMAND.match(expr.value))


def _line(project: Project, ref: Ref, expr: Expr) -> Expr | None:
    """What may be a command line, also where it is cut into words: `f"train.py --seed {s}".split()`."""
    match expr:
        case Call(func=Attr(base=inner, name="split"), args=()):
            return _line(project, ref, inner)
        case Call(func=Attr(base=Name(id="shlex"), name="split"), args=(inner, *_)):
            return _line(project, ref, inner)
        case Op(operator="Mod", operands=(Name() as name, values)):
            template = _template(project, ref, name)
            return None if template is None else Op("Mod", (template, values), expr.line)
        case Group() | Text() | Op():
            return expr
        case Call():
            return _filled_template(project, ref, expr)
    return None


def _filled_template(project: Project, ref: Ref, call: Call) -> Expr | None:
    """`"train.py --seed {}".format(s)`, the text perhaps in a variable."""
    func = call.func
    if type(func) is not Attr or func.name != "format":
        return None
    template = func.base if type(func.base) is Const else _template(project, ref, func.base)
    if template is None:
        return None
    made = Attr(template, "format", func.line)
    return Call(made, call.args, call.keywords, call.line, call.column, call.end_line, call.end_column)


def _template(project: Project, ref: Ref, expr: Expr) -> Const | None:
    """The text that a variable always holds."""
    symbol = project.symbol(ref, expr) if type(expr) is Name else None
    if symbol is None or symbol.kind != "variable":
        return None
    bound = [assign.value for assign in project.bindings(symbol.ref, symbol.name)]
    return bound[0] if len(bound) == 1 and type(bound[0]) is Const and isinstance(bound[0].value, str) else None


def _invocation(ref: Ref, scope: Scope, expr: Expr, texts: list[str], at: At) -> Invocation | None:
    if not texts or (type(expr) is not Group and not COMMAND.search(" ".join(texts))):
        return None
    if not any("seed" in text.lower() or PROGRAM.search(text.rstrip()) or STARTS.search(text) for text in texts):
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
    around = _programs_around(scope)  # a command that is put together from several lists
    return replace(found, programs=around or found.programs) if found.options else None


def _programs_around(scope: Scope) -> tuple[str, ...]:
    texts = list(_around(scope))
    modules = [f"{name.replace('.', '/')}.py" for flag, name in pairwise(texts) if flag == "-m" and MODULE.match(name)]
    return tuple(dict.fromkeys([*(text for text in texts if PROGRAM.match(text)), *modules]))


def _texts(expr: Expr) -> list[str]:
    return [node.value for node in walk(expr) if type(node) is Const and isinstance(node.value, str)]


def _around(scope: Scope) -> Iterator[str]:
    values = [*(assign.value for assign in scope.assigns), *(site.call for site in scope.calls)]
    for value in values:
        if type(value) in (Group, Call, Text) or _is_command(value):
            for text in _texts(value):
                yield from text.split()


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
