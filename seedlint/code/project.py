"""Joins the facts of many files: beyond what names stand for and values are in them, who calls whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seedlint.code.facts import SHELL, CallSite, FileFacts
from seedlint.code.instances import WRAPPERS, Instances
from seedlint.code.modules import Reader, Ref
from seedlint.code.names import Symbol, names_bound, targets
from seedlint.code.script_runs import ScriptRun, scripts_run
from seedlint.code.syntax import Attr, Call, Expr, Name, command, tail

__all__ = ["Caller", "Project", "Ref", "Symbol", "names_bound", "targets"]

RUNNERS = frozenset(
    "map imap imap_unordered starmap map_async starmap_async vmap pmap submit spawn apply apply_async start_processes partial "
    "delayed run wrapper main Process Thread launch".split()
)
"""Calls that run a function which they are given."""


class Caller(NamedTuple):
    """A place that calls a function: directly (`mapped` is -1), or by passing it to the call as argument `mapped`."""

    ref: Ref
    site: CallSite
    mapped: int


class Project(Instances):
    """The files of one check, with every call in those read so far."""

    def __init__(self, facts: Iterable[FileFacts], paths: Iterable[str], read: Reader) -> None:
        super().__init__(facts, paths, read)
        self._sites: dict[str, list[Caller]] = defaultdict(list)
        self._aliases: dict[str, set[str]] = defaultdict(set)
        self._methods: dict[str, list[Ref]] = defaultdict(list)
        self._derived: dict[str, list[Ref]] = defaultdict(list)
        self._upward: dict[Ref, list[Caller]] = defaultdict(list)
        self._descendants: dict[Ref, tuple[int, list[Ref]]] = {}
        self._script_runs: dict[str, list[ScriptRun]] | None = None
        self._launched: list[tuple[Ref, CallSite]] = []
        for item in self.files.values():
            self._index(item)

    def _index(self, facts: FileFacts) -> None:
        for local, target in facts.imports.items():
            original = target.rpartition(".")[2]
            if original != local:
                self._aliases[original].add(local)
        for assign in facts.scopes[0].assigns if facts.is_python else ():
            if type(assign.target) is Name and type(assign.value) in (Name, Attr):
                self._aliases[tail(assign.value)].add(assign.target.id)
        for scope in facts.scopes:
            ref = Ref(facts.path, scope.index)
            if scope.kind == "function" and scope.parent >= 0 and facts.scopes[scope.parent].kind == "class":
                self._methods[scope.name].append(ref)
            for base in scope.bases:
                self._derived[tail(base)].append(ref)
            for site in scope.calls:
                self._index_call(ref, site)

    def _index_call(self, ref: Ref, site: CallSite) -> None:
        call = site.call
        inner = call.func
        while type(inner) is Call and tail(inner) in WRAPPERS and inner.args:
            inner = inner.args[0]
        if type(inner) is Attr and inner.name in WRAPPERS:
            inner = inner.base
        name = tail(inner)
        if _is_upward(inner):
            owner = self.owner(ref)
            if owner is not None:
                self._upward[owner].append(Caller(ref, site, -1))
        elif name:
            self._sites[name].append(Caller(ref, site, -1))
        if tail(call.func) not in RUNNERS and name not in RUNNERS:
            return
        for position, arg in enumerate(call.given):
            if type(arg) is Name or type(arg) is Attr:
                self._sites[tail(arg)].append(Caller(ref, site, position))
            elif type(arg) is Call and tail(arg) in WRAPPERS and arg.args:
                self._sites[tail(arg.args[0])].append(Caller(ref, site, position))

    # callers

    def callers(self, target: Ref) -> list[Caller]:
        """Every place that calls a function, constructs a class or one that inherits its constructor, or passes it on to
        be called; for a constructor, the constructors that call it too."""
        scope = self.scope(target)
        if scope.kind == "class":
            constructor = self.methods(target).get("__init__")
            heirs = [heir for heir in self._heirs(target) if self.methods(heir).get("__init__") == constructor]
            return [caller for made in (target, *heirs) for caller in self._named(made, False)]
        owner = self.parent(target)
        if owner is None or self.scope(owner).kind != "class":
            return self._named(target, False)
        direct = self.callers(owner) if scope.name == "__init__" else self._named(target, True)
        return [*direct, *self._from_heirs(owner, target)]

    def _heirs(self, owner: Ref) -> list[Ref]:
        """The classes derived from one, in any number of steps, in the files read so far."""
        count, seen = self._descendants.get(owner, (0, []))
        if count != len(self.files):
            seen = [owner]
            for ref in seen:  # which grows on the way
                name = self.scope(ref).name
                for local in self._locals(name):
                    derived = [item for item in self._derived.get(local, ()) if item not in seen]
                    seen += [item for item in derived if owner in self.lineage(item)]
            self._descendants[owner] = len(self.files), seen
        return seen[1:]

    def _from_heirs(self, owner: Ref, method: Ref) -> list[Caller]:
        """Where derived classes call a method that they may have overridden: `super().setup()`, `Base.__init__(self)`."""
        return [
            caller
            for heir in self._heirs(owner)
            for caller in self._upward.get(heir, ())
            if tail(caller.site.call.func) == self.scope(method).name and self._calls(caller, method, False)
        ]

    def _named(self, target: Ref, in_class: bool) -> list[Caller]:
        name = self.scope(target).name
        direct = [
            caller
            for local in sorted(self._locals(name))
            for caller in self._sites.get(local, ())
            if self._calls(caller, target, in_class)
        ]
        return direct + self._from_sourcing(target, name)

    def _locals(self, name: str) -> dict[str, None]:
        """A name, and the names by which files import it or bind it once more, in any number of steps."""
        found, queue = {name: None}, [name]
        while queue:
            more = [local for local in sorted(self._aliases.get(queue.pop(), ())) if local not in found]
            found.update(dict.fromkeys(more))
            queue += more
        return found

    def _from_sourcing(self, target: Ref, name: str) -> list[Caller]:
        """Where scripts call a function of a script that they source: there it looks like a program."""
        if self.files[target.path].language != SHELL:
            return []
        called = self._sites.get(command(name, 0).id, ())
        return [caller for caller in called if target.path in self._sourced(caller.ref.path)]

    def _sourced(self, path: str) -> set[str]:
        """The scripts that a script sources."""
        return {found for name in self.files[path].stars if (found := self.script(path, name)) is not None}

    def _calls(self, caller: Caller, target: Ref, in_class: bool) -> bool:
        func = caller.site.call.func
        if caller.mapped >= 0:
            call = caller.site.call
            func = call.given[caller.mapped]
            if type(func) is Call:
                func = func.args[0]
        symbol = self.callee(caller.ref, func)
        if symbol is not None:
            return symbol.ref == target or (in_class and self._overrides(target, symbol.ref))
        unknown = type(func) is Attr and self.external(caller.ref, func) is None
        return in_class and unknown and caller.mapped < 0 and len(self._methods[self.scope(target).name]) == 1

    def _overrides(self, target: Ref, method: Ref) -> bool:
        """Whether a call that names a method may run `target`: the same method of a class derived from that one's."""
        owner, around = self.parent(target), self.parent(method)
        return (
            owner is not None
            and around is not None
            and self.scope(method).name == self.scope(target).name
            and around in self.lineage(owner)
        )

    def sites(self, names: Iterable[str]) -> Iterator[tuple[Ref, CallSite]]:
        """The calls in the files read so far whose callee is written with one of these last names, under aliases too."""
        for local in dict.fromkeys(local for name in names for local in self._locals(name)):
            for caller in self._sites.get(local, ()):
                if caller.mapped < 0:
                    yield caller.ref, caller.site

    def script_runs(self, path: str) -> list[ScriptRun]:
        """The commands that run a script by its name, in scripts and those that Python code is known to build."""
        if self._script_runs is None:
            written = [
                (Ref(facts.path, scope.index), site)
                for facts in self.files.values()
                for scope in facts.scopes
                for site in scope.calls
            ]
            runs = [run for ref, site in (*written, *self._launched) for run in scripts_run(ref, site)]
            self._script_runs = defaultdict(list)
            for run in runs:
                self._script_runs[run.script.rpartition("/")[2]].append(run)
        named = self._script_runs.get(path.rpartition("/")[2], [])
        return [run for run in named if self.script(run.ref.path, run.script) in (path, None)]

    def launches(self, commands: Iterable[tuple[Ref, CallSite]]) -> None:
        """Note the commands that Python code builds: they may run scripts as well."""
        self._launched += commands
        self._script_runs = None

    def methods_named(self, name: str) -> list[Ref]:
        """Every method of that name in the files read so far."""
        return self._methods.get(name, [])


def _is_upward(func: Expr) -> bool:
    """Whether a callee is a base's: `super().setup`, or any constructor by its name."""
    return type(func) is Attr and (func.name == "__init__" or (type(func.base) is Call and tail(func.base) == "super"))
