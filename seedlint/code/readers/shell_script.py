"""One script while it is read: the scope, the loops, the conditions and the redirections around the present statement, and
what has been recorded so far. The rooms that walk statements, commands, pipelines and values all write here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from seedlint.code.facts import SHELL, Assign, CallSite, FileFacts, Guard, Loop, Param, Scope
from seedlint.code.readers.shell_dynamic import hand_over
from seedlint.code.readers.shell_jobs import array
from seedlint.code.readers.shell_placeholders import with_placeholders
from seedlint.code.readers.shell_source import Place, Source, braced
from seedlint.code.readers.shell_statements import MAX_GUARDS
from seedlint.code.readers.shell_tree import is_overlong, named, parsed, repaired
from seedlint.code.readers.shell_variables import Variables
from seedlint.code.readers.shell_words import Words
from seedlint.code.syntax import Call, Choice, Expr, Name

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_NESTED = 8
"""Scripts in quotes in scripts in quotes: deeper than this none is read."""

MAX_REREAD = 1_000_000
"""How many bytes of commands that were put together are parsed again; the rest is left as it stands."""

Sinks: TypeAlias = tuple[tuple[str, Expr], ...]
"""Where the output of a command goes, as keywords of its call."""

Span: TypeAlias = tuple[Place, Place]
"""Where something begins and ends."""

_RUN_HERE = re.compile(
    rb"\b(?:sbatch|qsub|bsub|msub|bash|sh|chmod[ \t]+\S+)[ \t]+(?:<[ \t]*|-\S+[ \t]+)*([^\s;|&<>-][^\s;|&<>]*)"
)
_DEFINITION = re.compile(rb"(?m)^[ \t]*(?:function[ \t]+([\w:.-]+)|([\w:.-]+)[ \t]*\([ \t]*\))")


class Script:
    """The facts of one script in the making."""

    def __init__(self, path: str) -> None:
        from seedlint.code.readers.shell_commands import Commands
        from seedlint.code.readers.shell_pipes import Pipes
        from seedlint.code.readers.shell_statements import Statements
        from seedlint.code.readers.shell_values import Values

        self.path = path
        self.scope = Scope(0, -1, "module", "", 1, 1)
        self.scopes = [self.scope]
        self.stars: list[str] = []
        self.loops: tuple[int, ...] = ()
        self.guards: tuple[Guard, ...] = ()
        self.sinks: Sinks = ()
        self.lines: Expr | None = None
        self.printing = False
        self.places: dict[str, str] = {}
        self.site: Span | None = None
        self.shifted = 0
        self.positions: set[str] = set()
        self.variables = Variables()
        self.functions: set[str] = set()
        self.run_here: set[str] = set()
        self.values, self.commands, self.pipes = Values(self), Commands(self), Pipes(self)
        self.statements = Statements(self)
        self._nested = 0
        self._reread = 0

    def facts(self) -> FileFacts:
        """What was read."""
        return FileFacts(self.path, self.scopes, {"random": "random"}, tuple(dict.fromkeys(self.stars)), SHELL)

    # texts

    def read(self, source: Source) -> Node:
        """Walk a whole text: its functions may be called before they are defined."""
        source = braced(source)
        self.functions |= {(one or two).decode(errors="replace") for one, two in _DEFINITION.findall(source.text)}
        self.run_here |= {word.decode(errors="replace").strip("\"'") for word in _RUN_HERE.findall(source.text)}
        with self._array(source):
            root = self.walk(source)
        self.statements.finish()
        hand_over(self.scopes)
        return root

    def job(self, source: Source) -> None:
        """Walk a script that is handed to a shell or to a scheduler, in its own array."""
        with self._array(source):
            self.inside(source)

    @contextmanager
    def _array(self, source: Source) -> Iterator[None]:
        jobs = array(source)
        if jobs is None:
            yield
            return
        line = jobs.span[0][0]
        span = jobs.span[0], source.places[-1]
        with self.looped("array", Name(jobs.variable, line), jobs.numbers, span):
            yield

    def walk(self, source: Source) -> Node:
        """Walk a part of a file that is read in parts."""
        source = braced(source)
        text, root = repaired(source.text)
        whole = Source(text, source.starts, source.places)
        before = len(self.scope.calls)
        self.statements.block(named(root), self.words(whole))
        if root.has_error and len(self.scope.calls) == before:
            self._by_lines(whole)
        return root

    def _by_lines(self, source: Source) -> None:
        """Walk the lines of a script that is broken as a whole, each as far as it can be read alone."""
        position = 0
        for line in re.split(rb"(?<!\\)\n", source.text):
            part = source.part(position, position + len(line))
            position += len(line) + 1
            root = self.again(part) if part.text.strip() else None
            if root is not None and not root.has_error:
                self.statements.block(named(root), self.words(part))

    def again(self, source: Source) -> Node | None:
        """Parse a text that was put together; None where there has been too much of that."""
        self._reread += len(source.text)
        if self._reread > MAX_REREAD or self._nested >= MAX_NESTED or is_overlong(source.text):
            return None
        return parsed(source.text)

    def inside(self, source: Source, guards: tuple[Guard, ...] = (), span: Span | None = None) -> bool:
        """Walk a script that stands in quotes, in a variable or in a heredoc; `span` is where it runs, if not there.

        False where it is too long or stands too deep.
        """
        source = braced(source)
        root = self.again(source)
        if root is None:
            return False
        site, self.site = self.site, span or self.site
        self._nested += 1
        with self.under(*guards), self.fed(None):
            self.statements.block(named(root), self.words(source))
        self._nested -= 1
        self.site = site
        return True

    def words(self, source: Source) -> Words:
        """The words of a text; commands that are substituted in them are recorded here."""
        return Words(source, self)

    def substituted(self, node: Node, words: Words) -> Expr:
        """What a substituted command gives; it is recorded as well."""
        return self.pipes.substituted(node, words)

    def position(self, name: str) -> str:
        """The number that a positional parameter had before `shift` moved it."""
        shown = str(int(name) + self.shifted) if name.isdigit() and name != "0" else name
        self.positions.add(shown)
        return shown

    def computed(self, node: Node, words: Words) -> None:
        """Record what `i++` and `i += 2` bind in the midst of an arithmetic expression."""
        self.values.computed(node, words)

    def defaulted(self, name: str, value: Expr, place: Place) -> None:
        """`${x:=d}` binds what it gives."""
        name_read = Name(name, place[0])
        self.bind(name_read, Choice("Or", (name_read, value), None, place[0]), place)

    # surroundings

    @contextmanager
    def under(self, *guards: Guard) -> Iterator[None]:
        """What is walked meanwhile runs under more conditions."""
        outer = self.guards
        self.guards = (*outer, *guards)[-MAX_GUARDS:]
        yield
        self.guards = outer

    @contextmanager
    def into(self, sinks: Sinks) -> Iterator[None]:
        """The output of what is walked meanwhile goes somewhere."""
        outer = self.sinks
        self.sinks = (*sinks, *outer)
        yield
        self.sinks = outer

    @contextmanager
    def fed(self, lines: Expr | None, *, printing: bool = False) -> Iterator[None]:
        """What is walked meanwhile reads these lines; `printing` is whether a shell runs what it prints."""
        outer = self.lines, self.printing
        self.lines, self.printing = lines, printing
        yield
        self.lines, self.printing = outer

    @contextmanager
    def placing(self, places: Mapping[str, str]) -> Iterator[None]:
        """In the commands that are walked meanwhile, placeholders such as `{}` stand for names."""
        outer = self.places
        self.places = {**outer, **places}
        yield
        self.places = outer

    @contextmanager
    def looped(self, kind: str, target: Expr | None, iterable: Expr | None, span: Span) -> Iterator[None]:
        """What is walked meanwhile stands inside one more loop."""
        (line, column), (end_line, _) = span
        number = len(self.scope.loops)
        self.scope.loops.append(Loop(number, kind, target, iterable, line, column, end_line, self.loops))
        outer = self.loops
        self.loops = (*outer, number)
        yield
        self.loops = outer

    @contextmanager
    def function(self, name: str, span: Span) -> Iterator[None]:
        """What is walked meanwhile is the body of a function."""
        (line, _), (end_line, _) = span
        scope = Scope(len(self.scopes), self.scope.index, "function", name, line, end_line)
        self.scopes.append(scope)
        self.scope.children.append(scope.index)
        outer = self.scope, self.loops, self.guards, self.sinks, self.shifted, self.positions, self.variables
        self.scope, self.loops, self.guards, self.sinks, self.shifted, self.positions = scope, (), (), (), 0, set()
        self.variables = Variables(self.variables)
        yield
        scope.params = _params(self.positions, line)
        self.scope, self.loops, self.guards, self.sinks, self.shifted, self.positions, self.variables = outer

    def placed(self, expr: Expr) -> Expr:
        """A word with the placeholders in it as the names that they stand for."""
        return with_placeholders(expr, self.places) if self.places else expr

    # records

    def call(self, call: Call) -> Call:
        """Record a command where it stands."""
        self.scope.calls.append(CallSite(call, self.loops, self.guards))
        return call

    def bind(self, target: Expr, value: Expr, place: Place, *, augmented: bool = False) -> None:
        """Record an assignment."""
        self.scope.assigns.append(Assign(target, value, *place, self.loops, self.guards, augmented, ""))


def _params(positions: set[str], line: int) -> tuple[Param, ...]:
    last = max((int(name) for name in positions if name.isdigit()), default=0)
    params = [Param(str(number), None, "", line) for number in range(1, min(last, 99) + 1)]
    if "@" in positions:
        params.append(Param("*@", None, "", line))
    return tuple(params)
