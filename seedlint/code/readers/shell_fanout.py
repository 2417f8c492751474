"""`xargs` and `parallel`: one command for each of several words, as a loop around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from seedlint.code.readers.lowering import flat, other, text_of
from seedlint.code.readers.shell_tokens import Token
from seedlint.code.syntax import Const, Expr, Group, Item, Name

if TYPE_CHECKING:
    from seedlint.code.readers.shell_script import Script, Sinks, Span

FANS = frozenset({"xargs", "parallel"})

_XARGS_VALUES = re.compile(r"-[nPLdaEs]|--(max-args|max-procs|max-lines|delimiter|arg-file)")
_PARALLEL_VALUES = re.compile(
    r"-[jaSCNnIPL]|--(jobs|arg-file|sshlogin|sshloginfile|joblog|results|colsep|delay|timeout|tmpdir|memfree|retries|header"
    r"|workdir|wd|max-args|max-procs|load|halt|tagstring|rpl|block|shuf-seed|env)"
)
_SOURCES = frozenset({":::", "::::", ":::+", "::::+"})


def fan_out(script: Script, tokens: Sequence[Token], keywords: Sinks, span: Span) -> bool:
    """Record the command that `xargs` or `parallel` runs, in its loops; False where they name none."""
    if tokens[0].text.rpartition("/")[2] == "xargs":
        return _xargs(script, tokens, keywords, span)
    return _parallel(script, tokens, keywords, span)


def _xargs(script: Script, tokens: Sequence[Token], keywords: Sinks, span: Span) -> bool:
    place, each = "", False
    position = 1
    while position < len(tokens) and (text := tokens[position].text).startswith("-"):
        following = tokens[position + 1].text if position + 1 < len(tokens) else ""
        each = each or re.match(r"-[nLI]|-i|--(max-args|max-lines|replace)", text) is not None
        if text in ("-I", "--replace"):
            place = following
        elif text.startswith(("-I", "--replace=")):
            place = text.removeprefix("--replace=").removeprefix("-I")
        elif text == "-i":
            place = "{}"
        position += 2 if _XARGS_VALUES.fullmatch(text) or text == "-I" else 1
    command = list(tokens[position:])
    if not command:
        return False
    lines = _lines(script, span)
    if not each:
        _run(script, command, keywords, span, [lines])
        return True
    with script.looped("parallel", Name("{}", span[0][0]), lines, span), script.fed(None):
        if place:
            with script.placing({place: "{}"}):
                _run(script, command, keywords, span)
        else:
            _run(script, command, keywords, span, [Name("{}", span[0][0])])
    return True


def _lines(script: Script, span: Span) -> Expr:
    return script.lines if script.lines is not None else other((), span[0][0])


def _run(script: Script, command: list[Token], keywords: Sinks, span: Span, more: Sequence[Expr] = ()) -> None:
    """Run a command, with words behind it; a single quoted word is a script."""
    if len(command) == 1 and b" " in command[0].source().text.strip():
        script.inside(command[0].source())
        return
    last = command[-1]
    script.commands.run([*command, *(Token(expr, last.node, last.words) for expr in more)], keywords, span)


def _parallel(script: Script, tokens: Sequence[Token], keywords: Sinks, span: Span) -> bool:
    position, header = 1, False
    while position < len(tokens) and tokens[position].text.startswith("-"):
        text = tokens[position].text
        header = header or text.startswith("--header")
        position += 2 if _PARALLEL_VALUES.fullmatch(text) else 1
    end = next((i for i, token in enumerate(tokens) if token.text in _SOURCES), len(tokens))
    command = list(tokens[position:end])
    if not command:
        return False
    sources = _sources(tokens[end:]) or [(":::", _lines(script, span))]
    places, names = _places(sources, header)
    spread = any(place in token.words.text(token.node) for place in places for token in command)
    line = span[0][0]
    with ExitStack() as stack:
        for (kind, values), name in zip(sources, names, strict=True):
            values = _without_first(values) if header else values
            if kind.endswith("+"):
                script.bind(Name(name, line), Item(values, Name(names[0], line), line), span[0])
            else:
                stack.enter_context(script.looped("parallel", Name(name, line), values, span))
        stack.enter_context(script.placing(places))
        stack.enter_context(script.fed(None))
        _run(script, command, keywords, span, [] if spread else [Name(name, line) for name in names])
    return True


def _sources(tokens: Sequence[Token]) -> list[tuple[str, Expr]]:
    """The lists behind `:::`, each with the sign before it."""
    found: list[tuple[str, Expr]] = []
    for index, token in enumerate(tokens):
        if token.text in _SOURCES:
            ends = (i for i in range(index + 1, len(tokens)) if tokens[i].text in _SOURCES)
            words = [item.expr for item in tokens[index + 1 : next(ends, len(tokens))]]
            line, column = token.words.start(token.node)
            found.append((token.text, flat(words, line, column + 1) if words else other((), line)))
    return found


def _places(sources: Sequence[tuple[str, Expr]], header: bool) -> tuple[dict[str, str], list[str]]:
    """The placeholders and the names that they stand for, and the name of each list."""
    if len(sources) == 1:
        names = ["{}"]
        places = {"{}": "{}", "{1}": "{}"}
    else:
        names = [f"{{{number}}}" for number in range(1, len(sources) + 1)]
        places = {name: name for name in names} | {"{}": names[0]}
    for (_, values), name in zip(sources, names, strict=True):
        match values:
            case Group(items=(Const() as first, *_)) if header:
                places[f"{{{text_of(first)}}}"] = name
    return places, names


def _without_first(values: Expr) -> Expr:
    return Group(values.items[1:], values.line, values.column) if type(values) is Group else values
