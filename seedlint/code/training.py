"""Answers whether code trains: does a function, a script or a class reach a gradient step, itself or through its calls?"""

from __future__ import annotations

import re

from seedlint.code.calls import Calls
from seedlint.code.facts import CallSite
from seedlint.code.project import Project, Ref, Symbol
from seedlint.code.syntax import Attr, Call, Expr, Name, tail, walk

GRADIENTS = frozenset({"backward", "manual_backward", "zero_grad"})
STEPS = frozenset({"step", "minimize", "step_and_update_lr"})
OPTIMISERS = re.compile(r"optim|opt$|trainer|solver|learner|sgd|adam", re.I)
NOT_OPTIMISERS = re.compile(r"model|^net|env|sched|lr$|bar$|timer|meter|metric|dict|config|hash|prof", re.I)
TRAIN_OP = re.compile(r"train|optim|^opt_|minimi[sz]e|update_op|apply_grad", re.I)
IN_PLACE = frozenset({"add_", "sub_", "addcdiv_", "copy_", "mul_"})

MAX_METHODS = 6
"""A method name that more classes than this define says too little about which one a value of unknown type runs."""


class Training:
    """Which scopes reach training. Answers are remembered."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self.calls = calls
        self._known: dict[Ref, bool] = {}
        self._next: dict[Ref, tuple[Ref, ...]] = {}
        self._itself: dict[Ref, bool] = {}

    def reaches(self, ref: Ref) -> bool:
        """Whether running a scope can train a model: a function's body, a script's top level, any method of a class."""
        if ref not in self._known:
            seen, queue = {ref}, [ref]
            while queue:
                node = queue.pop()
                if self._known.get(node, False) or self._trains_directly(node):
                    self._known[node] = self._known[ref] = True
                    return True
                if node not in self._known:
                    fresh = [other for other in self._successors(node) if other not in seen]
                    seen.update(fresh)
                    queue += fresh
            for node in seen:  # nothing that was passed trains, so nothing that starts on the way does
                self._known[node] = False
        return self._known[ref]

    def _trains_directly(self, ref: Ref) -> bool:
        if ref not in self._itself:
            self._itself[ref] = any(self.steps(ref, site) for site in self.project.scope(ref).calls)
        return self._itself[ref]

    def _successors(self, ref: Ref) -> tuple[Ref, ...]:
        """The scopes that running one can run: what it calls, passes on to be called, or nests (but for a module's top)."""
        if ref not in self._next:
            scope = self.project.scope(ref)
            found = [] if scope.kind == "module" else [Ref(ref.path, index) for index in scope.children]
            for site in scope.calls:
                found += self._run_by(ref, site)
            self._next[ref] = tuple(dict.fromkeys(found))
        return self._next[ref]

    def site_reaches(self, ref: Ref, site: CallSite) -> bool:
        """Whether one call trains or runs a project function that does, also one that it is given to call."""
        return self.steps(ref, site) or any(self.reaches(other) for other in self._run_by(ref, site))

    def _run_by(self, ref: Ref, site: CallSite) -> list[Ref]:
        call = site.call
        found = []
        symbol = self.project.callee(ref, call.func)
        if symbol is not None:
            found += self._entry(symbol)
        elif type(call.func) is Attr:
            found += self._unknown_methods(ref, call.func)
        for arg in [*call.args, *(value for _, value in call.keywords)]:
            if type(arg) is Name or type(arg) is Attr:
                given = self.project.callee(ref, arg)
                if given is not None and given.kind == "function":
                    found.append(given.ref)
        return found

    def _entry(self, symbol: Symbol) -> list[Ref]:
        if symbol.kind == "function":
            return [symbol.ref]
        constructor = self.project.methods(symbol.ref).get("__init__")
        return [constructor] if constructor is not None else []

    def _unknown_methods(self, ref: Ref, func: Attr) -> list[Ref]:
        """A method of a value of unknown type: the project's methods of that name in connected files."""
        if func.name in _COMMON:
            return []
        candidates = self.project.methods_named(func.name)
        if not 0 < len(candidates) <= MAX_METHODS or self.project.external(ref, func) is not None:
            return []
        near = self.project.connected(ref.path)
        return [method for method in candidates if method.path in near]

    def steps(self, ref: Ref, site: CallSite) -> bool:
        """Whether a call itself trains: a gradient alone does not (attacks, saliency, curvature), an update must follow."""
        if _runs_train_op(site.call):
            return self.calls.neural(ref.path)
        if not self.calls.trains(ref, site):
            return False
        return tail(site.call.func) not in GRADIENTS or self._updates(ref)

    def _updates(self, ref: Ref) -> bool:
        scope = self.project.scope(ref)
        for site in scope.calls:
            func = site.call.func
            if type(func) is not Attr:
                continue
            receiver = tail(func.base)
            if func.name in STEPS and not NOT_OPTIMISERS.search(receiver):
                return True
            if func.name == "update" and OPTIMISERS.search(receiver):
                return True
            if func.name in IN_PLACE and _mentions_gradient(site.call):
                return True
        return any(assign.augmented and _mentions_gradient(assign.value) for assign in scope.assigns)

    def trains_somewhere(self, path: str) -> bool:
        """Whether anything in a file reaches training."""
        return any(self.reaches(Ref(path, scope.index)) for scope in self.project.files[path].scopes)

    def trains_itself(self, path: str) -> bool:
        """Whether a file trains by calls of its own, not only by those of the files that it imports."""
        return any(self._trains_directly(Ref(path, scope.index)) for scope in self.project.files[path].scopes)

    def class_trains(self, owner: Ref) -> bool:
        """Whether any method of a class trains."""
        return any(self.reaches(method) for method in self.project.methods(owner).values())

    def project_trains(self) -> bool:
        """Whether anything in the files read so far trains."""
        return any(self._trains_directly(ref) for ref, _ in self.project.scopes())


def _runs_train_op(call: Call) -> bool:
    """`session.run(train_op)`, the training step of a TensorFlow 1 graph."""
    func = call.func
    if type(func) is not Attr or func.name != "run" or not call.args or not re.search(r"sess", tail(func.base), re.I):
        return False
    return any(type(node) in (Name, Attr) and TRAIN_OP.search(tail(node)) for node in walk(call.args[0]))


def _mentions_gradient(expr: Expr) -> bool:
    return any(type(node) is Attr and node.name == "grad" for node in walk(expr))


_COMMON = frozenset(
    "append add get set update items keys values format join split read write open close eval cuda to cpu size view "
    "mean sum item numpy copy pop sort info debug warning load save zero_grad parameters state_dict forward".split()
)
