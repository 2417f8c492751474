"""What calls run, and of which of the project's classes values are instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from seedlint.code.facts import Assign, FileFacts, is_given
from seedlint.code.modules import Reader, Ref
from seedlint.code.names import Names, Symbol, binds, targets
from seedlint.code.syntax import Attr, Call, Expr, Name, tail

WRAPPERS = frozenset({"delayed", "partial", "remote", "options", "jit", "pmap", "vmap", "wraps", "task"})
"""Calls that return their first argument, to be called later: `delayed(train)(seed)`."""


class Instances(Names):
    """The values of the files of one check: what each is made of says which method a call on it runs."""

    def __init__(self, facts: Iterable[FileFacts], paths: Iterable[str], read: Reader) -> None:
        super().__init__(facts, paths, read)
        self._classes: dict[tuple[Ref, str], Ref | None] = {}
        self._members_set: dict[str, dict[tuple[str, str], list[tuple[Ref, Assign]]]] = {}

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
        if symbol is not None and symbol.kind == "variable":
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

    def _above(self, ref: Ref, expr: Expr) -> list[Ref]:
        """The classes in which `super()` or `super(Class, self)` looks for a method, in that order; none for other values."""
        if type(expr) is not Call or type(expr.func) is not Name or expr.func.id != "super":
            return []
        owner = self.class_of(ref, expr.args[0]) if expr.args else self.owner(ref)
        return self.lineage(owner)[1:] if owner else []

    # classes of values

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
        bindings = [(ref, item) for item in self.bindings(ref, name) if type(item.target) is Name]
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
        """Where a class binds an attribute: in its body, and as `self.name` in its methods; bases included; and where
        the code of its file sets it, `Run.name = …`."""
        found = []
        for ref in self.lineage(owner):
            for assign in self.scope(ref).assigns:
                if type(assign.target) is Name and assign.target.id == name and not is_given(assign.value):
                    found.append((ref, assign))
            for index in self.scope(ref).children:
                method = self.files[ref.path].scopes[index]
                for assign in method.assigns:
                    if binds(assign, f"self.{name}"):
                        found.append((Ref(ref.path, index), assign))
            found += self._set_by_name(ref.path).get((self.scope(ref).name, name), ())
        return found

    def _set_by_name(self, path: str) -> dict[tuple[str, str], list[tuple[Ref, Assign]]]:
        """The assignments of a file to members of plain names, by both names."""
        if path not in self._members_set:
            by_name: dict[tuple[str, str], list[tuple[Ref, Assign]]] = {}
            for scope in self.files[path].scopes:
                for assign in scope.assigns:
                    for part in targets(assign.target):
                        if type(part) is Attr and type(part.base) is Name and part.base.id != "self":
                            by_name.setdefault((part.base.id, part.name), []).append((Ref(path, scope.index), assign))
            self._members_set[path] = by_name
        return self._members_set[path]


_PARSERS = frozenset({"cli", "parse", "parse_args", "HfArgumentParser", "from_dict", "structured", "ArgumentParser"})
"""Calls that build an instance of the class that they are given: `tyro.cli(Args)`."""
