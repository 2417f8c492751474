"""Finds the loops that repeat a training run: over seeds, over unnamed repetitions, or by mapping a function over seeds; and tells
how many runs each makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedlint.code.calls import speaks_of_seed
from seedlint.code.facts import CallSite, Loop, Scope
from seedlint.code.origins import Kind, RunLoop
from seedlint.code.project import Project, Ref, targets
from seedlint.code.sinks import Sink
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, access_path, names_in, tail, walk
from seedlint.code.training import Training
from seedlint.code.unittests import is_test

RUN_NAME = re.compile(
    r"^_?(i_|n_|num_)?(run|runs|trial|trials|rep|reps|repeat|repeats|repetition|replicate|restart|attempt|try|experiment|exp|seed|sd"
    r"|init|initiali[sz]ation|member|realization|reali[sz]ation|rerun|itr)(_?(i|id|ix|idx|index|no|nr|num|number|count))?_?$",
    re.I,
)
"""Targets of loops that repeat a run."""

OTHER_SEED = re.compile(
    r"(data|sample|sampling|split|fold|subset|shuffle|shot|env|eval|test|noise|plot|graph|mask)_?seed", re.I
)
"""Seeds that by their names vary something else than training."""

RUN_COUNT = re.compile(
    r"(^|_)(n|num|nb|no|number_of|max|total)?_?(runs|repeats?|repetitions|reps|trials|restarts|seeds|reruns|replicates|replications"
    r"|n_?times|num_?exps?|experiments|itr|members|ensemble_size|n_?models|num_?models|n_?nets|inits|initiali[sz]ations)$",
    re.I,
)
"""Names of how often a run is repeated."""


PLAIN = re.compile(r"^(_+|[ijknmrtx]|num|idx|count|c)$")
CARRIED = re.compile(r"model|net|optim|agent|state|param|sess|trainer|policy|actor|critic|epoch", re.I)
"""What one run carries from step to step: a function that is given it does not start a run of its own."""

BUILDS = re.compile(
    r"^(Adam\w*|SGD|RMSprop|Adagrad|Sequential|compile|fit|Model|Trainer|train|build_model|make_model|create_model|get_model)$|Optimizer$|Net$|Model$|Classifier$"
)

SPLIT = re.compile(r"(?<![a-z])(splits?|folds?|partitions?)(?![a-z])", re.I)
"""Words by which a number picks a part of the data."""

GIVEN_RUN = re.compile(r"train|fit|run|experiment|learn", re.I)


class Runs:
    """The run loops of a project."""

    def __init__(self, project: Project, training: Training) -> None:
        self.project = project
        self.training = training

    def find(self, sinks: list[Sink]) -> list[RunLoop]:
        """Every loop whose body trains a model anew, each once, the outer one of a nest that only repeats."""
        found: dict[tuple[Ref, int, int], RunLoop] = {}
        for sink in sinks:
            for origin in sink.origins:
                run = origin.loop
                if origin.kind is Kind.LOOP and run is not None and not self._in_test(run.ref) and self.trains(run):
                    found.setdefault((run.ref, run.line, run.column), run)
        for ref, scope in list(self.project.scopes()):
            if self._in_test(ref):
                continue
            for run in self._repeats(ref, scope):
                found.setdefault((run.ref, run.line, run.column), run)
        return list(found.values())

    def _in_test(self, ref: Ref) -> bool:
        return is_test(self.project.files[ref.path])

    def _repeats(self, ref: Ref, scope: Scope) -> Iterator[RunLoop]:
        for loop in scope.loops:
            if names_a_repeat(loop) and not inside_training(scope, loop):
                run = RunLoop(ref, loop.line, loop.end_line, loop.column, loop)
                if self.trains(run):
                    yield run
            elif self._repeats_unnamed(ref, scope, loop) and not inside_training(scope, loop):
                yield RunLoop(ref, loop.line, loop.end_line, loop.column, loop)

    def _repeats_unnamed(self, ref: Ref, scope: Scope, loop: Loop) -> bool:
        """`for n in range(25): results.append(run())`: whole runs, each with a model of its own, not epochs of one."""
        names = loop_names(loop)
        counted = type(loop.iterable) is Call and tail(loop.iterable) == "range"
        if not counted or len(names) != 1 or not PLAIN.match(names[0]) or _numbers_splits(scope, loop, names[0]):
            return False
        for site in body_sites(scope, loop):
            symbol = self.project.callee(ref, site.call.func)
            given = site.call.given
            if (
                symbol is None
                or symbol.kind != "function"
                or type(site.call.func) is not Name
                or site.loops[-1] != loop.number
            ):
                continue
            carried = any(type(node) is Name and CARRIED.search(node.id) for value in given for node in walk(value))
            if not carried and self.project.scope(symbol.ref).returns and self.training.reaches(symbol.ref):
                return self._builds_model(symbol.ref)
        return False

    def _builds_model(self, ref: Ref) -> bool:
        """Whether a function makes the optimiser or the model that it trains."""
        return any(BUILDS.search(tail(site.call.func)) for site in self.project.scope(ref).calls)

    def trains(self, run: RunLoop) -> bool:
        """Whether the body of a loop, or the function that a call maps, reaches training."""
        scope = self.project.scope(run.ref)
        if run.site is not None:
            return self.training.site_reaches(run.ref, run.site) or any(
                self.training.site_reaches(run.ref, site) for site in scope.calls if _inside(site, run.site.call)
            )
        assert run.loop is not None
        sites = body_sites(scope, run.loop)
        return any(self.training.site_reaches(run.ref, site) for site in sites) or self._runs_given(run, scope, sites)

    def _runs_given(self, run: RunLoop, scope: Scope, sites: list[CallSite]) -> bool:
        """Whether a loop over seeds calls a function that it was given and that is named like training."""
        params = {param.name for param in scope.params}
        nested = [scope, *(self.project.files[run.ref.path].scopes[index] for index in scope.children)]
        called = {tail(site.call.func) for site in sites}
        inner = [site for child in nested[1:] if child.name in called for site in child.calls]
        return any(
            type(site.call.func) is Name and site.call.func.id in params and GIVEN_RUN.search(site.call.func.id)
            for site in [*sites, *inner]
        )


def _numbers_splits(scope: Scope, loop: Loop, name: str) -> bool:
    """Whether a loop's number names or picks a split of the data: `f"splits/cora_{i}.npz"`, `run(fold=i)`."""
    sites = body_sites(scope, loop)
    if any(
        key and SPLIT.search(key) and name in names_in(value) for site in sites for key, value in site.call.keywords
    ):
        return True
    bound = [assign.value for assign in scope.assigns if loop.number in assign.loops]
    given = [value for site in sites for value in site.call.given]
    return any(name in names_in(value) and any(map(_says_split, walk(value))) for value in (*bound, *given))


def _says_split(expr: Expr) -> bool:
    return type(expr) is Const and isinstance(expr.value, str) and bool(SPLIT.search(expr.value))


def loop_names(loop: Loop) -> list[str]:
    """The plain names that a loop binds in each turn."""
    return [part.id for part in targets(loop.target) if type(part) is Name] if loop.target is not None else []


def names_a_repeat(loop: Loop) -> bool:
    """Whether a loop says by its target or its bound that it repeats runs or goes over seeds."""
    names = loop_names(loop)
    if any(OTHER_SEED.search(name) for name in names):
        return False
    if any(RUN_NAME.match(name) or speaks_of_seed(name) for name in names):
        return True
    if any(re.search(r"epoch|step|batch|fold|split", name, re.I) for name in names) or loop.iterable is None:
        return False
    for node in walk(loop.iterable):
        text = tail(node) if type(node) is Name or type(node) is Attr else ""
        if re.search(r"epoch|step|batch", text, re.I):
            continue
        if text and (RUN_COUNT.search(text) or re.search(r"(^|_)seeds$", text, re.I)):
            return True
    return False


def inside_training(scope: Scope, loop: Loop) -> bool:
    """Whether a loop stands inside the epochs or steps of one run: random restarts of an inner problem, say."""
    around = [scope.loops[index] for index in loop.parents]
    return any(re.search(r"epoch|step|batch|^it$|^iter", name, re.I) for other in around for name in loop_names(other))


def body_sites(scope: Scope, loop: Loop) -> list[CallSite]:
    """The calls inside a loop."""
    return [site for site in scope.calls if loop.number in site.loops]


def run_count(project: Project, run: RunLoop) -> int | None:
    """How many values a run loop goes over, where the code shows it."""
    mapped = run.site.call.args[-1] if run.site and run.site.call.args else None
    iterable = mapped if run.loop is None else run.loop.iterable
    return _length(project, run.ref, iterable) if iterable is not None else None


def _length(project: Project, ref: Ref, expr: Expr, depth: int = 0) -> int | None:
    """The number of values that an expression gives to a loop, through names and calls that do not change it."""
    if depth > 4:
        return None
    match expr:
        case Group():
            return len(expr.items)
        case Call() if tail(expr) in {"range", "arange"}:
            numbers = [arg.value for arg in expr.args if type(arg) is Const and isinstance(arg.value, int)]
            if len(numbers) == len(expr.args) and numbers:
                return len(range(*numbers))
            return _number(project, ref, expr.args[-1]) if len(expr.args) == 1 else None
        case Call() if tail(expr) in {"enumerate", "list", "tqdm", "sorted", "trange"} and expr.args:
            return _length(project, ref, expr.args[0], depth + 1)
        case Name():
            bound = _bound(project, ref, expr)
            return _length(project, *bound[0], depth + 1) if bound else None
    return None


def _number(project: Project, ref: Ref, expr: Expr) -> int | None:
    """The first number that a name is bound to."""
    numbers = [value.value for _, value in _bound(project, ref, expr) if type(value) is Const]
    return numbers[0] if numbers and isinstance(numbers[0], int) else None


def _bound(project: Project, ref: Ref, expr: Expr) -> list[tuple[Ref, Expr]]:
    """The values that a variable is bound to, each with the scope that says what its names mean."""
    symbol = project.symbol(ref, expr) if type(expr) is Name else None
    if symbol is None or symbol.kind != "variable":
        return []
    assigns = project.scope(symbol.ref).assigns
    return [(symbol.ref, item.value) for item in assigns if type(item.target) is Name and item.target.id == symbol.name]


def _inside(site: CallSite, call: Call) -> bool:
    return site.call is not call and any(node is site.call for node in walk(call))


def root_of(expr: Expr) -> str | None:
    """The object that a target or receiver belongs to: `scores` of `scores[m]["x"]`, `self.log` of `self.log.add`."""
    while isinstance(expr, (Attr, Item)) and not (isinstance(expr, Attr) and access_path(expr.base) == "self"):
        expr = expr.base
    if isinstance(expr, Call):
        return root_of(expr.func)
    if isinstance(expr, (Attr, Name)):
        return access_path(expr)
    return None
