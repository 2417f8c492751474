"""Joins the facts of many files: which name means which function, class or framework call, and who calls whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from seedlint.code.facts import Assign, CallSite, FileFacts, Scope, is_given
from seedlint.code.syntax import Attr, Call, Expr, Group, Name, access_path, dotted, tail


class Ref(NamedTuple):
    """A scope of the project: the file's path and the scope's index in it."""

    path: str
    scope: int


class Symbol(NamedTuple):
    """What a name stands for: a "function", "class" or "module" of the project, a "variable", or something "external"."""

    kind: str
    ref: Ref
    name: str


class Caller(NamedTuple):
    """A place that calls a function: directly (`mapped` is -1), or by passing it to the call as argument `mapped`."""

    ref: Ref
    site: CallSite
    mapped: int


RUNNERS = frozenset(
    "map imap imap_unordered starmap map_async starmap_async vmap pmap submit spawn apply apply_async start_processes partial "
    "delayed run wrapper main Process Thread launch".split()
)
"""Calls that run a function which they are given."""

MAX_STARS = 8
"""A file that gathers the names of more modules than this with `*` does not make them all worth reading."""

RELINK = 1.1
"""The import graph is drawn anew when files read since make it this much larger."""

WRAPPERS = frozenset({"delayed", "partial", "remote", "options", "jit", "pmap", "vmap", "wraps", "task"})
"""Calls that return their first argument, to be called later: `delayed(train)(seed)`."""


class Project:
    """The files of one check. Files that the prefilter left out are read when a question leads to them."""

    def __init__(self, facts: Iterable[FileFacts], paths: Iterable[str], read: Callable[[str], FileFacts | None]):
        self.files: dict[str, FileFacts] = {item.path: item for item in facts}
        self.paths = frozenset(paths)
        self._read = read
        self._unread: set[str] = set()
        self._by_file_name: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            self._by_file_name[path.rpartition("/")[2]].append(path)
        self._modules: dict[tuple[str, str], str | None] = {}
        self._names: dict[tuple[Ref, str], Symbol | None] = {}
        self._sites: dict[str, list[Caller]] = defaultdict(list)
        self._aliases: dict[str, set[str]] = defaultdict(set)
        self._methods: dict[str, list[Ref]] = defaultdict(list)
        self._derived: dict[str, list[Ref]] = defaultdict(list)
        self._upward: dict[Ref, list[Caller]] = defaultdict(list)
        self._lineages: dict[Ref, list[Ref]] = {}
        self._descendants: dict[Ref, tuple[int, list[Ref]]] = {}
        self._class_methods: dict[Ref, dict[str, Ref]] = {}
        self._imported: dict[str, frozenset[str]] = {}
        self._connected: dict[str, frozenset[str]] = {}
        self._classes: dict[tuple[Ref, str], Ref | None] = {}
        self._bound: dict[Ref, frozenset[str]] = {}
        self._importers: dict[str, set[str]] = {}
        self._linked = 0
        for item in self.files.values():
            self._index(item)

    def _index(self, facts: FileFacts) -> None:
        for local, target in facts.imports.items():
            original = target.rpartition(".")[2]
            if original != local:
                self._aliases[original].add(local)
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
        for position, arg in enumerate([*call.args, *(value for _, value in call.keywords)]):
            if type(arg) is Name or type(arg) is Attr:
                self._sites[tail(arg)].append(Caller(ref, site, position))
            elif type(arg) is Call and tail(arg) in WRAPPERS and arg.args:
                self._sites[tail(arg.args[0])].append(Caller(ref, site, position))

    # files and scopes

    def file(self, path: str) -> FileFacts | None:
        """The facts of a file, read now if the prefilter had left it out; None if it cannot be read."""
        if path not in self.files:
            facts = self._read(path) if path in self.paths and path not in self._unread else None
            if facts is None:
                self._unread.add(path)
                return None
            self.files[path] = facts
            self._index(facts)
        return self.files[path]

    def scope(self, ref: Ref) -> Scope:
        """The scope that a reference names."""
        return self.files[ref.path].scopes[ref.scope]

    def parent(self, ref: Ref) -> Ref | None:
        """The scope around one."""
        index = self.scope(ref).parent
        return Ref(ref.path, index) if index >= 0 else None

    def owner(self, ref: Ref) -> Ref | None:
        """The class around a method (or around a function nested in one)."""
        around: Ref | None = ref
        while around is not None:
            if self.scope(around).kind == "class":
                return around
            around = self.parent(around)
        return None

    def scopes(self) -> Iterator[tuple[Ref, Scope]]:
        """Every scope of the files read so far."""
        for facts in list(self.files.values()):
            for scope in facts.scopes:
                yield Ref(facts.path, scope.index), scope

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
                if symbol and symbol.kind == "class":
                    queue.append(symbol.ref)
        return seen

    def _heirs(self, owner: Ref) -> list[Ref]:
        """The classes derived from one, in any number of steps, in the files read so far."""
        count, seen = self._descendants.get(owner, (0, []))
        if count != len(self.files):
            seen = [owner]
            for ref in seen:  # which grows on the way
                name = self.scope(ref).name
                for local in (name, *self._aliases.get(name, ())):
                    derived = [item for item in self._derived.get(local, ()) if item not in seen]
                    seen += [item for item in derived if owner in self.lineage(item)]
            self._descendants[owner] = len(self.files), seen
        return seen[1:]

    def _above(self, ref: Ref, expr: Expr) -> list[Ref]:
        """The classes in which `super()` or `super(Class, self)` looks for a method, in that order; none for other values."""
        if type(expr) is not Call or type(expr.func) is not Name or expr.func.id != "super":
            return []
        owner = self.class_of(ref, expr.args[0]) if expr.args else self.owner(ref)
        return self.lineage(owner)[1:] if owner else []

    # imports

    def module(self, importer: str, target: str) -> str | None:
        """The path of the module that `target` ("a.b", "..a.b") means in the file `importer`; None outside the project."""
        key = (importer.rpartition("/")[0], target)
        if key not in self._modules:
            self._modules[key] = self._find_module(*key)
        return self._modules[key]

    def _find_module(self, folder: str, target: str) -> str | None:
        bare = target.lstrip(".")
        level = len(target) - len(bare)
        tail_path = bare.replace(".", "/")
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            return self._module_at(folder, tail_path)
        if not bare:
            return None
        around = folder
        while True:
            found = self._module_at(around, tail_path) or self._module_at(
                f"{around}/src" if around else "src", tail_path
            )
            if found or not around:
                break
            around = around.rpartition("/")[0]
        return found or self._module_anywhere(tail_path)

    def _module_at(self, folder: str, tail_path: str) -> str | None:
        stem = f"{folder}/{tail_path}" if folder and tail_path else folder or tail_path
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in self.paths:
                return path
        return None

    def _module_anywhere(self, tail_path: str) -> str | None:
        if "/" not in tail_path:
            return None
        last = tail_path.rpartition("/")[2]
        for name, suffix in ((f"{last}.py", f"{tail_path}.py"), ("__init__.py", f"{tail_path}/__init__.py")):
            found = [path for path in self._by_file_name[name] if path.endswith("/" + suffix)]
            if len(found) == 1:
                return found[0]
        return None

    def imported(self, path: str) -> frozenset[str]:
        """The project files that a file imports directly."""
        if path not in self._imported:
            facts = self.file(path)
            found = set()
            for target in [*facts.imports.values(), *facts.stars] if facts else ():
                bare = target.rpartition(".")[0]
                module = self.module(path, target) or (self.module(path, bare or target) if bare.strip(".") else None)
                if module is None and target.startswith(".") and not bare.strip("."):
                    module = self.module(path, target[: len(target) - len(target.lstrip("."))])
                if module:
                    found.add(module)
            self._imported[path] = frozenset(found)
        return self._imported[path]

    def connected(self, path: str) -> frozenset[str]:
        """The files read so far that a file imports or that import it, through any number of steps in one direction."""
        if len(self.files) > self._linked * RELINK:
            self._link()
        if path not in self._connected:
            down = self._closure(path, lambda p: {module for module in self.imported(p) if module in self.files})
            up = self._closure(path, lambda p: self._importers.get(p, set()))
            self._connected[path] = frozenset(down | up)
        return self._connected[path]

    def _link(self) -> None:
        """Turns the imports round; again when more files have been read since."""
        self._importers = defaultdict(set)
        self._connected = {}
        self._linked = len(self.files)
        for other in list(self.files):
            for module in self.imported(other):
                self._importers[module].add(other)

    @staticmethod
    def _closure(path: str, step: Callable[[str], Iterable[str]]) -> set[str]:
        seen, queue = {path}, [path]
        while queue:
            for neighbour in step(queue.pop()):
                if neighbour not in seen:
                    seen.add(neighbour)
                    queue.append(neighbour)
        return seen

    # names

    def symbol(self, ref: Ref, expr: Expr) -> Symbol | None:
        """What a name or a dotted chain stands for where it is used; None where it is the member of some value."""
        text = dotted(expr)
        if text is None:
            return None
        key = (ref, text)
        if key not in self._names:
            self._names[key] = None
            self._names[key] = self._resolve(ref, text)
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
            module = self.module(ref.path, star)
            if module not in self.files and len(facts.stars) > MAX_STARS:
                continue
            found = self._in_module(module, name) if module else None
            if found:
                return found
        return Symbol("external", ref, name) if name in _BUILTINS else None

    def _alias(self, variable: Symbol) -> Symbol | None:
        """What a name stands for that is bound once, to a module or a framework's member: `flags = tf.app.flags`."""
        bindings = [item for item in self.scope(variable.ref).assigns if variable.name in names_bound(item)]
        if len(bindings) != 1 or type(bindings[0].value) is not Attr or type(bindings[0].target) is not Name:
            return None
        found = self.symbol(variable.ref, bindings[0].value)
        return found if found is not None and found.kind in {"external", "module"} else None

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
        return symbol.name if symbol and symbol.kind == "external" else None

    # callees and callers

    def callee(self, ref: Ref, func: Expr) -> Symbol | None:
        """The function or class of the project that a call runs."""
        while type(func) is Call:
            if tail(func) in WRAPPERS and func.args:
                func = func.args[0]
            elif type(func.func) is Attr and func.func.name in WRAPPERS:
                func = func.func.base
            else:
                return None
        if type(func) is Attr and func.name in WRAPPERS and type(func.base) is not Call:
            return self.callee(ref, func.base) or self._plain_callee(ref, func)
        return self._plain_callee(ref, func)

    def _plain_callee(self, ref: Ref, func: Expr) -> Symbol | None:
        symbol = self.symbol(ref, func)
        if symbol is not None and symbol.kind in {"function", "class"}:
            return symbol
        if symbol is not None and symbol.kind == "variable" and type(func) is Name:
            return self._value_callee(symbol)
        if type(func) is Attr:
            owner = self.class_of(ref, func.base)
            for candidate in self._above(ref, func.base) or ([owner] if owner else []):
                method = self.methods(candidate).get(func.name)
                if method:
                    return Symbol("function", method, func.name)
        return None

    def _value_callee(self, symbol: Symbol) -> Symbol | None:
        for assign in self.scope(symbol.ref).assigns:
            if type(assign.target) is Name and assign.target.id == symbol.name and not assign.augmented:
                value = assign.value
                if type(value) is Call and tail(value) in WRAPPERS and value.args:
                    value = value.args[0]
                found = self.symbol(symbol.ref, value) if type(value) in (Name, Attr) else None
                if found and found.kind in {"function", "class"}:
                    return found
        return None

    def class_of(self, ref: Ref, expr: Expr) -> Ref | None:
        """The project class of which a value is an instance, where an assignment or annotation shows it."""
        match expr:
            case Call():
                return self._class_of_call(ref, expr)
            case Name(id="self" | "cls"):
                return self.owner(ref)
            case Name():
                symbol = self.symbol(ref, expr)
                if symbol is None or symbol.kind != "variable":
                    return symbol.ref if symbol and symbol.kind == "class" else None
                return self._remembered(symbol.ref, symbol.name, self._class_of_variable)
            case Attr(name="__class__"):
                return self.class_of(ref, expr.base)
            case Attr():
                owner = self.class_of(ref, expr.base)
                return self._remembered(owner, expr.name, self._class_of_attribute) if owner else None
        return None

    def _remembered(self, ref: Ref, name: str, search: Callable[[Ref, str], Ref | None]) -> Ref | None:
        key = (ref, name)
        if key not in self._classes:
            self._classes[key] = None  # what a value is made of may lead back to itself
            self._classes[key] = search(ref, name)
        return self._classes[key]

    def _class_of_call(self, ref: Ref, call: Call) -> Ref | None:
        above = self._above(ref, call)
        if above:
            return above[0]
        symbol = self.callee(ref, call.func)
        if symbol is None:
            candidates = [arg for arg in call.args if type(arg) is Name] if tail(call) in _PARSERS else []
            for arg in candidates:
                found = self.symbol(ref, arg)
                if found and found.kind == "class":
                    return found.ref
            return None
        if symbol.kind == "class":
            return symbol.ref
        return self._remembered(symbol.ref, "return", self._class_returned)

    def _class_returned(self, ref: Ref, _: str) -> Ref | None:
        found = (self.class_of(ref, returned.value) for returned in self.scope(ref).returns)
        return next((item for item in found if item), None)

    def _class_of_variable(self, ref: Ref, name: str) -> Ref | None:
        scope = self.scope(ref)
        for param in scope.params:
            if param.name == name and param.annotation:
                return self._class_named(ref, param.annotation)
        bindings = [(ref, item) for item in scope.assigns if type(item.target) is Name and item.target.id == name]
        return self._class_bound(bindings)

    def _class_of_attribute(self, owner: Ref, name: str) -> Ref | None:
        return self._class_bound(self.attribute_assigns(owner, name))

    def _class_bound(self, bindings: list[tuple[Ref, Assign]]) -> Ref | None:
        for ref, assign in bindings:
            found = self._class_named(ref, assign.annotation) if assign.annotation else None
            found = found or self.class_of(ref, assign.value)
            if found:
                return found
        return None

    def _class_named(self, ref: Ref, annotation: str) -> Ref | None:
        expr: Expr = Name(annotation.split(".")[0], 0)
        for part in annotation.split(".")[1:]:
            expr = Attr(expr, part, 0)
        symbol = self.symbol(self.parent(ref) or ref, expr)
        return symbol.ref if symbol and symbol.kind == "class" else None

    def attribute_assigns(self, owner: Ref, name: str) -> list[tuple[Ref, Assign]]:
        """Where a class binds an attribute: in its body, and as `self.name` in its methods; bases included."""
        found = []
        for ref in self.lineage(owner):
            for assign in self.scope(ref).assigns:
                if type(assign.target) is Name and assign.target.id == name and not is_given(assign.value):
                    found.append((ref, assign))
            for index in self.scope(ref).children:
                method = self.files[ref.path].scopes[index]
                for assign in method.assigns:
                    if access_path(assign.target) == f"self.{name}":
                        found.append((Ref(ref.path, index), assign))
        return found

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
        return [
            caller
            for local in {name, *self._aliases.get(name, ())}
            for caller in self._sites.get(local, ())
            if self._calls(caller, target, in_class)
        ]

    def _calls(self, caller: Caller, target: Ref, in_class: bool) -> bool:
        func = caller.site.call.func
        if caller.mapped >= 0:
            call = caller.site.call
            func = [*call.args, *(value for _, value in call.keywords)][caller.mapped]
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
        for name in names:
            for local in (name, *self._aliases.get(name, ())):
                for caller in self._sites.get(local, ()):
                    if caller.mapped < 0:
                        yield caller.ref, caller.site

    def methods_named(self, name: str) -> list[Ref]:
        """Every method of that name in the files read so far."""
        return self._methods.get(name, [])


def _is_upward(func: Expr) -> bool:
    """Whether a callee is a base's: `super().setup`, or any constructor by its name."""
    return type(func) is Attr and (func.name == "__init__" or (type(func.base) is Call and tail(func.base) == "super"))


_BUILTINS = frozenset(
    "abs all any bool dict divmod enumerate eval exec filter float getattr hash id input int isinstance iter len list "
    "map max min next open pow print range reversed round set setattr sorted str sum super tuple type vars zip".split()
)

_PARSERS = frozenset({"cli", "parse", "parse_args", "HfArgumentParser", "from_dict", "structured", "ArgumentParser"})
"""Calls that build an instance of the class that they are given: `tyro.cli(Args)`."""


def names_bound(assign: Assign) -> set[str]:
    """The plain names that an assignment binds."""
    return {part.id for part in targets(assign.target) if type(part) is Name}


def targets(expr: Expr) -> Iterator[Expr]:
    """The single targets of an assignment: the members of a tuple, or the target itself."""
    if type(expr) is Group:
        for item in expr.items:
            yield from targets(item)
    else:
        yield expr
