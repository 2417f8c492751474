"""What a name stands for where it is used: the project's own, a variable of some scope, or a framework's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seedlint.code.facts import Assign, FileFacts, Scope
from seedlint.code.modules import Modules, Reader, Ref
from seedlint.code.syntax import Attr, Call, Expr, Group, Name, access_path, dotted, walk

MAX_STARS = 8
"""A file that gathers the names of more modules than this with `*` does not make them all worth reading."""


class Symbol(NamedTuple):
    """What a name stands for: a "function", "class" or "module" of the project, a "variable", or something "external"."""

    kind: str
    ref: Ref
    name: str


class Names(Modules):
    """The names in the files of one check, those of methods in a class and its bases included."""

    def __init__(self, facts: Iterable[FileFacts], paths: Iterable[str], read: Reader) -> None:
        super().__init__(facts, paths, read)
        self._names: dict[tuple[Ref, str], Symbol | None] = {}
        self._bound: dict[Ref, frozenset[str]] = {}
        self._assigned: dict[Ref, dict[str, list[Assign]]] = {}
        self._given: dict[Ref, dict[int, set[str]]] = {}
        self._lineages: dict[Ref, list[Ref]] = {}
        self._class_methods: dict[Ref, dict[str, Ref]] = {}

    def symbol(self, ref: Ref, expr: Expr) -> Symbol | None:
        """What a name or a dotted chain stands for where it is used; None where it is the member of some value."""
        text = dotted(expr)
        if text is None:
            return None
        key = (ref, text)
        if key not in self._names:
            self._names[key] = None
            plain = type(expr) is Name  # which a target of a Makefile is, whatever stands in it
            self._names[key] = self._lookup(ref, text) if plain else self._resolve(ref, text)
        return self._names[key]

    def _resolve(self, ref: Ref, text: str) -> Symbol | None:
        first, _, rest = text.partition(".")
        symbol = self._lookup(ref, first)
        if symbol is not None and symbol.kind == "variable" and rest:
            symbol = self._alias(symbol) or symbol
        for name in rest.split(".") if rest else ():
            if symbol is None:
                return None
            symbol = self._member(symbol, name)
        return symbol

    def _lookup(self, ref: Ref, name: str) -> Symbol | None:
        around: Ref | None = ref
        innermost = True
        while around is not None:
            scope = self.scope(around)
            if scope.kind != "class" or innermost:
                found = self._local(around, scope, name)
                if found:
                    return found
            innermost = False
            around = self.parent(around)
        facts = self.files[ref.path]
        if name in facts.imports:
            return self._import(ref.path, facts.imports[name])
        for star in facts.stars:
            module = self.module(ref.path, star) if facts.is_python else self.script(ref.path, star)
            if module not in self.files and len(facts.stars) > MAX_STARS:
                continue
            found = self._in_module(module, name) if module else None
            if found:
                return found
        return Symbol("external", ref, name) if name in _BUILTINS else None

    def _alias(self, variable: Symbol) -> Symbol | None:
        """What a name stands for that is bound once: to a module or a framework's member, `flags = tf.app.flags`, or to a class
        of the project, `Net = DeepNet`."""
        bindings = self.bindings(variable.ref, variable.name)
        if len(bindings) != 1 or type(bindings[0].value) not in (Attr, Name) or type(bindings[0].target) is not Name:
            return None
        found = self.symbol(variable.ref, bindings[0].value)
        kinds = {"external", "module", "class"} if type(bindings[0].value) is Attr else {"class"}
        return found if found is not None and found.kind in kinds else None

    def bindings(self, ref: Ref, name: str) -> list[Assign]:
        """The assignments of a scope that bind a name, in their order."""
        if ref not in self._assigned:
            by_name: dict[str, list[Assign]] = {}
            for assign in self.scope(ref).assigns:
                for bound in names_bound(assign):
                    by_name.setdefault(bound, []).append(assign)
            self._assigned[ref] = by_name
        return self._assigned[ref].get(name, [])

    def names_given(self, ref: Ref) -> dict[int, set[str]]:
        """The names that the assignments of a scope bind to what each call in them is part of, by the call's identity."""
        if ref not in self._given:
            given: dict[int, set[str]] = {}
            for assign in self.scope(ref).assigns:
                for node in walk(assign.value):
                    if type(node) is Call:
                        given.setdefault(id(node), set()).update(names_bound(assign))
            self._given[ref] = given
        return self._given[ref]

    def _local(self, ref: Ref, scope: Scope, name: str) -> Symbol | None:
        for index in scope.children:
            child = self.files[ref.path].scopes[index]
            if child.name == name:
                return Symbol(child.kind, Ref(ref.path, index), name)
        if any(param.name == name for param in scope.params) or name in self._bound_names(ref, scope):
            return Symbol("variable", ref, name)
        return None

    def _bound_names(self, ref: Ref, scope: Scope) -> frozenset[str]:
        """The names that a scope binds by assignment or as a loop's target."""
        if ref not in self._bound:
            bound = [assign.target for assign in scope.assigns]
            bound += [loop.target for loop in scope.loops if loop.target is not None]
            self._bound[ref] = frozenset(part.id for target in bound for part in targets(target) if type(part) is Name)
        return self._bound[ref]

    def _import(self, importer: str, target: str) -> Symbol | None:
        module = self.module(importer, target)
        if module and self.file(module):
            return Symbol("module", Ref(module, 0), target)
        source, _, name = target.rpartition(".")
        if target.startswith(".") and not source.strip("."):
            source = target[: len(target) - len(name)]
        module = self.module(importer, source) if source else None
        if module and self.file(module):
            return self._in_module(module, name)
        return Symbol("external", Ref(importer, 0), target.lstrip("."))

    def _in_module(self, path: str, name: str) -> Symbol | None:
        if self.file(path) is None:
            return None
        key = (Ref(path, 0), name)
        if key not in self._names:
            self._names[key] = None
            self._names[key] = self._lookup(Ref(path, 0), name)
        return self._names[key]

    def _member(self, symbol: Symbol, name: str) -> Symbol | None:
        match symbol.kind:
            case "external":
                return symbol._replace(name=f"{symbol.name}.{name}")
            case "module":
                folder_module = self.module(symbol.ref.path, "." + name) if "__init__" in symbol.ref.path else None
                found = self._in_module(symbol.ref.path, name)
                if found is None and folder_module and self.file(folder_module):
                    return Symbol("module", Ref(folder_module, 0), name)
                return found
            case "class":
                method = self.methods(symbol.ref).get(name)
                return Symbol("function", method, name) if method else None
        return None

    def external(self, ref: Ref, expr: Expr) -> str | None:
        """The qualified name of a framework's function ("numpy.random.seed"); None for the project's own and for values."""
        symbol = self.symbol(ref, expr)
        if symbol is not None and symbol.kind == "variable" and type(expr) is Name:
            symbol = self._alias(symbol)
        return symbol.name if symbol and symbol.kind == "external" else None

    # classes

    def methods(self, owner: Ref) -> dict[str, Ref]:
        """The methods of a class by name, those of its project bases included."""
        if owner not in self._class_methods:
            self._class_methods[owner] = {}  # a class that is its own base, by mistake, ends here
            self._class_methods[owner] = self._find_methods(owner)
        return self._class_methods[owner]

    def _find_methods(self, owner: Ref) -> dict[str, Ref]:
        found: dict[str, Ref] = {}
        for ref in self.lineage(owner):
            for index in self.scope(ref).children:
                child = self.files[ref.path].scopes[index]
                if child.kind == "function":
                    found.setdefault(child.name, Ref(ref.path, index))
        return found

    def lineage(self, owner: Ref) -> list[Ref]:
        """A class and its bases that are in the project, nearest first."""
        if owner not in self._lineages:
            self._lineages[owner] = self._find_lineage(owner)
        return self._lineages[owner]

    def _find_lineage(self, owner: Ref) -> list[Ref]:
        seen: list[Ref] = []
        queue = [owner]
        while queue:
            ref = queue.pop(0)
            if ref in seen:
                continue
            seen.append(ref)
            around = self.parent(ref) or ref
            for base in self.scope(ref).bases:
                symbol = self.symbol(around, base)
                if symbol and symbol.kind == "variable" and type(base) is Name:
                    symbol = self._alias(symbol)
                if symbol and symbol.kind == "class":
                    queue.append(symbol.ref)
        return seen


_BUILTINS = frozenset(
    "abs all any bool dict divmod enumerate eval exec filter float getattr hash id input int isinstance iter len list "
    "map max min next open pow print range reversed round set setattr sorted str sum super tuple type vars zip".split()
)


def names_bound(assign: Assign) -> set[str]:
    """The plain names that an assignment binds."""
    return {part.id for part in targets(assign.target) if type(part) is Name}


def binds(assign: Assign, path: str) -> bool:
    """Whether an assignment binds a member by its whole path: `run.seed = 3`, `run.seed, run.steps = 3, 100`."""
    target = assign.target
    return (
        any(access_path(part) == path for part in targets(target))
        if type(target) is Group
        else access_path(target) == path
    )


def targets(expr: Expr) -> Iterator[Expr]:
    """The single targets of an assignment: the members of a tuple, or the target itself."""
    if type(expr) is Group:
        for item in expr.items:
            yield from targets(item)
    else:
        yield expr
