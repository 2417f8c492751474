"""The options of programs whose command line is made of a function's parameters or of a class's fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from seedlint.code.apis import Entry
from seedlint.code.calls import Calls
from seedlint.code.modules import Ref
from seedlint.code.project import Project
from seedlint.code.syntax import Call, Expr, Group, Name, Table, children


class Entries:
    """The names of such options, with the files of the functions and classes that have them."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self._calls = calls
        self._entries = calls.apis.entries
        self._files: dict[str, set[str]] = defaultdict(set)
        for ref, site in project.sites({name.rpartition(".")[2] for name in self._entries}):
            entry = self._entries.get(self._calls.name(ref, site.call) or "")
            if entry is not None:
                for given in site.call.given:
                    self._take_given(ref, given)
        for ref, scope in project.scopes():
            for marked in (*scope.decorators, *scope.bases):
                entry = self._entry(ref, marked)
                if entry is not None:
                    self._take(ref)
                    self._take_annotations(ref, entry)

    def declares(self, name: str, files: frozenset[str]) -> bool:
        """Whether one of some files declares an option of that name."""
        return not files.isdisjoint(self._files.get(name, ()))

    def _entry(self, ref: Ref, marked: Expr) -> Entry | None:
        """What is known of a decorator or a base class."""
        func = marked.func if type(marked) is Call else marked
        around = self.project.parent(ref) or ref
        if type(marked) is Call:
            return self._entries.get(self._calls.name(around, marked) or "")
        return self._entries.get(self.project.external(around, func) or "")

    def _take_given(self, ref: Ref, given: Expr) -> None:
        """Take the functions and classes among what an entry point is given: one, a list or a table of commands."""
        for expr in (given, *children(given)) if type(given) in (Group, Table) else (given,):
            symbol = self.project.symbol(ref, expr)
            if symbol is not None and symbol.kind in ("function", "class"):
                self._take(symbol.ref)

    def _take_annotations(self, ref: Ref, entry: Entry) -> None:
        """Take the classes by which a function names the settings that it is given."""
        for param in self.project.scope(ref).params if entry.kind == "class" else ():
            symbol = self.project.symbol(ref, Name(param.annotation, param.line)) if param.annotation else None
            if symbol is not None and symbol.kind == "class":
                self._take(symbol.ref)

    def _take(self, ref: Ref) -> None:
        for name in self._names(ref):
            self._files[name].add(ref.path)

    def _names(self, ref: Ref) -> Iterator[str]:
        """The parameters of a function; the fields of a class and the parameters of its methods."""
        scope = self.project.scope(ref)
        yield from (param.name for param in scope.params)
        if scope.kind == "class":
            yield from (assign.target.id for assign in scope.assigns if type(assign.target) is Name)
            for method in self.project.methods(ref).values():
                yield from (param.name for param in self.project.scope(method).params)
