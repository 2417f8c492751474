"""Reads a justfile into facts: its settings are those of a module, its recipes functions whose lines are commands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seedlint.code.facts import CallSite, FileFacts, Param
from seedlint.code.readers.lowering import call, glued, listed, literal, other
from seedlint.code.readers.shell_script import Script
from seedlint.code.readers.shell_source import Source, joined
from seedlint.code.readers.unreadable import UnreadableSource, refuse_binary
from seedlint.code.syntax import Call, Choice, Expr, Name, command_name

_SETTING = re.compile(rb"(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(.*)")
_HEADER = re.compile(rb"@?([A-Za-z_][\w-]*)")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'|`[^`]*`|:(?!=)")
_PARAMETER = re.compile(
    rb"([*+$]*)([A-Za-z_][\w-]*)(?:[ \t]*=[ \t]*((?:\"[^\"]*\"|'[^']*'|`[^`]*`|\([^)]*\)|[^\s\"'])+))?"
)
_NEED = re.compile(rb"\(([\w-]+)([^()]*)\)|([A-Za-z_][\w-]*)")
_INTERPOLATED = re.compile(rb"\{\{\{\{|\{\{([^{}]*)\}\}")
_TERM = re.compile(
    rb"\"((?:\\.|[^\"\\])*)\"|'([^']*)'|`([^`]*)`|([A-Za-z_][\w-]*)\(([^()]*)\)|([A-Za-z_][\w-]*)|(-?\d+)"
)
_KEYWORDS = frozenset({b"set", b"alias", b"import", b"mod", b"if", b"else"})
_FALLBACKS = frozenset({"env_var_or_default", "env"})


def read_just(path: str, content: bytes) -> FileFacts:
    """The facts of a justfile. Raises UnreadableSource with a one-line reason."""
    refuse_binary(content)
    source = Source.of(content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n"))
    script = Script(path)
    script.scope.end_line = source.places[-1][0]
    reader = _Justfile(script)
    try:
        reader.read(source)
    except RecursionError as error:
        raise UnreadableSource("nested too deeply to analyse") from error
    script.statements.finish()
    _join_calls_of_just(script)
    return script.facts()


class _Justfile:
    """One walk over one justfile."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.recipes: list[tuple[Source, list[Source]]] = []

    def read(self, source: Source) -> None:
        """Settings first, wherever they stand; then the recipes, which see them."""
        body: list[Source] = []
        for line in _lines(source):
            text = line.text
            if text[:1] in (b" ", b"\t") or not text.strip():
                body.append(line)
                continue
            if text.startswith((b"#", b"[")) or text.split(None, 1)[0] in _KEYWORDS:
                continue
            setting = _SETTING.match(text)
            body = []
            if setting:
                self.setting(line, setting)
            else:
                self.recipes.append((line, body))
        for header, lines in self.recipes:
            self.recipe(header, lines)

    def setting(self, line: Source, match: re.Match[bytes]) -> None:
        """`seed := "42"`."""
        place = line.place(match.start(1))
        self.script.bind(Name(_name(match.group(1)), place[0]), self.value(line.part(*match.span(2))), place)

    def value(self, source: Source) -> Expr:
        """What an expression of just gives: a text, a setting, `env("SEED", "42")`, or several joined."""
        line = source.place(0)[0]
        parts = [self.term(source, match) for match in _TERM.finditer(source.text)]
        return listed(glued(parts, line)) if parts else literal("", source.place(0), source.place(0))

    def term(self, source: Source, match: re.Match[bytes]) -> Expr:
        """One term of an expression."""
        line = source.place(match.start())[0]
        double, single, quoted, function, given, name, number = match.groups()
        for index, text in ((1, double), (2, single), (7, number)):
            if text is not None:
                return literal(
                    text.decode(errors="replace"), source.place(match.start(index)), _end(source, match.end(index))
                )
        if quoted is not None:
            inner = source.part(*match.span(3))
            tokens = self.script.commands.tokens_in(joined([inner.beside(b"$("), inner, inner.beside(b")")]))
            return tokens[0].expr if tokens else other((), line)
        if function is not None:
            arguments = [self.term(source.part(*match.span(5)), item) for item in _TERM.finditer(given)]
            if function.decode() in _FALLBACKS and arguments:
                read = Name(_word(given), line)
                return Choice("Or", (read, arguments[1]), None, line) if len(arguments) > 1 else read
            return other(arguments, line)
        return Name(_name(name or b""), line)

    def recipe(self, header: Source, lines: Sequence[Source]) -> None:
        """A recipe as a function: it calls what it needs, then runs its lines."""
        script = self.script
        name = _HEADER.match(header.text)
        colon = next((match.start() for match in _QUOTED.finditer(header.text) if match.group() == b":"), None)
        if name is None or colon is None:
            return
        begin = header.place(0)
        end = max((line.place(len(line.text)) for line in lines if line.text.strip()), default=begin)
        given = header.part(name.end(), colon)
        params = [self.parameter(given, match) for match in _PARAMETER.finditer(given.text)]
        comment = header.text.find(b"#", colon)
        needs = header.part(colon + 1, comment if comment >= 0 else len(header.text))
        with script.function(name.group(1).decode(), (begin, max(begin, end))):
            scope = script.scope
            for need in _NEED.finditer(needs.text):
                self.need(needs, need)
            for part in _bodies(lines):
                script.walk(_as_shell(part))
        scope.params = tuple(params)

    def parameter(self, given: Source, match: re.Match[bytes]) -> Param:
        """A parameter of a recipe, with its default."""
        stars, name, default = match.groups()
        value = None if default is None else self.value(given.part(*match.span(3)))
        many = b"*" in stars or b"+" in stars
        return Param(("*" if many else "") + _name(name), value, "", given.place(match.start())[0])

    def need(self, needs: Source, match: re.Match[bytes]) -> None:
        """`build`, `(train "3")`: what a recipe runs before it."""
        span = needs.place(match.start()), needs.place(match.end())
        with_arguments, arguments, plain = match.groups()
        given = needs.part(*match.span(2)) if with_arguments else None
        values = tuple(self.term(given, item) for item in _TERM.finditer(arguments)) if given is not None else ()
        self.script.call(call((with_arguments or plain).decode(), values, *span))


def _lines(source: Source) -> list[Source]:
    """The lines, those that a backslash continues with what follows."""
    found: list[Source] = []
    begin = position = 0
    text = source.text
    while position < len(text):
        end = text.find(b"\n", position)
        end = len(text) if end < 0 else end
        position = end + 1
        if not text[begin:end].endswith(b"\\"):
            found.append(source.part(begin, end))
            begin = position
    return found


def _bodies(lines: Sequence[Source]) -> list[Source]:
    """What a recipe runs: each line by itself, or all of them where a shebang names a shell."""
    kept = [line for line in lines if line.text.strip()]
    if not kept or not kept[0].text.lstrip().startswith(b"#!"):
        return [_stripped(line) for line in kept]
    if not re.search(rb"\b(ba|z|k|da)?sh\b", kept[0].text):
        return []
    return [joined([part for line in kept[1:] for part in (line, line.part(0, 0).beside(b"\n"))])]


def _stripped(line: Source) -> Source:
    start = re.match(rb"[\s@-]*", line.text)
    return line.part(start.end() if start else 0, len(line.text))


def _as_shell(source: Source) -> Source:
    """`{{seed}}` as `${seed}`; other expressions between the braces as a value that is not known."""
    parts: list[Source] = []
    position = 0
    for match in _INTERPOLATED.finditer(source.text):
        parts.append(source.part(position, match.start()))
        here = source.part(match.start(), match.start())
        inner = (match.group(1) or b"").strip()
        if match.group(1) is None:
            parts.append(here.beside(b"{{"))
        elif re.fullmatch(rb"[A-Za-z_][\w-]*", inner):
            parts.append(here.beside(b"${" + inner.replace(b"-", b"_") + b"}"))
        else:
            parts.append(here.beside(b"${!just}"))
        position = match.end()
    return joined([*parts, source.part(position, len(source.text))])


def _name(text: bytes) -> str:
    """A name of just as one of the shell, which has no hyphens in it."""
    return text.decode().replace("-", "_")


def _word(text: bytes) -> str:
    word = re.search(rb"\w+", text)
    return word.group().decode(errors="replace") if word else ""


def _end(source: Source, offset: int) -> tuple[int, int]:
    line, column = source.place(max(offset - 1, 0))
    return line, column + 1


def _join_calls_of_just(script: Script) -> None:
    """`just train 3` calls a recipe of this file."""
    recipes = {scope.name for scope in script.scopes[1:]}
    for scope in script.scopes:
        for site in list(scope.calls):
            target = site.call.args[0] if command_name(site.call) == "just" and site.call.args else None
            name = getattr(target, "value", None)
            if isinstance(name, str) and name in recipes:
                made = site.call
                called = Call(
                    Name(name, made.line), made.args[1:], (), made.line, made.column, made.end_line, made.end_column
                )
                scope.calls.append(CallSite(called, site.loops, site.guards))
