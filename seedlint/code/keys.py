"""Follows JAX keys forward: whether what is made of one becomes parameters or dropout, or only data and shapes."""

from __future__ import annotations

import re

from seedlint.code.facts import CallSite
from seedlint.code.project import Project, Ref, targets
from seedlint.code.syntax import Attr, Call, Expr, Name, names_in, tail, walk
from seedlint.code.training import Training

TEMPLATES = frozenset(
    {"from_bytes", "from_state_dict", "restore", "restore_checkpoint", "eval_shape", "tabulate", "load_state"}
)
"""Calls that overwrite or merely measure the parameters that they are given."""

KEY_USERS = re.compile(
    r"init|create|state|rngs|train|fit|model|net\b|agent|learner|params|make|build|apply|update|run|main", re.I
)
"""Callees by whose name a JAX key reaches parameters or dropout."""


class Keys:
    """The keys of a project."""

    def __init__(self, project: Project, training: Training) -> None:
        self.project = project
        self.training = training

    def reach_parameters(self, ref: Ref, key: Call) -> bool:
        """Whether a key reaches parameters or dropout, not only data, shapes, or what a checkpoint replaces."""
        scope = self.project.scope(ref)
        around = [
            other.call
            for other in scope.calls
            if other.call is not key and any(node is key for node in walk(other.call))
        ]
        if any(tail(call) in TEMPLATES for call in around):
            return False
        if any(self._uses_key(ref, call) for call in around):
            return True
        carriers: set[str] = set()
        attributes = False
        for assign in sorted(scope.assigns, key=lambda item: item.line):
            made = any(node is key for node in walk(assign.value)) and not self._spends_key(ref, assign.value, key)
            if made or self._passes_key(ref, assign.value, carriers):
                carriers |= {part.id for part in targets(assign.target) if type(part) is Name}
                attributes = attributes or type(assign.target) is Attr
        owner = self.project.owner(ref)
        if attributes and owner is not None and self.training.class_trains(owner):
            return True
        users = [other.call for other in scope.calls]
        for index in scope.children:
            users += [other.call for other in self.project.files[ref.path].scopes[index].calls]
        return any(
            self._uses_key(ref, call)
            for call in users
            if tail(call) not in TEMPLATES and any(names_in(value) & carriers for value in call.given)
        )

    def _passes_key(self, ref: Ref, value: Expr, carriers: set[str]) -> bool:
        """Whether a value made of a key is still a key: a split, a fold, a part of one."""
        if not names_in(value) & carriers:
            return False
        if type(value) is not Call:
            return True
        name = self.project.external(ref, value.func) or tail(value.func)
        return name.startswith("jax.random") or bool(re.search(r"rng|key|split|fold|mix|next", tail(value.func), re.I))

    def _spends_key(self, ref: Ref, value: Expr, key: Call) -> bool:
        """Whether a project function draws from a key that it is given, and does nothing else with it: an order, a sample."""
        symbol = self.project.callee(ref, value.func) if type(value) is Call else None
        if type(value) is not Call or key not in value.args or symbol is None or symbol.kind != "function":
            return False
        scope = self.project.scope(symbol.ref)
        position = value.args.index(key)
        owner = self.project.parent(symbol.ref)
        if position >= len(scope.params) or (owner is not None and self.project.scope(owner).kind == "class"):
            return False
        name = scope.params[position].name
        returned = any(name in names_in(item.value) for item in scope.returns)
        kept = any(name in names_in(item.value) for item in scope.assigns)
        users = [site.call for index in (scope.index, *scope.children) for site in self._calls_of(symbol.ref, index)]
        taking = [call for call in users if any(type(arg) is Name and arg.id == name for arg in call.given)]
        return not (returned or kept or any(self._uses_key(symbol.ref, call) for call in taking))

    def _calls_of(self, ref: Ref, index: int) -> list[CallSite]:
        return self.project.files[ref.path].scopes[index].calls

    def _uses_key(self, ref: Ref, call: Call) -> bool:
        name = self.project.external(ref, call.func)
        if name is not None and name.startswith(("jax.random", "jax.lax", "numpy", "jax.numpy", "builtins")):
            return False
        callee = tail(call)
        if type(call.func) is Call and call.func.args:
            callee = tail(call.func.args[0])  # jax.pmap(make_state)(key)
        return bool(KEY_USERS.search(callee) or callee[:1].isupper())
