"""Reads a Makefile into facts: its variables are those of a module, its targets functions, the lines of recipes commands."""

from __future__ import annotations

import re

from seedlint.code.facts import CallSite, FileFacts, Guard, Param, Scope
from seedlint.code.readers.lowering import call, flat, listed, literal, text_of
from seedlint.code.readers.make_lines import STEM, Assignment, Condition, Rule, as_shell, statements
from seedlint.code.readers.shell_script import Script
from seedlint.code.readers.shell_source import Place, Source, joined
from seedlint.code.readers.shell_tokens import assigned
from seedlint.code.readers.shell_variables import Held
from seedlint.code.readers.unreadable import UnreadableSource, refuse_binary
from seedlint.code.syntax import Choice, Const, Expr, Name, Op, Text, command_name

LISTS = (
    re.compile(
        r"\$[({]foreach\s+(?P<each>\w+)\s*,\s*(?P<values>[^,]*),(?P<before>[\w./-]*)\$[({]?\w+[)}]?(?P<after>[\w./-]*)[)}]"
    ),
    re.compile(r"\$[({]addprefix\s+(?P<before>[\w./-]*)\s*,\s*(?P<values>[^,]*)[)}]"),
    re.compile(r"\$[({]patsubst\s+%\s*,\s*(?P<before>[\w./-]*)%(?P<after>[\w./-]*)\s*,\s*(?P<values>[^,]*)[)}]"),
    re.compile(r"\$[({](?P<values>\w+):%=(?P<before>[\w./-]*)%(?P<after>[\w./-]*)[)}]"),
)
"""The ways in which a list of values becomes one of targets."""

_NEED = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)|\$\{[^{}]*\}|\S+")
_EQUAL = re.compile(rb"\(([^,]*),(.*)\)\s*$|([\"'])(.*?)\3\s+([\"'])(.*?)\5\s*$", re.DOTALL)


def read_make(path: str, content: bytes) -> FileFacts:
    """The facts of a Makefile. Raises UnreadableSource with a one-line reason."""
    refuse_binary(content)
    source = Source.of(content.replace(b"\r\n", b"\n"))
    try:
        return _Makefile(path).read(source)
    except RecursionError as error:
        raise UnreadableSource("nested too deeply to analyse") from error


class _Makefile:
    """One walk over one Makefile. Recipes come last, since they see the last value of every variable."""

    def __init__(self, path: str) -> None:
        self.script = Script(path)
        self.rules: dict[str, list[Rule]] = {}
        self.conditions: list[list[Guard]] = []
        self.texts: dict[str, str] = {}

    def read(self, source: Source) -> FileFacts:
        script = self.script
        script.scope.end_line = source.places[-1][0]
        for statement in statements(source):
            match statement:
                case Assignment():
                    with script.under(*(guard for guards in self.conditions for guard in guards)):
                        self.assign(statement)
                case Condition():
                    self.condition(statement)
                case Rule() if statement.targets and not statement.targets[0].startswith("."):
                    self.rules.setdefault(statement.targets[0], []).append(statement)
        script.variables.bind("MAKE", [Held((), Source.of(b"make"))], ())
        for name, rules in self.rules.items():
            self.target(name, rules)
        script.statements.finish()
        _join_calls_of_make(script, self.rules)
        return script.facts()

    # variables

    def assign(self, statement: Assignment) -> None:
        """Bind a variable; `?=` leaves it to whoever calls make."""
        script, (line, column) = self.script, statement.begin
        name = statement.name.replace("-", "_").replace(".", "_")
        text = as_shell(statement.value)
        if statement.operator == "!=":
            text = joined([text.beside(b"$("), text, text.beside(b")")])
        value = self.value(text)
        target = Name(name, line)
        if statement.operator == "?=":
            value = Choice("Or", (target, value), None, line)
        appended = statement.operator == "+="
        script.bind(target, value, (line, column), augmented=appended)
        self.texts[name] = statement.value.text.decode(errors="replace")
        held = [Held((), text)]
        if appended:
            script.variables.append(name, held, script.guards, b" ")
        else:
            script.variables.bind(name, held, script.guards)

    def value(self, text: Source) -> Expr:
        """What a variable holds: a word, numbers, or a text of several words."""
        tokens = self.script.commands.tokens_in(text)
        start, end = text.place(0), text.place(len(text.text))
        if tokens is None or not tokens:
            return literal(text.text.decode(errors="replace"), start, end)
        if len(tokens) == 1:
            return listed(tokens[0].expr)
        values = [token.expr for token in tokens]
        if all(type(value) is Const and isinstance(value.value, int) for value in values):
            return flat(values, start[0], start[1] + 1)
        if all(type(value) is Const for value in values):
            return literal(text.text.decode(errors="replace"), start, end)
        return Text(tuple(values), start[0])

    # conditions

    def condition(self, statement: Condition) -> None:
        """`ifeq … else … endif`: what stands between runs under conditions."""
        match statement.kind:
            case "endif":
                self.conditions = self.conditions[:-1]
            case "else":
                if self.conditions:
                    *before, last = self.conditions[-1]
                    self.conditions[-1] = [*before, Guard(last.test, not last.holds)]
                    again = re.match(rb"(if\w+)\s*", statement.rest.text)
                    if again:
                        rest = statement.rest.part(again.end(), len(statement.rest.text))
                        self.conditions[-1].append(self.asked(again.group(1).decode(), rest))
            case kind:
                self.conditions.append([self.asked(kind, statement.rest)])

    def asked(self, kind: str, rest: Source) -> Guard:
        """What `ifeq (a,b)` and `ifdef A` ask."""
        line = rest.place(0)[0]
        if kind in ("ifdef", "ifndef"):
            return Guard(Name(rest.text.decode(errors="replace").strip(), line), kind == "ifdef")
        match = _EQUAL.match(rest.text)
        spans = [match.span(1), match.span(2)] if match and match[1] is not None else []
        spans = [match.span(4), match.span(6)] if match and not spans else spans
        sides = tuple(self.value(as_shell(_trimmed(rest.part(*span)))) for span in spans)
        return Guard(Op("Eq", sides, line), kind == "ifeq")

    # targets

    def target(self, name: str, rules: list[Rule]) -> None:
        """A target as a function: it calls what it needs, then runs its recipe. A pattern leaves its stem to the caller."""
        script = self.script
        begin = rules[0].begin
        last = max((line.place(len(line.text)) for rule in rules for line in rule.recipe), default=begin)
        shown = name.replace("%", STEM.decode())
        with script.function(name, (begin, max(begin, last))):
            for rule in rules:
                for own in rule.own:
                    self.assign(own)
                for need in _NEED.finditer(rule.needs.text.decode(errors="replace")):
                    self.need(need.group(), rule.needs.place(need.start()), rule.needs.place(need.end()))
            with script.placing({STEM.decode(): "%"} if "%" in name else {}):
                for rule in rules:
                    for line in rule.recipe:
                        script.walk(as_shell(line, shown, _first_need(rule)))
            scope = script.scope
        if "%" in name:
            scope.params = (Param("%", None, "", begin[0]),)

    def need(self, text: str, start: Place, end: Place, *, deep: bool = True) -> None:
        """Call what a target needs, as far as rules here make it; a list of targets is a loop."""
        for pattern in LISTS:
            match = pattern.fullmatch(text)
            if match:
                self.list_of_needs(match, start, end)
                return
        variable = re.fullmatch(r"\$[({](\w+)[)}]", text)
        if variable and deep:
            for need in _NEED.findall(self.texts.get(variable.group(1), "")):
                self.need(need, start, end, deep=False)
            return
        for name in self.rules:
            stem = _stem(name, text)
            if stem is not None:
                self.script.call(call(name, (literal(stem, start, end),) if "%" in name else (), start, end))
                return

    def list_of_needs(self, match: re.Match[str], start: Place, end: Place) -> None:
        """`$(foreach s,$(SEEDS),run-$(s))` calls the rule `run-%` for every seed."""
        groups = match.groupdict()
        name = f"{groups['before']}%{groups.get('after') or ''}"
        if name not in self.rules:
            return
        values = (
            groups["values"]
            if not groups["values"].isidentifier() or "foreach" in match[0]
            else f"$({groups['values']})"
        )
        iterable = self.value(as_shell(Source(values.encode(), (0,), (start,))))
        each = Name("%", start[0])
        with self.script.looped("for", each, iterable, (start, end)):
            self.script.call(call(name, (each,), start, end))


def _first_need(rule: Rule) -> str:
    """The first file that a target needs, where it is named there."""
    named = re.match(r"\s*([\w./-]+)(\s|$)", rule.needs.text.decode(errors="replace"))
    return named[1] if named else ""


def _trimmed(source: Source) -> Source:
    text = source.text
    return source.part(len(text) - len(text.lstrip()), len(text.rstrip()) or len(text))


def _stem(target: str, text: str) -> str | None:
    """What `%` stands for if a target's name means this one; empty where the name is plain."""
    if "%" not in target:
        return "" if target == text else None
    before, _, after = target.partition("%")
    fits = text.startswith(before) and text.endswith(after) and len(text) > len(before) + len(after)
    return text[len(before) : len(text) - len(after)] if fits else None


def _join_calls_of_make(script: Script, rules: dict[str, list[Rule]]) -> None:
    """`$(MAKE) train SEED=3` calls the target with a value for a variable, which is a parameter of the target then."""
    scopes = {scope.name: scope for scope in script.scopes[1:]}
    for scope in script.scopes:
        for site in list(scope.calls):
            if command_name(site.call) != "make" or any(text_of(word) in ("-C", "-f") for word in site.call.args):
                continue
            given = tuple(pair for word in site.call.args for pair in assigned(word))
            for word in site.call.args:
                for name in rules:
                    stem = _stem(name, text_of(word) or "")
                    if (
                        stem is None
                        and "%" in name
                        and type(word) is Text
                        and text_of(word.parts[0]) == name.partition("%")[0]
                    ):
                        _call_target(scope, site, scopes[name], (word.parts[-1],), given)
                    elif stem is not None:
                        arguments: tuple[Expr, ...] = (word,) if "%" in name else ()
                        _call_target(scope, site, scopes[name], arguments, given)


def _call_target(
    scope: Scope, site: CallSite, target: Scope, arguments: tuple[Expr, ...], given: tuple[tuple[str, Expr], ...]
) -> None:
    made = call(
        target.name, arguments, (site.call.line, site.call.column - 1), (site.call.end_line, site.call.end_column - 1)
    )
    made.keywords = given
    scope.calls.append(CallSite(made, site.loops, site.guards))
    known = {param.name for param in target.params}
    more = [Param(name, Name(name, target.line), "", target.line) for name, _ in given if name not in known]
    target.params = (*target.params, *more)
