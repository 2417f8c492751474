"""What varies beside the seed: whether several systems are run with the same seeds, or other hyperparameters with them."""

from __future__ import annotations

import re

from seedlint.code.calls import Calls, speaks_of_seed
from seedlint.code.facts import Loop, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, names_bound
from seedlint.code.roles import Fate
from seedlint.code.runs import RUN_NAME, loop_names, names_a_repeat
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, Table, Text, dotted, tail, walk
from seedlint.code.trace import STEP_LOOPS
from seedlint.code.training import Training
from seedlint.code.vocabulary import SYSTEM_COLUMN

NOT_SYSTEMS = re.compile(
    r"data|task|fold|split|env|lang|domain|subject|corpus|size|epoch|step|batch|seed|run|rep|trial|iter|^[ijknst]$|^_|file|path|dir|"
    r"chunk|worker|rank|gpu|device|budget|frac|ratio|percent|shot|line|row|^idx|game|part",
    re.I,
)
"""Targets of loops around seeds that vary the data or the budget, not the system."""

OF_DATA = re.compile(r"data|task|fold|split|(^|_)envs?(_|$)|lang|domain|subject|corpus|corpora", re.I)
"""Targets of loops over data, whatever holds it: `for task in config["tasks"]`."""

EXAMPLES = re.compile(
    r"^[xyXY]_?(s|b|i|train|batch)?$|^(labels?|targets?|images?|texts?|inputs?|outputs?|features?|examples?|samples?)$"
)
"""Targets of loops over examples or batches: `for x, y in train`."""

HYPER = re.compile(
    r"lr|rate|width|hid|dim|units|layer|depth|drop|decay|batch|momentum|beta|alpha|gamma|lambda|config|param|reg|temp|head|epoch"
    r"|warm_?up|optim|patience|kernel|channels|filters|hops?$|^(bs|wd|tau|eps|epsilon|k|top_?k)$",
    re.I,
)
"""Names of hyperparameters."""

METRIC = re.compile(r"acc|loss|f1|auc|train|val|test|dev|precision|recall|rmse|mae|mse|bleu|score|err|epoch|time", re.I)
"""Keys of scores: a dict that has them holds one system's, not several systems'."""

STEPS = re.compile(
    r"^(load|get|make|build|prepare|eval|evaluate|test|predict|set|init|create|save|pretrain|finetune|fine_tune)", re.I
)
"""Names of functions that are steps of one run."""

PICKS = frozenset({"max", "min", "argmax", "argmin", "sorted", "idxmax", "idxmin"})


class Variation:
    """Tells what the run loops of a project vary beside the seed."""

    def __init__(self, project: Project, training: Training, calls: Calls) -> None:
        self.project = project
        self.training = training
        self.calls = calls

    def several_systems(self, run: RunLoop, fate: Fate) -> bool:
        """Whether several systems are run with the same seeds: then what is reported compares them."""
        scope = self.project.scope(run.ref)
        if run.loop is None:
            around = [scope.loops[index] for index in run.site.loops] if run.site else []
        else:
            around = [scope.loops[index] for index in run.loop.parents] + self._compared_inside(run, scope)
            if len(_dimensions(run.loop)) > 1 or self._trains_several(run, scope) or _keeps_several(run, scope, fate):
                return True
        return any(over_systems(loop) for loop in around) or self._called_for_several(run.ref, 0)

    def searches_more(self, run: RunLoop) -> bool:
        """Whether the seed is one dimension among other hyperparameters: nested loops or a product."""
        if run.loop is None:
            return False
        scope = self.project.scope(run.ref)
        around = [scope.loops[index] for index in run.loop.parents]
        names = [name for loop in around if over_systems(loop) for name in loop_names(loop)]
        dimensions = _dimensions(run.loop)
        names += dimensions if len(dimensions) > 1 else []
        return any(HYPER.search(name) for name in names)

    def samples_more(self, run: RunLoop) -> bool:
        """Whether each run draws other hyperparameters too: then the scores vary by more than the seed."""
        for assign in self.project.scope(run.ref).assigns if run.loop is not None else ():
            names = names_bound(assign)
            if run.loop is None or run.loop.number not in assign.loops or any(speaks_of_seed(name) for name in names):
                continue
            if any(HYPER.search(name) for name in names) and any(
                type(node) is Call and self._draws(run.ref, node) for node in walk(assign.value)
            ):
                return True
        return False

    def _draws(self, ref: Ref, call: Call) -> bool:
        """Whether a call draws a value at random or from a search space."""
        apis = self.calls.apis
        return (
            self.calls.is_in(ref, call, apis.draw, apis.draw_methods)
            or self.calls.is_in(ref, call, apis.search, apis.search_methods)
            or tail(call) in {"uniform", "choice", "loguniform", "sample", "randrange"}
        )

    def _compared_inside(self, run: RunLoop, scope: Scope) -> list[Loop]:
        """The loops in a run loop that train, unless each turn searches first and keeps the best of its trials."""
        index = run.loop.number if run.loop is not None else -1
        inner = [loop for loop in scope.loops if index in loop.parents and self._trains_in(run.ref, scope, loop)]
        picks = any(index in site.loops and tail(site.call.func) in PICKS for site in scope.calls)
        return [] if picks else inner

    def _trains_in(self, ref: Ref, scope: Scope, loop: Loop) -> bool:
        return any(loop.number in site.loops and self.training.site_reaches(ref, site) for site in scope.calls)

    def _trains_several(self, run: RunLoop, scope: Scope) -> bool:
        """Whether one turn runs two trainings: `a.append(train_a(seed)); b.append(train_b(seed))`."""
        assert run.loop is not None
        trainers = set()
        arguments = set()
        for site in scope.calls:
            if site.loops[-1:] != (run.loop.number,):
                continue
            symbol = self.project.callee(run.ref, site.call.func)
            if symbol is not None and symbol.kind == "function" and self.training.reaches(symbol.ref):
                trainers.add(symbol.ref)
                given = site.call.given
                arguments.add(tuple(_argument_text(arg) for arg in given))
        if len(trainers) == 1:
            return len(arguments) > 1
        return len(trainers) > 1 and _alike({self.project.scope(ref).name for ref in trainers})

    def _called_for_several(self, ref: Ref, depth: int) -> bool:
        """Whether the function around a run loop is called for each of several systems."""
        if self.project.scope(ref).kind != "function" or depth > 1:
            return False
        callers = [caller for caller in self.project.callers(ref) if caller.mapped < 0]
        for caller in callers:
            scope = self.project.scope(caller.ref)
            if any(over_systems(scope.loops[index]) for index in caller.site.loops):
                return True
        calls = {tuple(_argument_text(arg) for arg in caller.site.call.args) for caller in callers}
        same_scope = {caller.ref for caller in callers}
        if len(calls) > 1 and len(same_scope) == 1:
            return True
        return any(self._called_for_several(caller.ref, depth + 1) for caller in callers[:3])


def over_systems(loop: Loop) -> bool:
    """Whether a loop goes over systems, methods or their settings rather than data or repetitions."""
    names = loop_names(loop)
    if not names or names_a_repeat(loop):
        return False
    if type(loop.iterable) is Call and tail(loop.iterable) == "items":
        names = names[:1]  # what goes by that name is its value: `for task, settings in tasks.items()`
    iterated = [tail(node) for node in walk(loop.iterable)] if loop.iterable is not None else []
    if SYSTEM_COLUMN.search(" ".join(names)):
        return True
    if any(OF_DATA.search(name) or EXAMPLES.search(name) for name in names):
        return False
    if SYSTEM_COLUMN.search(" ".join(iterated)):
        return True
    return not any(NOT_SYSTEMS.search(name) or STEP_LOOPS.search(name) for name in names)


def _keeps_several(run: RunLoop, scope: Scope, fate: Fate) -> bool:
    """Whether the scores go into a dict with a list for each system."""
    for assign in scope.assigns:
        if type(assign.target) is Name and assign.target.id in fate.kept and type(assign.value) is Table:
            pairs = assign.value.pairs
            keys = [str(key.value) for key, value in pairs if type(key) is Const and type(value) is Group]
            if len(keys) > 1 and not any(METRIC.search(key) for key in keys):
                return True
    return run.loop is not None and any(
        run.loop.number in site.loops and _kept_by_system(site.call.func, fate) for site in scope.calls
    )


def _kept_by_system(func: Expr, fate: Fate) -> bool:
    """Whether a score goes to the list of its system: `scores[method].append(…)`."""
    match func:
        case Attr(base=Item(base=Name(id=name), key=Name(id=key))):
            return name in fate.kept and bool(SYSTEM_COLUMN.search(key))
    return False


def _dimensions(loop: Loop) -> list[str]:
    """The names that a product gives one value each: `for lr, seed in product(...)`."""
    if loop.iterable is None or not any(type(node) is Call and tail(node) == "product" for node in walk(loop.iterable)):
        return []
    return [
        name
        for name in loop_names(loop)
        if not NOT_SYSTEMS.search(name) or RUN_NAME.match(name) or "seed" in name.lower()
    ]


def _argument_text(expr: Expr) -> str:
    match expr:
        case Const():
            return repr(expr.value)
        case Name() | Attr():
            return dotted(expr) or tail(expr)
        case Item() | Text() | Call():
            return tail(expr)
    return type(expr).__name__


def _alike(names: set[str]) -> bool:
    """Whether functions are the same step for different systems (`train_cnn`, `train_rnn`), not steps of one run."""
    return len([name for name in names if not STEPS.search(name)]) > 1
