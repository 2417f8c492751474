"""Answers whether code trains: does a function, a script or a class reach a gradient step, itself or through its calls?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from seedlint.code.calls import Calls
from seedlint.code.facts import CallSite
from seedlint.code.project import Caller, Project, Ref, Symbol
from seedlint.code.syntax import Attr, Call, Const, Expr, Name, tail, walk

GRADIENTS = frozenset({"backward", "manual_backward", "zero_grad"})
STEPS = frozenset({"step", "minimize", "step_and_update_lr"})
OPTIMISERS = re.compile(r"optim|opt$|trainer|solver|learner|sgd|adam", re.I)
NOT_OPTIMISERS = re.compile(r"model|^net|env|sched|lr$|bar$|timer|meter|metric|dict|config|hash|prof", re.I)
TRAIN_OP = re.compile(r"train|optim|^opt_|minimi[sz]e|update_op|apply_grad", re.I)
IN_PLACE = frozenset({"add_", "sub_", "addcdiv_", "copy_", "mul_"})

MAX_METHODS = 6
"""A method name that more classes than this define says too little about which one a value of unknown type runs."""

MAX_LEARNERS = 40
"""More classes than this share a method name for other reasons than that they learn, unless the name says so."""

LEARNER = re.compile(r"agent|algo|alg$|model|policy|learner|trainer|net", re.I)
TRAINS_BY_NAME = re.compile(
    r"(^|_)(train(ing)?(_(step|epoch|one_epoch|loop|batch|model|iter\w*|on_batch))?$|optimi[sz]e(_|$)|learn(_(batch|task|step|epoch|iter\w*))?$|fit$|backward)"
    r"|^update(_(params|parameters|weights|policy|networks?|models?|agent))?$",
    re.I,
)
"""Names of methods that are looked for in the whole project, since what they run is likely to train."""

CALLED_TRAINING = re.compile(r"(train|fit|finetune|fine_tune)(_model|_loop|_epochs?)?$", re.I)
"""Names by which a script calls for training."""


class Training:
    """Which scopes reach training. Answers are remembered."""

    def __init__(self, project: Project, calls: Calls, defining: Callable[[str], Iterable[str]] = lambda _: ()) -> None:
        """`defining` answers which files that the prefilter left out define a method."""
        self.project = project
        self.calls = calls
        self._defining = defining
        self._sought: set[str] = set()
        self._given_classes: dict[tuple[Ref, str], tuple[Ref, ...]] = {}
        self._known: dict[Ref, bool] = {}
        self._next: dict[Ref, tuple[Ref, ...]] = {}
        self._itself: dict[Ref, bool] = {}
        self._sites: dict[int, bool] = {}

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
        key = id(site.call)  # calls live as long as the project that holds them
        if key not in self._sites:
            self._sites[key] = self.steps(ref, site) or any(self.reaches(other) for other in self._run_by(ref, site))
        return self._sites[key]

    def _run_by(self, ref: Ref, site: CallSite) -> list[Ref]:
        call = site.call
        found = []
        symbol = self.project.callee(ref, call.func)
        if symbol is not None:
            found += self._entry(symbol)
        elif type(call.func) is Attr:
            found += self._unknown_methods(ref, call, call.func)
        for arg in call.given:
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

    def _unknown_methods(self, ref: Ref, call: Call, func: Attr) -> list[Ref]:
        """A method of a value whose class no assignment shows: its class's at the callers, or the project's of that name."""
        name = func.name
        named = self.project.methods_named(name)
        if not named and not TRAINS_BY_NAME.search(name):
            return []
        if name in _COMMON or (name == "update" and not LEARNER.search(tail(func.base))):
            return []
        if self.project.external(ref, func) is not None or self._is_foreign(self.calls.made_by(ref, func.base)):
            return []
        near = self.project.connected(ref.path)
        candidates = [method for method in named if method.path in near]
        if candidates and name != "update" and len(named) <= MAX_METHODS:
            return candidates
        given = [self.project.methods(owner).get(name) for owner in self._classes(ref, func.base)] if named else []
        known = [method for method in given if method is not None]
        return known or self._learner(name, candidates, switches=_switches_mode(call, func))

    def _is_foreign(self, made: str | None) -> bool:
        """Whether a value is made by a class of a package that has nothing to do with neural networks: its methods are not
        the project's."""
        root, _, rest = (made or "").partition(".")
        apis = self.calls.apis
        return rest.rpartition(".")[2][:1].isupper() and root in apis.packages - apis.neural_packages

    def _classes(self, ref: Ref, value: Expr) -> tuple[Ref, ...]:
        """The classes of a parameter, or of an attribute bound to one: those of the arguments at the callers."""
        if type(value) is Attr:
            where, name = self.project.class_of(ref, value.base), value.name
        else:
            symbol = self.project.symbol(ref, value) if type(value) is Name else None
            where, name = (symbol.ref, symbol.name) if symbol and symbol.kind == "variable" else (None, "")
        if where is None:
            return ()
        if (where, name) not in self._given_classes:
            self._given_classes[where, name] = ()  # what is bound to itself, or handed on by recursion, ends here
            self._given_classes[where, name] = tuple(
                found for giver, given in self._values(where, name) for found in self._classes_shown(giver, given)
            )
        return self._given_classes[where, name]

    def _classes_shown(self, ref: Ref, value: Expr) -> tuple[Ref, ...]:
        shown = self.project.class_of(ref, value)
        return (shown,) if shown is not None else self._classes(ref, value)

    def _values(self, where: Ref, name: str) -> list[tuple[Ref, Expr]]:
        """What the attribute of a class is bound to, or what the callers of a function give for its parameter."""
        if self.project.scope(where).kind == "class":
            return [(ref, item.value) for ref, item in self.project.attribute_assigns(where, name)]
        callers = self.project.callers(where)
        return [(caller.ref, given) for caller in callers for given in self._given(caller, where, name)]

    def _given(self, caller: Caller, function: Ref, param: str) -> list[Expr]:
        """What a call gives for a parameter."""
        names = [item.name for item in self.project.scope(function).params]
        if param not in names or caller.mapped >= 0:
            return []
        owner = self.project.parent(function)
        bound = owner is not None and self.project.scope(owner).kind == "class"
        position = names.index(param) - bound
        call = caller.site.call
        named = [value for key, value in call.keywords if key == param]
        return named or list(call.args[position : position + 1] if position >= 0 else ())

    def _learner(self, name: str, candidates: list[Ref], *, switches: bool) -> list[Ref]:
        """A method that trains, where most of the project's methods of its name do.

        A learner that is made by its name, in `globals()` or by a configuration, is of a class that no import leads to.
        """
        speaks = bool(TRAINS_BY_NAME.search(name))
        if not speaks and not 0 < len(candidates) <= MAX_LEARNERS:
            return []
        if not candidates:
            if switches:
                return []
            self._read_definitions(name)
            candidates = self.project.methods_named(name)
        candidates = [method for method in candidates if self._does_more_than_its_base(method)]
        training = [method for method in candidates if self._trains_soon(method)]
        return training[:1] if 2 * len(training) >= len(candidates) else []

    def _does_more_than_its_base(self, method: Ref) -> bool:
        """Whether a method does something itself: one that hands on to its base class trains as much as that does."""
        scope = self.project.scope(method)
        return bool(scope.calls) and not any(
            type(func := site.call.func) is Attr
            and func.name == scope.name
            and type(func.base) is Call
            and tail(func.base) == "super"
            for site in scope.calls
        )

    def _read_definitions(self, name: str) -> None:
        if name not in self._sought:
            self._sought.add(name)
            for path in self._defining(name):
                self.project.file(path)

    def _trains_soon(self, method: Ref) -> bool:
        """Whether a method trains itself or by another method of its class."""
        if self._trains_directly(method):
            return True
        owner = self.project.owner(method)
        beside = self.project.methods(owner) if owner is not None else {}
        called = {tail(site.call.func) for site in self.project.scope(method).calls if _on_itself(site.call)}
        return any(self._trains_directly(beside[name]) for name in called & beside.keys())

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
        """Whether a file trains by calls of its own, or calls what by its name trains, not only what files that it imports do."""
        refs = [Ref(path, scope.index) for scope in self.project.files[path].scopes]
        return any(self._trains_directly(ref) or self._calls_for_training(ref) for ref in refs)

    def _calls_for_training(self, ref: Ref) -> bool:
        """Whether a scope starts training by name: `experiment.train(settings)`."""
        return any(
            CALLED_TRAINING.match(tail(site.call.func))
            and not (type(site.call.func) is Attr and _switches_mode(site.call, site.call.func))
            and self.site_reaches(ref, site)
            for site in self.project.scope(ref).calls
        )

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


def _switches_mode(call: Call, func: Attr) -> bool:
    """`model.train()` and `model.train(False)`: the training mode of a module, not a training run."""
    modes = all(type(arg) is Const and not isinstance(arg.value, str) for arg in call.args)
    return func.name == "train" and modes and not call.keywords


def _on_itself(call: Call) -> bool:
    return type(call.func) is Attr and type(call.func.base) is Name and call.func.base.id == "self"


def _mentions_gradient(expr: Expr) -> bool:
    return any(type(node) is Attr and node.name == "grad" for node in walk(expr))


_COMMON = frozenset(
    "append add get set items keys values format join split read write open close eval cuda to cpu size view "
    "mean sum item numpy copy pop sort info debug warning load save zero_grad parameters state_dict forward".split()
)
