"""What becomes of the scores of several runs: which values a loop leaves behind, and what is done with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from seedlint.code.calls import Calls, text_of
from seedlint.code.facts import Assign, CallSite, Scope
from seedlint.code.origins import RunLoop
from seedlint.code.project import Project, Ref, names_bound, targets
from seedlint.code.runs import root_of
from seedlint.code.syntax import (
    Attr,
    Call,
    Choice,
    Comp,
    Const,
    Expr,
    Group,
    Item,
    Name,
    Op,
    Table,
    access_path,
    tail,
    walk,
)
from seedlint.uses import Evidence

COLLECT = re.compile(
    r"^(append|extend|add|update|put|insert|record|push|store|collect|log|write|writerow|setdefault|concat|save)(_|$|all|left)"
    r"|^(add|log|record|save|store|append|collect|update|report)_",
    re.I,
)
"""Methods by which an object takes a score in."""

SCORES = re.compile(
    r"acc|score|loss|f1|metric|result|rmse|mse|mae|error|err\b|auc|bleu|rouge|reward|return|perf|perplexity|ppl|em\b|precision|recall"
    r"|mrr|hits|map\b|iou|dice|nll|elbo|regret|curve|stat|summary|history|corr|pearson|spearman|kappa|rank",
    re.I,
)
PREDICTIONS = re.compile(r"pred|prob|logit|softmax|output|vote|y_?hat|forecast|posterior|sample_out|oof", re.I)
WEIGHTS = re.compile(
    r"param|weight|state_?dict|models?\b|nets?\b|members?|theta|checkpoint|ckpt|swa|soup|networks?", re.I
)
COMBINING = re.compile(r"ensemble|average|avg|mean|merge|combine|vote|soup|aggregate|blend|stack", re.I)
SPREADING = re.compile(
    r"agree|churn|jsd|diverg|variance|stabil|spread|std|instab|sensitiv|dispersion|consisten|overlap|ptp|iqr", re.I
)
REPORTING = re.compile(r"agg|aggregat|summar|statistic|report|collect|gather|table|print_stat|compute_mean|mean", re.I)
WEIGHTS_WORDS = frozenset({"weights", "weight"})
GROWING = frozenset(
    {
        "append",
        "concat",
        "concatenate",
        "vstack",
        "hstack",
        "dstack",
        "stack",
        "cat",
        "add",
        "merge",
        "join",
        "max",
        "min",
    }
)
RECORD = re.compile(r"best|top_?(score|acc|f1)|record|(max|min)_(score|acc|f1|loss|val|dev)", re.I)
"""Names of the best value so far."""

TRAINS = re.compile(r"train|(^|_)fit(_|$)|learn|optimi[sz]e|finetune|fine_tune|pretrain", re.I)
TRUTH = re.compile(r"target|label|truth|gold|^y(_|$)|answer|reference", re.I)
"""What predictions are compared with to score them, not another run's predictions."""

VOTING = frozenset({"bincount", "mode", "Counter", "most_common", "argmax", "unique", "majority"})
POOLING = frozenset({"logsumexp", "logaddexp", "logmeanexp", "gmean", "hmean"})
SYSTEM_COLUMN = re.compile(
    r"model|method|algo|system|arch|variant|optimi[sz]er|agent|approach|config|setting|encoder|criterion|ablation", re.I
)


class Role:
    """The names of what is done with scores."""

    MEAN = "mean"
    SPREAD = "spread"
    TEST = "test"
    PLOT = "plot"
    BEST = "best"
    COMBINE = "combine"


@dataclass
class Fate:
    """What was found of one loop: each role with the line that shows it, and what the best was chosen by."""

    roles: dict[str, Evidence] = field(default_factory=dict)
    chosen_by: set[str] = field(default_factory=set)
    by_system: bool = False
    diverging: bool = False
    kept: set[str] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=dict)

    def remember(self, name: str, words: set[str]) -> None:
        """Keeps the telling words of what a name is made of; scores made of predictions are scores."""
        if not any(SCORES.search(word) for word in words):
            self.words.setdefault(name, set()).update(word for word in words if PREDICTIONS.search(word))

    def note(self, role: str, path: str, line: int, text: str) -> None:
        """Keeps the first line that shows a role."""
        self.roles.setdefault(role, Evidence(path, line, text))


@dataclass(frozen=True)
class View:
    """A scope in which scores are looked for: under which names, from which line on, and inside or after which loop."""

    ref: Ref
    names: frozenset[str]
    since: int
    depth: int
    entered: bool = False
    """Whether a call led here: then what the scope returns goes back to that call, not to all of its callers."""


class Fates:
    """Follows the values that loops collect."""

    def __init__(self, project: Project, calls: Calls) -> None:
        self.project = project
        self.calls = calls

    def of(self, run: RunLoop) -> Fate:
        """What becomes of the values of a run loop."""
        fate = Fate()
        scope = self.project.scope(run.ref)
        names = self.collected(run, scope)
        self._remember_words(run, scope, names, fate)
        fate.kept = set(names)
        carrier = self._carrier(run, scope)
        if carrier is not None:
            self._carried(run.ref, scope, carrier, fate, 0)
            names |= self._bound_to(scope, carrier)
        self._best_in_loop(run, scope, fate)
        self._running_sums(run, scope, fate)
        if names:
            self._follow(View(run.ref, frozenset(names), run.line, 0), scope, fate, run)
        self._reported_elsewhere(run, scope, fate)
        return fate

    def _remember_words(self, run: RunLoop, scope: Scope, names: set[str], fate: Fate) -> None:
        """What the values that a loop collects are made of: predictions keep that word under any later name."""
        if run.loop is None:
            return
        made: dict[str, set[str]] = {}
        for assign in scope.assigns:
            if run.loop.number in assign.loops:
                for name in names_bound(assign):
                    made.setdefault(name, set()).update(expression_words(assign.value))
        for site in scope.calls:
            root = root_of(site.call.func) if run.loop.number in site.loops and _collects(site.call) else None
            if root in names and root is not None:
                words = {word for arg in site.call.args for word in expression_words(arg)}
                for name in list(words):
                    words |= made.get(name, set())
                fate.remember(root, words)

    # what a loop leaves behind

    def collected(self, run: RunLoop, scope: Scope) -> set[str]:
        """The names outside a loop that its body fills."""
        if run.loop is None or run.loop.kind == "comprehension":
            return set()
        index = run.loop.number
        found: set[str] = set()
        local = self._local_names(scope, index)
        found |= self._filled_by_nested(run, scope)
        for assign in scope.assigns:
            if index not in assign.loops:
                continue
            root = root_of(assign.target)
            if root is None or root in local:
                continue
            if type(assign.target) is Item and _is_empty(assign.value):
                continue
            if (
                type(assign.target) is Attr
                and not assign.augmented
                and not SCORES.search(access_path(assign.target) or "")
            ):
                continue  # a setting of the next run, not its outcome
            if assign.augmented or type(assign.target) in (Attr, Item) or _grows(assign.value, root):
                found.add(root)
        for site in scope.calls:
            func = site.call.func
            if index in site.loops and type(func) is Attr and COLLECT.search(func.name):
                root = root_of(func.base)
                if root and root not in local and not self._is_tool(run.ref, root):
                    found.add(root)
        return found

    def _is_tool(self, ref: Ref, root: str) -> bool:
        """Whether an object is a module or a tool of the run, not a keeper of scores."""
        return root in self.project.files[ref.path].imports or bool(re.search(r"optim|writer|tqdm|bar$|logging", root))

    def _filled_by_nested(self, run: RunLoop, scope: Scope) -> set[str]:
        """What a function nested in the scope, and called in the loop, fills from outside itself."""
        assert run.loop is not None
        called = {tail(site.call.func) for site in scope.calls if run.loop.number in site.loops}
        found: set[str] = set()
        for index in scope.children:
            child = self.project.files[run.ref.path].scopes[index]
            if child.name in called and child.kind == "function":
                own = {part.id for assign in child.assigns for part in targets(assign.target) if type(part) is Name}
                own |= {param.name for param in child.params}
                filled = [root_of(site.call.func) for site in child.calls if _collects(site.call)]
                filled += [root_of(assign.target) for assign in child.assigns if type(assign.target) is Item]
                found |= {root for root in filled if root and root not in own}
        return found

    def _local_names(self, scope: Scope, index: int) -> set[str]:
        """Names that are bound afresh in each turn of a loop."""
        fresh = set()
        for assign in scope.assigns:
            if type(assign.target) is not Name or assign.augmented or index not in assign.loops:
                continue
            name = assign.target.id
            before = [
                item
                for item in scope.assigns
                if item.line < assign.line and _binds(item, name) and index not in item.loops
            ]
            if not _mentions(assign.value, {name}) and not (assign.guards and before):
                fresh.add(name)
        for loop in scope.loops:
            if loop.target is not None and (loop.number == index or index in loop.parents):
                fresh |= {part.id for part in targets(loop.target) if type(part) is Name}
        return fresh

    def _carrier(self, run: RunLoop, scope: Scope) -> Expr | None:
        """The expression that holds all values of a comprehension or a mapping call."""
        if run.site is not None:
            return run.site.call
        if run.loop is None or run.loop.kind != "comprehension":
            return None
        for expr in _expressions(scope):
            for node in walk(expr):
                if type(node) is Comp and run.loop.number in node.loops:
                    return node
        return None

    def _bound_to(self, scope: Scope, carrier: Expr) -> set[str]:
        found: set[str] = set()
        for assign in scope.assigns:
            single = type(assign.value) is Call and assign.value is not carrier and tail(assign.value) in ("max", "min")
            if not single and any(node is carrier for node in walk(assign.value)):
                roots = (root_of(part) for part in targets(assign.target))
                found |= {root for root in roots if root}
        return found

    def _carried(self, ref: Ref, scope: Scope, carrier: Expr, fate: Fate, depth: int) -> None:
        """Roles of calls that take the carrier directly: `np.mean([train(s) for s in seeds])`."""
        for site in scope.calls:
            call = site.call
            if call is carrier or not any(node is carrier for node in walk(call)):
                continue
            if any(node is call for node in walk(carrier)):
                continue
            self._role(ref, call, fate, _score_words(carrier), depth)
        for returned in scope.returns:
            if any(node is carrier for node in walk(returned.value)):
                self._in_callers(ref, fate, depth)

    # the best of several

    def _best_in_loop(self, run: RunLoop, scope: Scope, fate: Fate) -> None:
        """`if score > best: best = score`, `best = max(best, score)`, with `best` bound before the loop."""
        if run.loop is None:
            return
        index = run.loop.number
        for assign in scope.assigns:
            if index not in assign.loops:
                continue
            for part in targets(assign.target):
                target = access_path(part) or root_of(part)
                if target is None or self._restarts(scope, index, target):
                    continue
                for guard in assign.guards:
                    scores = _compared_with(guard.test, target)
                    if scores is not None and _kept_from(assign.value, scores):
                        fate.note(Role.BEST, run.ref.path, assign.line, f"{target} keeps the best")
                        fate.chosen_by |= self._words(scope, scores, index)
            target = access_path(assign.target)
            if target is None or self._restarts(scope, index, target):
                continue
            if type(assign.value) is Call and tail(assign.value) in {"max", "min", "maximum", "minimum"}:
                others = [arg for arg in assign.value.args if access_path(arg) != target]
                if len(others) < len(assign.value.args):
                    fate.note(Role.BEST, run.ref.path, assign.line, f"{target} keeps the best")
                    for other in others:
                        fate.chosen_by |= self._words(scope, other, index)

    def _running_sums(self, run: RunLoop, scope: Scope, fate: Fate) -> None:
        """`predictions += member(x) / n`: a sum that the loop itself turns into a mean."""
        for assign in scope.assigns:
            if run.loop is None or run.loop.number not in assign.loops or not assign.augmented:
                continue
            words = expression_words(assign.target)
            divided = type(assign.value) is Op and assign.value.operator == "Div"
            if any(PREDICTIONS.search(word) for word in words) and not any(SCORES.search(word) for word in words):
                fate.note(Role.COMBINE, run.ref.path, assign.line, f"{_short(words)} are summed over the members")
            elif divided and assign.loops[-1] == run.loop.number:
                fate.note(Role.MEAN, run.ref.path, assign.line, "the loop averages over the runs")

    def _restarts(self, scope: Scope, index: int, target: str) -> bool:
        """Whether the record is set back in each turn: then it is the best epoch of one run, not the best run."""
        bindings = [item for item in scope.assigns if target in {access_path(part) for part in targets(item.target)}]
        return any(index in item.loops and not item.guards and not _mentions(item.value, {target}) for item in bindings)

    def _words(self, scope: Scope, expr: Expr, index: int) -> set[str]:
        """The names in an expression and, where they say neither validation nor test, in what they are bound to."""
        words = expression_words(expr)
        if not names_split(words):
            for assign in scope.assigns:
                bound = {access_path(part) for part in targets(assign.target)}
                if index in assign.loops and bound & {access_path(node) for node in walk(expr)}:
                    words |= expression_words(assign.value)
        return words

    # after the loop

    def _follow(self, view: View, scope: Scope, fate: Fate, run: RunLoop | None) -> None:
        names = set(view.names)
        for _ in range(4):
            size = len(names)
            self._spread_names(view, scope, names, run, fate)
            if len(names) == size:
                break
        fate.kept |= names
        inside = run.loop.number if run is not None and run.loop is not None else -1
        elements = self._elements(view, scope, names)
        for site in scope.calls:
            if site.call.end_line < view.since or (inside in site.loops and not self._reads_container(site, view)):
                continue
            callee = tail(site.call.func)
            counted = names if callee in VOTING or SPREADING.search(callee) else names - elements
            if _mentions_paths(site.call, counted):
                words = {name for name in names if _mentions_paths(site.call, {name})}
                words |= {word for name in words for word in fate.words.get(name, ())}
                if inside in site.loops and not _any_argument(site.call, view.names):
                    continue
                self._role(view.ref, site.call, fate, words, view.depth)
                self._into_callee(view, site.call, names - elements, fate)
        for expr in _expressions(scope):
            if getattr(expr, "line", 0) >= view.since:
                self._quotients(view.ref, expr, names, fate)
        for returned in scope.returns if not view.entered else ():
            if returned.line >= view.since and _mentions_paths(returned.value, names):
                self._in_callers(view.ref, fate, view.depth)
                break

    def _elements(self, view: View, scope: Scope, names: set[str]) -> set[str]:
        """The names that hold one run's value, not all of them: targets of loops over a list, the best one."""
        single: set[str] = set()
        for loop in scope.loops:
            if (
                loop.iterable is None
                or loop.target is None
                or loop.line < view.since
                or not _mentions_paths(loop.iterable, names)
            ):
                continue
            if not (type(loop.iterable) is Call and tail(loop.iterable) in ("items", "values", "zip", "groupby")):
                single |= {part.id for part in targets(loop.target) if type(part) is Name}
        for assign in scope.assigns:
            if type(assign.value) is Call and assign.line >= view.since and tail(assign.value) in ("max", "min"):
                single |= {part.id for part in targets(assign.target) if type(part) is Name}
        return single - view.names

    def _reads_container(self, site: CallSite, view: View) -> bool:
        return not (type(site.call.func) is Attr and COLLECT.search(site.call.func.name))

    def _spread_names(self, view: View, scope: Scope, names: set[str], run: RunLoop | None, fate: Fate) -> None:
        inside = run.loop.number if run is not None and run.loop is not None else -1
        for assign in scope.assigns:
            if assign.line < view.since or inside in assign.loops:
                continue
            if _mentions_paths(assign.value, names):
                heads = {root_of(part) for part in targets(assign.target)}
                spread = {root for root in heads if root and root != "self" and not self._is_tool(view.ref, root)}
                known = {
                    word for name in names if _mentions_paths(assign.value, {name}) for word in fate.words.get(name, ())
                }
                for name in spread:
                    fate.remember(name, known | expression_words(assign.value))
                names |= spread
        for loop in scope.loops:
            late = loop.line >= view.since and inside not in loop.parents and loop.number != inside
            if late and loop.iterable is not None and loop.target is not None and _mentions_paths(loop.iterable, names):
                names |= {part.id for part in targets(loop.target) if type(part) is Name}
        for site in scope.calls:
            func = site.call.func
            if site.call.line < view.since or inside in site.loops:
                continue
            if type(func) is Attr and COLLECT.search(func.name) and _any_argument(site.call, names):
                root = root_of(func.base)
                if root and root != "self" and not self._is_tool(view.ref, root):
                    names.add(root)

    def _role(self, ref: Ref, call: Call, fate: Fate, words: set[str], depth: int) -> None:
        """What one call does with scores."""
        role = self.calls.statistic(ref, call)
        name = text_of(call.func)
        symbol = self.project.callee(ref, call.func)
        label = name if role is None or symbol is None else tail(call.func)
        about = words | expression_words(call)
        if role is None and symbol is None and type(call.func) is Attr:
            role = _METHOD_ROLES.get(call.func.name)
        if tail(call.func) in VOTING and any("vote" in word for word in about | fate.kept):
            role = "combine"
        if tail(call.func) in POOLING and any(PREDICTIONS.search(word) for word in about):
            role = "combine"
        if tail(call.func) in ("sum", "add_n") and symbol is None and combines(None, about - WEIGHTS_WORDS):
            role = "combine"
        if role == "mean" and any(
            type(node) is Op and node.operator in ("NotEq", "Eq") and _between(node, fate.kept) for node in walk(call)
        ):
            role = "diverge"
        if role is None and (symbol is not None or type(call.func) is Name):
            role = self._named_role(tail(call.func), about)
        if role is None:
            return
        if role in ("mean", "table") and combines(call, about):
            fate.note(Role.COMBINE, ref.path, call.line, f"{label} combines {_short(about)}")
            return
        match role:
            case "mean":
                fate.note(Role.MEAN, ref.path, call.line, f"{label}(…) averages over the runs")
            case "diverge":
                fate.diverging = True
                fate.note(Role.SPREAD, ref.path, call.line, f"{label}(…) measures how far the runs differ")
            case "spread":
                fate.note(Role.SPREAD, ref.path, call.line, f"{label}(…) takes their spread")
            case "test":
                fate.note(Role.TEST, ref.path, call.line, f"{label}(…) tests them")
            case "plot":
                fate.note(Role.PLOT, ref.path, call.line, f"{label}(…) plots them")
            case "combine":
                fate.note(Role.COMBINE, ref.path, call.line, f"{label} combines {_short(about)}")
            case "extreme":
                if depth == 0 and not _is_length(call):
                    fate.note(Role.BEST, ref.path, call.line, f"{label}(…) picks one")
                    fate.chosen_by |= expression_words(call)
            case "table":
                grouping = tail(call.func) in ("groupby", "pivot_table", "pivot")
                fate.by_system = fate.by_system or (
                    grouping and bool(SYSTEM_COLUMN.search(" ".join(expression_words(call))))
                )
                if _aggregates(call):
                    fate.note(Role.MEAN, ref.path, call.line, f"{label}(…) aggregates them")

    def _named_role(self, name: str, about: set[str]) -> str | None:
        """The role of a project function or lambda by its name, where its body is not looked into."""
        if SPREADING.search(name):
            return "diverge"
        if COMBINING.search(name) and any(PREDICTIONS.search(word) or WEIGHTS.search(word) for word in about):
            return "combine" if combines(None, about) else None
        return None

    def _quotients(self, ref: Ref, expr: Expr, names: set[str], fate: Fate) -> None:
        """`sum(scores) / len(scores)`, `total / n`, `max(scores) - min(scores)`."""
        for node in walk(expr):
            if type(node) is not Op or len(node.operands) != 2:
                continue
            left, right = node.operands
            if node.operator == "Div" and _sums(left, names):
                about = expression_words(left)
                if combines(None, about):
                    fate.note(Role.COMBINE, ref.path, node.line, f"{_short(about)} are averaged")
                else:
                    fate.note(Role.MEAN, ref.path, node.line, "the sum over the runs is divided by their number")
            if node.operator == "Sub" and {tail(left), tail(right)} == {"max", "min"} and _mentions_paths(node, names):
                fate.note(Role.SPREAD, ref.path, node.line, "the range between the runs is taken")

    # other scopes

    def _into_callee(self, view: View, call: Call, names: set[str], fate: Fate) -> None:
        """Looks into a project function that is given the scores, or a method of the object that holds them."""
        if view.depth >= 2:
            return
        symbol = self.project.callee(view.ref, call.func)
        if symbol is None and type(call.func) is Attr:
            methods = self.project.methods_named(call.func.name)
            near = self.project.connected(view.ref.path) if len(methods) > 1 else {method.path for method in methods}
            for method in [item for item in methods if item.path in near][:2]:
                self._holder(method, call, fate)
            return
        if symbol is None or symbol.kind != "function" or TRAINS.search(symbol.name):
            return  # what trains is given settings, not scores
        scope = self.project.scope(symbol.ref)
        owner = self.project.parent(symbol.ref)
        is_method = owner is not None and self.project.scope(owner).kind == "class"
        if is_method and type(call.func) is Attr and _mentions_paths(call.func.base, names):
            self._holder(symbol.ref, call, fate)
        params = [param.name for param in scope.params][1 if is_method else 0 :]
        given = {params[i] for i, arg in enumerate(call.args) if i < len(params) and _mentions_paths(arg, names)}
        given |= {key for key, value in call.keywords if key and _mentions_paths(value, names)}
        if given:
            self._follow(View(symbol.ref, frozenset(given), 0, view.depth + 1, entered=True), scope, fate, None)

    def _holder(self, method: Ref, call: Call, fate: Fate) -> None:
        """A method of the object that took the scores in: `logger.print_statistics()`."""
        if COLLECT.search(tail(call.func)) and not REPORTING.search(tail(call.func)):
            return
        scope = self.project.scope(method)
        for site in scope.calls:
            role = self.calls.statistic(method, site.call) or (
                _METHOD_ROLES.get(site.call.func.name) if type(site.call.func) is Attr else None
            )
            if role in ("mean", "spread"):
                fate.note(role, method.path, site.call.line, f"{tail(call.func)} takes their {role}")

    def _in_callers(self, ref: Ref, fate: Fate, depth: int) -> None:
        """Follows scores that a function returns into the functions that call it."""
        if depth >= 2:
            return
        for caller in self.project.callers(ref)[:8]:
            scope = self.project.scope(caller.ref)
            call = caller.site.call
            self._carried(caller.ref, scope, call, fate, depth + 1)
            names = self._bound_to(scope, call)
            for site in scope.calls:
                takes = type(site.call.func) is Attr and COLLECT.search(site.call.func.name)
                if takes and any(node is call for node in walk(site.call)) and site.call is not call:
                    root = root_of(site.call.func)
                    names |= {root} if root else set()
            if names:
                self._follow(View(caller.ref, frozenset(names), call.line, depth + 1), scope, fate, None)

    def _reported_elsewhere(self, run: RunLoop, scope: Scope, fate: Fate) -> None:
        """A call after the loop, without the scores in hand, of a project function that gathers and averages them."""
        if fate.roles or run.loop is None:
            return
        for site in scope.calls:
            if site.call.line <= run.end_line or not REPORTING.search(tail(site.call.func)):
                continue
            symbol = self.project.callee(run.ref, site.call.func)
            if symbol is not None and symbol.kind == "function" and self._averages(symbol.ref, 0):
                fate.note(
                    Role.MEAN, run.ref.path, site.call.line, f"{text_of(site.call.func)}(…) averages over the runs"
                )

    def _averages(self, ref: Ref, depth: int) -> bool:
        for site in self.project.scope(ref).calls:
            if self.calls.statistic(ref, site.call) == "mean":
                return True
            symbol = self.project.callee(ref, site.call.func)
            if depth < 2 and symbol is not None and symbol.kind == "function" and self._averages(symbol.ref, depth + 1):
                return True
        return False


def combines(call: Call | None, words: set[str]) -> bool:
    """Whether what is averaged are predictions or weights, not scores."""
    predictions = any(PREDICTIONS.search(word) for word in words)
    weights = any(WEIGHTS.search(word) for word in words)
    scores = any(SCORES.search(word) for word in words)
    if predictions and not scores:
        return True
    if predictions and call is not None:
        return _along_first_axis(call)
    return weights and not scores and call is None


def _along_first_axis(call: Call) -> bool:
    values = [*call.args[1:], *(value for key, value in call.keywords if key in ("axis", "dim"))]
    if type(call.func) is Attr and not isinstance(call.func.base, Name):
        values += list(call.args[:1])
    return any(type(value) is Const and value.value == 0 for value in values)


def expression_words(expr: Expr) -> set[str]:
    """The names and strings that an expression holds, lower-cased."""
    words = set()
    for node in walk(expr):
        match node:
            case Name():
                words.add(node.id.lower())
            case Attr():
                words.add(node.name.lower())
            case Const(value=str() as text) if len(text) < 60:
                words.add(text.lower())
            case Call():
                words |= {key.lower() for key, _ in node.keywords if key and key not in ("axis", "dim")}
    return words


VALIDATION = re.compile(r"(^|[_\W])(val|valid|validation|dev|heldout|held_out|cv|tune|tuning)", re.I)
TEST_SPLIT = re.compile(r"(^|[_\W])(test|tst|testing)([_\W]|$|acc|loss|set|data|loader|error|score)", re.I)


def names_split(words: set[str]) -> str | None:
    """The part of the data that names speak of: "validation" or "test"; None for neither."""
    if any(VALIDATION.search(word) for word in words):
        return "validation"
    return "test" if any(TEST_SPLIT.search(word) for word in words) else None


_METHOD_ROLES = {
    "mean": "mean",
    "median": "mean",
    "std": "spread",
    "var": "spread",
    "argmax": "extreme",
    "idxmax": "extreme",
}


def _expressions(scope: Scope) -> Iterator[Expr]:
    for assign in scope.assigns:
        yield assign.value
    for site in scope.calls:
        yield site.call
    for returned in scope.returns:
        yield returned.value


def _is_empty(value: Expr) -> bool:
    """Whether a value only makes room for what comes: `scores[seed] = []`."""
    match value:
        case Group(items=()) | Table(pairs=()) | Const():
            return True
        case Call(args=()):
            return tail(value) in {"list", "dict", "set", "defaultdict"}
    return False


def _grows(value: Expr, name: str) -> bool:
    """Whether a value is the name's old one with something added: `total + score`, `np.append(scores, score)`."""
    grown = type(value) is Op or (type(value) is Call and tail(value) in GROWING)
    return grown and _mentions(value, {name})


def _mentions(expr: Expr, names: set[str]) -> bool:
    return _mentions_paths(expr, names)


def _mentions_paths(expr: Expr, names: set[str] | frozenset[str]) -> bool:
    for node in walk(expr):
        if type(node) is Name and node.id in names:
            return True
        if type(node) is Attr and access_path(node) in names:
            return True
    return False


def _between(comparison: Op, names: set[str]) -> bool:
    """Whether a comparison sets two of the collected values side by side."""
    words = expression_words(comparison)
    return all(_mentions_paths(side, names) for side in comparison.operands) and not any(
        TRUTH.search(word) for word in words
    )


def _collects(call: Call) -> bool:
    return type(call.func) is Attr and bool(COLLECT.search(call.func.name))


def _any_argument(call: Call, names: set[str] | frozenset[str]) -> bool:
    return any(_mentions_paths(value, names) for value in [*call.args, *(value for _, value in call.keywords)]) or (
        type(call.func) is Attr and _mentions_paths(call.func.base, names) and not COLLECT.search(call.func.name)
    )


def _binds(assign: Assign, name: str) -> bool:
    return any(type(part) is Name and part.id == name for part in targets(assign.target))


def _compared_with(test: Expr, target: str) -> Expr | None:
    """The score that a test compares with a record: `score` of `score > best`."""
    match test:
        case Op(operator="Gt" | "GtE" | "Lt" | "LtE", operands=(left, right)):
            if target in _paths(right):
                return left
            if target in _paths(left):
                return right
            for side, other in ((left, right), (right, left)):
                if any(RECORD.search(path) for path in _paths(other)):
                    return side
        case Choice():
            for option in test.options:
                found = _compared_with(option, target)
                if found is not None:
                    return found
    return None


def _paths(expr: Expr) -> set[str]:
    found = {access_path(node) for node in walk(expr) if type(node) in (Name, Attr, Item)}
    return {path for path in found if path}


def _kept_from(value: Expr, scores: Expr) -> bool:
    """Whether a record takes over the score itself, or whatever belongs to it."""
    return bool(_paths(value) & _paths(scores)) or (
        type(value) in (Call, Name, Group, Table, Attr) and not _is_empty(value)
    )


def _sums(expr: Expr, names: set[str]) -> bool:
    """A sum over the collected values, or the collected total itself."""
    if type(expr) is Call:
        return tail(expr) in {"sum", "fsum", "add_n"} and _mentions_paths(expr, names)
    return (
        type(expr) in (Name, Attr)
        and access_path(expr) in names
        and bool(re.search(r"sum|total|avg|mean|acc", tail(expr), re.I))
    )


def _score_words(carrier: Expr) -> set[str]:
    return expression_words(carrier.element) if type(carrier) is Comp else set()


def _is_length(call: Call) -> bool:
    return any(type(node) is Call and tail(node) in {"len", "map"} for arg in call.args for node in walk(arg)) or any(
        type(arg) is Const for arg in call.args
    )


def _aggregates(call: Call) -> bool:
    words = expression_words(call)
    return bool(words & {"mean", "std", "median", "agg", "aggregate"}) or tail(call) in {
        "agg",
        "aggregate",
        "describe",
        "pivot_table",
    }


def _short(words: set[str]) -> str:
    telling = sorted(word for word in words if PREDICTIONS.search(word) or WEIGHTS.search(word))
    return telling[0] if telling else "them"
