"""Answers whether code trains: does a function, a script or a class reach a gradient step, itself or through its calls?"""

from __future__ import annotations

import re

from seedlint.code.calls import Calls
from seedlint.code.facts import CallSite
from seedlint.code.project import Project, Ref, Symbol
from seedlint.code.syntax import Attr, Call, Expr, Name, tail, walk

MAX_DEPTH = 60
"""Longer chains of calls are given up: the interpreter's own stack is finite."""

GRADIENTS = frozenset({"backward", "manual_backward", "zero_grad"})
STEPS = frozenset({"step", "minimize", "step_and_update_lr"})
OPTIMISERS = re.compile(r"optim|opt$|trainer|solver|learner|sgd|adam", re.I)
TRAIN_OP = re.compile(r"train|optim|^opt_|minimi[sz]e|update_op|apply_grad", re.I)
IN_PLACE = frozenset({"add_", "sub_", "addcdiv_", "copy_", "mul_"})
NOT_OPTIMISERS = re.compile(r"model|^net|env|sched|lr$|bar$|timer|meter|metric|dict|config|hash|prof", re.I)

MAX_METHODS = 6
"""A method name that more classes than this define says too little about which one a value of unknown type runs."""


class Training:
    """Which scopes reach training. Answers are remembered; recursion counts as not training."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self.calls = calls
        self._known: dict[Ref, bool] = {}
        self._open: set[Ref] = set()
        self._cuts = 0

    def reaches(self, ref: Ref) -> bool:
        """Whether running a scope can train a model: a function's body, a script's top level, any method of a class."""
        if ref in self._known:
            return self._known[ref]
        if ref in self._open or len(self._open) > MAX_DEPTH:
            self._cuts += 1
            return False
        cuts = self._cuts
        self._open.add(ref)
        answer = self._search(ref)
        self._open.discard(ref)
        if answer or not self._open or cuts == self._cuts:  # a "no" found while a caller is still open may be premature
            self._known[ref] = answer
        return answer

    def _search(self, ref: Ref) -> bool:
        scope = self.project.scope(ref)
        sites = scope.calls
        if any(self.steps(ref, site) for site in sites):
            return True
        nested = [Ref(ref.path, index) for index in scope.children]
        if any(self.reaches(child) for child in nested if self._runs(ref, child)):
            return True
        return any(self.site_reaches(ref, site, direct=False) for site in sites)

    def _runs(self, ref: Ref, child: Ref) -> bool:
        """Whether a nested scope counts as run: inside functions and classes always, at a module's top only if called."""
        return self.project.scope(ref).kind != "module"

    def site_reaches(self, ref: Ref, site: CallSite, *, direct: bool = True) -> bool:
        """Whether one call trains or runs a project function that does, also one that it is given to call."""
        if direct and self.steps(ref, site):
            return True
        call = site.call
        symbol = self.project.callee(ref, call.func)
        if symbol is not None and self._symbol_reaches(symbol, tail(call.func)):
            return True
        if symbol is None and type(call.func) is Attr and self._unknown_method_reaches(ref, call):
            return True
        for arg in [*call.args, *(value for _, value in call.keywords)]:
            if type(arg) is Name or type(arg) is Attr:
                given = self.project.callee(ref, arg)
                if given is not None and given.kind == "function" and self.reaches(given.ref):
                    return True
        return False

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
            if type(func) is Attr and func.name in STEPS and not NOT_OPTIMISERS.search(tail(func.base)):
                return True
            if type(func) is Attr and func.name == "update" and OPTIMISERS.search(tail(func.base)):
                return True
            if type(func) is Attr and func.name in IN_PLACE and _mentions_gradient(site.call):
                return True
        return any(assign.augmented and _mentions_gradient(assign.value) for assign in scope.assigns)

    def trains_somewhere(self, path: str) -> bool:
        """Whether anything in a file reaches training."""
        return any(self.reaches(Ref(path, scope.index)) for scope in self.project.files[path].scopes)

    def trains_itself(self, path: str) -> bool:
        """Whether a file trains by calls of its own, not only by those of the files that it imports."""
        facts = self.project.files[path]
        return any(
            self.steps(Ref(path, scope.index), site) for scope in facts.scopes for site in scope.calls
        )

    def _symbol_reaches(self, symbol: Symbol, name: str) -> bool:
        if symbol.kind == "function":
            return self.reaches(symbol.ref)
        constructor = self.project.methods(symbol.ref).get("__init__")
        return constructor is not None and self.reaches(constructor)

    def _unknown_method_reaches(self, ref: Ref, call: Call) -> bool:
        """A method of a value of unknown type: judged by the project's methods of that name in connected files."""
        assert isinstance(call.func, Attr)
        if self.project.external(ref, call.func) is not None or call.func.name in _COMMON:
            return False
        candidates = self.project.methods_named(call.func.name)
        if not 0 < len(candidates) <= MAX_METHODS:
            return False
        near = self.project.connected(ref.path)
        return any(self.reaches(method) for method in candidates if method.path in near)

    def class_trains(self, owner: Ref) -> bool:
        """Whether any method of a class trains."""
        return any(self.reaches(method) for method in self.project.methods(owner).values())

    def project_trains(self) -> bool:
        """Whether anything in the files read so far trains."""
        return any(self.steps(ref, site) for ref, scope in self.project.scopes() for site in scope.calls)


def _runs_train_op(call: Call) -> bool:
    """`session.run(train_op)`, the training step of a TensorFlow 1 graph."""
    if type(call.func) is not Attr or call.func.name != "run" or not re.search(r"sess", tail(call.func.base), re.I) or not call.args:
        return False
    return any(type(node) in (Name, Attr) and TRAIN_OP.search(tail(node)) for node in walk(call.args[0]))


def _mentions_gradient(expr: Expr) -> bool:
    return any(type(node) is Attr and node.name == "grad" for node in walk(expr))


_COMMON = frozenset(
    "append add get set update items keys values format join split read write open close eval cuda to cpu size view "
    "mean sum item numpy copy pop sort info debug warning load save zero_grad parameters state_dict forward".split()
)
