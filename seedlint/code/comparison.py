"""Names the use of several seeds by what becomes of their scores: comparison, distribution, selection, ensemble, spread."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seedlint.code.calls import speaks_of_seed
from seedlint.code.facts import Loop, Scope
from seedlint.code.fate import SYSTEM_COLUMN, Fate, Fates, Role, names_split
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, targets
from seedlint.code.runs import RUN_NAME, names_a_repeat
from seedlint.code.syntax import Attr, Call, Const, Expr, Group, Item, Name, Table, Text, dotted, tail, walk
from seedlint.code.trace import STEP_LOOPS
from seedlint.code.training import Training
from seedlint.uses import Circumstance, Confidence, Evidence, Place, SeedUse, Use

NOT_SYSTEMS = re.compile(
    r"data|task|fold|split|env|lang|domain|subject|corpus|size|epoch|step|batch|seed|run|rep|trial|iter|^[ijknst]$|^_|file|path|dir|"
    r"chunk|worker|rank|gpu|device|budget|frac|ratio|percent|shot|line|row|^idx|game|part",
    re.I,
)
"""Targets of loops around seeds that vary the data or the budget, not the system."""


HYPER = re.compile(
    r"lr|rate|width|hidden|dim|units|layers|depth|drop|decay|batch|momentum|beta|alpha|gamma|config|param|reg|temp|head",
    re.I,
)
"""Names of hyperparameters."""


class Comparisons:
    """The uses of the run loops of a project."""

    def __init__(self, project: Project, training: Training, fates: Fates) -> None:
        self.project = project
        self.training = training
        self.fates = fates

    def uses(self, runs: Iterable[RunLoop], *, gathered: bool = False) -> list[SeedUse]:
        """The use of every run loop whose scores tell one; a `gathered` loop only reads what other programs trained."""
        known = [(run, self.fates.of(run)) for run in runs]
        found = []
        for run, fate in known:
            others = [other for other, its in known if other != run and other.ref == run.ref and reported(its)]
            use = self._use(run, fate, others, gathered)
            if use is not None and not (gathered and use.use is Use.MODEL_SELECTION):
                found.append(use)
        return outermost(found)

    def _use(self, run: RunLoop, fate: Fate, others: list[RunLoop], gathered: bool) -> SeedUse | None:
        roles = fate.roles
        if fate.diverging:
            return self._named(run, fate, Use.SENSITIVITY_ANALYSIS, Circumstance.SPREAD, Role.SPREAD, gathered)
        if Role.COMBINE in roles and Role.TEST not in roles and _first(roles) == Role.COMBINE:
            return self._named(run, fate, Use.ENSEMBLE_CREATION, Circumstance.COMBINED, Role.COMBINE, gathered)
        if Role.TEST in roles and self._samples_more(run):
            return None
        if Role.TEST in roles:
            return self._named(run, fate, Use.PERFORMANCE_COMPARISON, Circumstance.COMPARISON, Role.TEST, gathered)
        grid = not gathered and self._searches_more(run)
        if Role.BEST in roles and (grid or not reported(fate)):
            if names_split(fate.chosen_by) == "test":
                return self._named(run, fate, Use.MODEL_SELECTION, Circumstance.TEST_SELECTION, Role.BEST, gathered)
            return self._named(run, fate, Use.MODEL_SELECTION, Circumstance.VALIDATION_SELECTION, Role.BEST, gathered)
        if reported(fate):
            if self._samples_more(run):
                return None
            several = fate.by_system or bool(others) or self._several_systems(run, fate)
            circumstance = Circumstance.COMPARISON if several else Circumstance.DISTRIBUTION
            shown = next(role for role in (Role.MEAN, Role.PLOT) if role in roles)
            return self._named(run, fate, Use.PERFORMANCE_COMPARISON, circumstance, shown, gathered)
        if Role.SPREAD in roles:
            return self._named(run, fate, Use.SENSITIVITY_ANALYSIS, Circumstance.SPREAD, Role.SPREAD, gathered)
        return None

    def _named(
        self, run: RunLoop, fate: Fate, use: Use, circumstance: Circumstance, role: str, gathered: bool
    ) -> SeedUse:
        place = Place(run.ref.path, run.line, run.column + 1)
        count = self.count(run)
        subject = f"{count} seeds" if count else "several seeds"
        if run.loop is not None and not _over_seeds(run.loop):
            subject = f"{count} repeats" if count else "repeated runs"
        start = Evidence(
            run.ref.path, run.line, "the results of one run a turn" if gathered else "one training run a turn"
        )
        decisive = [fate.roles[role], *(note for other, note in fate.roles.items() if other != role)]
        return SeedUse(use, circumstance, place, (start, *decisive[:4]), Confidence.HIGH, subject, _what(role))

    def count(self, run: RunLoop) -> int | None:
        """How many values a loop goes over, where the code shows it."""
        iterable = (
            run.loop.iterable
            if run.loop is not None
            else run.site.call.args[-1]
            if run.site and run.site.call.args
            else None
        )
        return self._length(run.ref, iterable) if iterable is not None else None

    def _length(self, ref: Ref, expr: Expr, depth: int = 0) -> int | None:
        if depth > 4:
            return None
        match expr:
            case Group():
                return len(expr.items)
            case Call() if tail(expr) in {"range", "arange"}:
                numbers = [arg.value for arg in expr.args if type(arg) is Const and isinstance(arg.value, int)]
                if len(numbers) == len(expr.args) and numbers:
                    return len(range(*numbers))
                return self._number(ref, expr.args[-1]) if len(expr.args) == 1 else None
            case Call() if tail(expr) in {"enumerate", "list", "tqdm", "sorted", "trange"} and expr.args:
                return self._length(ref, expr.args[0], depth + 1)
            case Name():
                symbol = self.project.symbol(ref, expr)
                scope = self.project.scope(symbol.ref) if symbol and symbol.kind == "variable" else None
                for assign in scope.assigns if scope else ():
                    if type(assign.target) is Name and symbol and assign.target.id == symbol.name:
                        return self._length(symbol.ref, assign.value, depth + 1)
        return None

    def _number(self, ref: Ref, expr: Expr) -> int | None:
        if type(expr) is not Name:
            return None
        symbol = self.project.symbol(ref, expr)
        if symbol is None or symbol.kind != "variable":
            return None
        for assign in self.project.scope(symbol.ref).assigns:
            if type(assign.target) is Name and assign.target.id == symbol.name and type(assign.value) is Const:
                return assign.value.value if isinstance(assign.value.value, int) else None
        return None

    def _samples_more(self, run: RunLoop) -> bool:
        """Whether each run draws other hyperparameters too: then the scores vary by more than the seed."""
        if run.loop is None:
            return False
        scope = self.project.scope(run.ref)
        calls, apis = self.fates.calls, self.fates.calls.apis
        for assign in scope.assigns:
            names = [part.id for part in targets(assign.target) if type(part) is Name]
            if run.loop.number not in assign.loops or not names or any(speaks_of_seed(name) for name in names):
                continue
            for node in walk(assign.value):
                if (
                    type(node) is Call
                    and HYPER.search(" ".join(names))
                    and (
                        calls.is_in(run.ref, node, apis.draw, apis.draw_methods)
                        or calls.is_in(run.ref, node, apis.search, apis.search_methods)
                        or tail(node) in {"uniform", "choice", "loguniform", "sample", "randrange"}
                    )
                ):
                    return True
        return False

    # how many systems

    def _several_systems(self, run: RunLoop, fate: Fate) -> bool:
        scope = self.project.scope(run.ref)
        if run.loop is None:
            around = [scope.loops[index] for index in run.site.loops] if run.site else []
        else:
            around = [scope.loops[index] for index in run.loop.parents]
            inner = [
                loop
                for loop in scope.loops
                if run.loop.number in loop.parents and self._trains_in(run.ref, scope, loop)
            ]
            around += [] if self._takes_best(run, scope) else inner
            if len(_dimensions(run.loop)) > 1:
                return True
            if self._trains_several(run, scope) or self._keeps_several(run, scope, fate):
                return True
        if any(over_systems(loop) for loop in around):
            return True
        return self._called_for_several(run.ref, 0)

    def _takes_best(self, run: RunLoop, scope: Scope) -> bool:
        """Whether each turn searches first and keeps the best of its trials: they are no systems of their own."""
        picks = {"max", "min", "argmax", "argmin", "sorted", "idxmax", "idxmin"}
        return run.loop is not None and any(
            run.loop.number in site.loops and tail(site.call.func) in picks for site in scope.calls
        )

    def _trains_in(self, ref: Ref, scope: Scope, loop: Loop) -> bool:
        return any(loop.number in site.loops and self.training.site_reaches(ref, site) for site in scope.calls)

    def _trains_several(self, run: RunLoop, scope: Scope) -> bool:
        """Whether one turn runs two trainings: `a.append(train_a(seed)); b.append(train_b(seed))`."""
        assert run.loop is not None
        index = run.loop.number
        names = set()
        texts = set()
        for site in scope.calls:
            if index not in site.loops or site.loops[-1] != index:
                continue
            symbol = self.project.callee(run.ref, site.call.func)
            if symbol is not None and symbol.kind == "function" and self.training.reaches(symbol.ref):
                names.add(symbol.ref)
                texts.add(
                    tuple(_argument_text(arg) for arg in [*site.call.args, *(value for _, value in site.call.keywords)])
                )
        return (len(names) > 1 and _alike({self.project.scope(ref).name for ref in names})) or (
            len(texts) > 1 and len(names) == 1
        )

    def _keeps_several(self, run: RunLoop, scope: Scope, fate: Fate) -> bool:
        """Whether the scores go into a dict with a list for each system."""
        for assign in scope.assigns:
            if type(assign.target) is Name and assign.target.id in fate.kept and type(assign.value) is Table:
                keys = [
                    str(key.value) for key, value in assign.value.pairs if type(key) is Const and type(value) is Group
                ]
                if len(keys) > 1 and not any(_METRIC.search(key) for key in keys):
                    return True
        return run.loop is not None and any(
            run.loop.number in site.loops and _kept_by_system(site.call.func, fate) for site in scope.calls
        )

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

    def _searches_more(self, run: RunLoop) -> bool:
        """Whether the seed is one dimension among other hyperparameters: nested loops or a product."""
        if run.loop is None:
            return False
        scope = self.project.scope(run.ref)
        around = [scope.loops[index] for index in run.loop.parents]
        names = [name for loop in around if over_systems(loop) for name in _target_names(loop)]
        dimensions = _dimensions(run.loop)
        names += dimensions if len(dimensions) > 1 else []
        return any(HYPER.search(name) for name in names)


_METRIC = re.compile(
    r"acc|loss|f1|auc|train|val|test|dev|precision|recall|rmse|mae|mse|bleu|score|err|epoch|time", re.I
)


def reported(fate: Fate) -> bool:
    """Whether the scores over the runs are reported as the result."""
    return Role.MEAN in fate.roles or Role.PLOT in fate.roles


def over_systems(loop: Loop) -> bool:
    """Whether a loop goes over systems, methods or their settings rather than data or repetitions."""
    names = _target_names(loop)
    if not names or names_a_repeat(loop):
        return False
    text = (
        " ".join(names)
        + " "
        + " ".join(tail(node) for node in (walk(loop.iterable) if loop.iterable is not None else ()))
    )
    if SYSTEM_COLUMN.search(text):
        return True
    return not any(NOT_SYSTEMS.search(name) or STEP_LOOPS.search(name) for name in names)


def _target_names(loop: Loop) -> list[str]:
    return [part.id for part in targets(loop.target) if type(part) is Name] if loop.target is not None else []


def _dimensions(loop: Loop) -> list[str]:
    """The names that a product gives one value each: `for lr, seed in product(...)`."""
    if loop.iterable is None or not any(type(node) is Call and tail(node) == "product" for node in walk(loop.iterable)):
        return []
    return [
        name
        for name in _target_names(loop)
        if not NOT_SYSTEMS.search(name) or RUN_NAME.match(name) or "seed" in name.lower()
    ]


def _over_seeds(loop: Loop) -> bool:
    names = _target_names(loop)
    return any("seed" in name.lower() for name in names) or (
        loop.iterable is not None and any("seed" in tail(node).lower() for node in walk(loop.iterable))
    )


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
    steps = re.compile(
        r"^(load|get|make|build|prepare|eval|evaluate|test|predict|set|init|create|save|pretrain|finetune|fine_tune)",
        re.I,
    )
    return len([name for name in names if not steps.search(name)]) > 1


def _kept_by_system(func: Expr, fate: Fate) -> bool:
    """Whether a score goes to the list of its system: `scores[method].append(…)`."""
    match func:
        case Attr(base=Item(base=Name(id=name), key=Name(id=key))):
            return name in fate.kept and bool(SYSTEM_COLUMN.search(key))
    return False


def _first(roles: dict[str, Evidence]) -> str:
    """Whether predictions are combined or scores averaged first: what follows serves it."""
    return next(role for role in roles if role in (Role.COMBINE, Role.MEAN))


def _what(role: str) -> str:
    return {
        Role.MEAN: "the mean over the runs",
        Role.PLOT: "a plot over the runs",
        Role.TEST: "a test over the runs",
        Role.BEST: "the best of the runs",
        Role.COMBINE: "one prediction of all runs",
        Role.SPREAD: "the spread of the runs",
    }[role]


def outermost(uses: list[SeedUse]) -> list[SeedUse]:
    """One use a line: a loop and the comprehension in its header are the same."""
    seen = set()
    kept = []
    for use in uses:
        key = (use.place.path, use.place.line)
        if key not in seen:
            seen.add(key)
            kept.append(use)
    return kept
